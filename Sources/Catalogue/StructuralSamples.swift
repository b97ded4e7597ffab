// Samples of the primitives that move elements, reduce over axes and contract.

import Core

extension Catalogue {
  /// Operands of several shapes and the parameters of each program that moves elements.
  static func structuralSamples(_ primitive: Primitive, _ dtype: DType) -> [Sample] {
    let derivative: Sample.Derivative = dtype.isInexact ? .smooth : .none
    if case .iota = primitive { return iotaSamples(dtype) }
    return structuralForms(primitive).map { shapes, parameters in
      let operands = shapes.map {
        dtype.isInexact ? Operand(ShapedArray(dtype, $0)) : whole(dtype, $0)
      }
      return Sample(primitive.name, parameters, family: "structural", operands, derivative)
    }
  }

  /// The shapes of the operands, and the parameters.
  private static func structuralForms(_ primitive: Primitive) -> [([[Int]], String)] {
    switch primitive {
    case .broadcastInDim:
      [
        ([[3]], #"{"broadcast_dimensions":[1],"shape":[2,3]}"#),
        ([[2]], #"{"broadcast_dimensions":[0],"shape":[2,3]}"#),
        ([[]], #"{"broadcast_dimensions":[],"shape":[2,3]}"#),
        ([[2, 1, 4]], #"{"broadcast_dimensions":[0,1,3],"shape":[2,3,5,4]}"#),
      ]
    case .reshape:
      [([[2, 3]], #"{"new_sizes":[3,2]}"#), ([[2, 3, 2]], #"{"new_sizes":[4,1,3]}"#)]
    case .transpose:
      [([[2, 3]], #"{"permutation":[1,0]}"#), ([[2, 3, 4]], #"{"permutation":[2,0,1]}"#)]
    case .squeeze: [([[1, 3, 1, 2]], #"{"dimensions":[0,2]}"#)]
    case .concatenate:
      [
        ([[2, 3], [1, 3], [3, 3]], #"{"dimension":0}"#),
        ([[2, 3], [2, 1]], #"{"dimension":1}"#),
      ]
    case .slice:
      [
        ([[5, 4]], #"{"limit_indices":[4,3],"start_indices":[1,1],"strides":[1,1]}"#),
        ([[7, 5]], #"{"limit_indices":[6,5],"start_indices":[1,0],"strides":[2,3]}"#),
      ]
    case .rev: [([[2, 3, 4]], #"{"dimensions":[0,2]}"#)]
    case .pad:
      [
        ([[2, 3], []], #"{"padding_config":[[1,2,0],[0,1,0]]}"#),
        ([[3, 4], []], #"{"padding_config":[[0,1,2],[2,0,1]]}"#),
        ([[5, 4], []], #"{"padding_config":[[-1,-2,0],[1,-1,0]]}"#),
        ([[4, 3], []], #"{"padding_config":[[-1,1,1],[2,-2,1]]}"#),
      ]
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .compare, .selectN, .clamp,
      .convertElementType, .iota, .reduce, .argReduce, .dotGeneral, .collective, .axisIndex,
      .higherOrder,
      .convGeneralDilated, .reduceWindow, .selectAndScatterAdd, .selectAndGatherAdd,
      .cumulative, .bitcastConvertType, .sort, .topK,
      .split, .threefry2x32, .dynamicSlice, .dynamicUpdateSlice,
      .gather, .scatter:
      []
    }
  }

  private static func iotaSamples(_ dtype: DType) -> [Sample] {
    guard dtype != .bool else { return [] }
    return [([5], 0), ([2, 3], 1)].map { (shape: [Int], dim: Int) in
      Sample(
        "iota", #"{"dimension":\#(dim),"dtype":"\#(dtype)","shape":\#(shape)}"#,
        family: "structural", [], .none)
    }
  }

  /// One axis, several, all, none; `max` and `min` of numbers that keep apart, `prod` of numbers
  /// that are not 0.
  static func reductionSamples(_ op: Reduction, _ dtype: DType) -> [Sample] {
    let isLogical = op == .and || op == .or || op == .xor
    guard isLogical ? !dtype.isInexact : dtype != .bool else { return [] }
    let forms: [(shape: [Int], axes: [Int])] = [
      ([3, 4], [0]), ([3, 4], [1]), ([2, 3, 4], [0, 2]), ([2, 3], [0, 1]), ([3], []),
      ([200, 2], [0]),
    ]
    return forms.map { shape, axes in
      let axesText = "{\"axes\":\(axes)}"
      guard dtype.isInexact else {
        return Sample(
          "reduce_\(op.rawValue)", axesText, family: "integer", [whole(dtype, shape)], .none)
      }
      return Sample(
        "reduce_\(op.rawValue)", axesText, family: "reduction",
        [reducedOperand(op, ShapedArray(dtype, shape))])
    }
  }

  private static func reducedOperand(_ op: Reduction, _ aval: ShapedArray) -> Operand {
    switch op {
    case .sum, .and, .or, .xor: Operand(aval)
    case .max, .min: Operand(aval, isDistinct: true)
    case .prod: Operand(aval, in: 0.7...1.4)
    }
  }

  /// Vectors, matrices in each of the four layouts, batches, several contracting axes, none, and a
  /// long sum.
  static func contractionSamples(_ dtype: DType) -> [Sample] {
    let forms: [(lhs: [Int], rhs: [Int], numbers: String)] = [
      ([3], [3], "[[[0],[0]],[[],[]]]"),
      ([2, 3], [3], "[[[1],[0]],[[],[]]]"),
      ([3], [3, 2], "[[[0],[0]],[[],[]]]"),
      ([2, 3], [3, 4], "[[[1],[0]],[[],[]]]"),
      ([2, 3], [4, 3], "[[[1],[1]],[[],[]]]"),
      ([3, 2], [3, 4], "[[[0],[0]],[[],[]]]"),
      ([3, 2], [4, 3], "[[[0],[1]],[[],[]]]"),
      ([2, 3], [4], "[[[],[]],[[],[]]]"),
      ([5, 2, 3], [5, 3, 4], "[[[2],[1]],[[0],[0]]]"),
      ([2, 5, 3], [3, 4, 5], "[[[2],[0]],[[1],[2]]]"),
      ([2, 3, 4], [4, 3, 5], "[[[1,2],[1,0]],[[],[]]]"),
      ([2, 3, 4, 5], [5, 2, 4, 6], "[[[2,3],[2,0]],[[0],[1]]]"),
      ([3, 4], [3, 4], "[[[],[]],[[0,1],[0,1]]]"),
      ([2, 400], [400, 3], "[[[1],[0]],[[],[]]]"),
    ]
    switch dtype {
    case .f32, .f64, .i32, .u32:
      return forms.map { lhs, rhs, numbers in
        let operands = [lhs, rhs].map {
          dtype.isInexact ? Operand(ShapedArray(dtype, $0)) : whole(dtype, $0)
        }
        return Sample(
          "dot_general", "{\"dimension_numbers\":\(numbers)}",
          family: dtype.isInexact ? "contraction" : "integer", operands,
          dtype.isInexact ? .smooth : .none)
      }
    case .bool: return []
    }
  }
}
