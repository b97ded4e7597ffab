// Samples of the elementwise primitives with the domain of each.

import Core

extension Catalogue {
  /// One operand: a matrix and a scalar in each domain.
  static func unarySamples(_ op: Unary, _ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return wholeUnarySamples(op, dtype) }
    let (domains, derivative) = unaryDomains(op)
    let (name, parameters) = unaryProgram(op)
    return domains.flatMap { domain in
      [[2, 3], []].map { shape in
        Sample(
          name, parameters, family: derivative == .none ? "comparison" : "unary",
          [Operand(ShapedArray(dtype, shape), in: domain)], derivative)
      }
    }
  }

  private static func unaryProgram(_ op: Unary) -> (name: String, parameters: String) {
    switch op {
    case .roundAwayFromZero: ("round", #"{"rounding_method":0}"#)
    case .roundToEven: ("round", #"{"rounding_method":1}"#)
    case .neg, .sign, .floor, .ceil, .abs, .square, .sqrt, .rsqrt, .cbrt, .exp, .exp2, .expm1,
      .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
      .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite, .not, .copy,
      .stopGradient, .populationCount, .clz:
      (op.rawValue, "{}")
    }
  }

  /// Where each function is smooth and its derivative neither huge nor lost; empty if it takes no
  /// floating point.
  private static func unaryDomains(
    _ op: Unary
  ) -> (domains: [ClosedRange<Double>], derivative: Sample.Derivative) {
    switch op {
    case .neg, .square, .exp, .exp2, .expm1, .logistic, .sin, .cos, .atan, .sinh, .cosh, .tanh,
      .asinh, .erf, .erfc, .copy:
      ([-2...2], .smooth)
    case .abs, .cbrt: ([0.3...2, -2...(-0.3)], .smooth)
    case .sqrt, .rsqrt, .log: ([0.3...4], .smooth)
    case .log1p: ([-0.6...3], .smooth)
    case .tan: ([-1.2...1.2], .smooth)
    case .asin, .acos, .atanh, .erfInv: ([-0.9...0.9], .smooth)
    case .acosh: ([1.2...4], .smooth)
    case .lgamma: ([0.4...5, -0.8...(-0.2)], .smooth)
    case .digamma: ([0.4...5], .smooth)
    case .sign: ([0.3...2, -2...(-0.3)], .zero)
    case .floor, .ceil: ([1.1...1.9, -2.9...(-2.1)], .zero)
    case .roundAwayFromZero, .roundToEven: ([0.6...1.4, -2.4...(-1.6)], .zero)
    case .stopGradient: ([-2...2], .convention)
    case .isFinite: ([-2...2], .none)
    case .not, .populationCount, .clz: ([], .none)
    }
  }

  private static func wholeUnarySamples(_ op: Unary, _ dtype: DType) -> [Sample] {
    let takes: Bool =
      switch op {
      case .abs: dtype == .i32
      case .neg, .sign, .square: dtype != .bool
      case .not, .copy, .stopGradient: true
      case .populationCount, .clz: dtype != .bool
      case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2,
        .expm1, .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh,
        .tanh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite:
        false
      }
    return takes
      ? [Sample(op.rawValue, family: "integer", [whole(dtype, [2, 3])], .none)] : []
  }

  /// Two operands: matrices of one shape, and a scalar on either side.
  static func binarySamples(_ op: Binary, _ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return wholeBinarySamples(op, dtype) }
    return binaryDomains(op).flatMap { x, y in
      [([2, 3], [2, 3]), ([3, 2], []), ([], [3, 2])].map { (shapes: ([Int], [Int])) in
        Sample(
          op.rawValue, family: "binary",
          [
            Operand(ShapedArray(dtype, shapes.0), in: x),
            Operand(ShapedArray(dtype, shapes.1), in: y),
          ], op == .nextafter ? .none : .smooth)
      }
    }
  }

  /// Where both derivatives are smooth. `max` and `min` see each operand win; x/y of `rem` keeps
  /// between whole numbers.
  private static func binaryDomains(
    _ op: Binary
  ) -> [(ClosedRange<Double>, ClosedRange<Double>)] {
    switch op {
    case .add, .sub, .mul, .addAny: [(-2...2, -2...2)]
    case .div: [(-2...2, 0.5...3), (-2...2, -3...(-0.5))]
    case .rem: [(4.1...4.4, 1.5...1.6), (-4.4...(-4.1), 1.5...1.6)]
    case .pow: [(0.3...3, -2...2)]
    case .atan2: [(-2...2, 0.3...2), (0.3...2, -2...2)]
    case .max, .min: [(1...2, -2...0.5), (-2...0.5, 1...2), (-2...2, 0.0005...0.0005)]
    case .nextafter: [(-2...2, -2...2)]
    case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic: []
    }
  }

  private static func wholeBinarySamples(_ op: Binary, _ dtype: DType) -> [Sample] {
    let takes: Bool =
      switch op {
      case .max, .min, .and, .or, .xor: true
      case .add, .sub, .mul, .div, .rem: dtype != .bool
      case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic: dtype != .bool
      case .pow, .atan2, .addAny, .nextafter: false
      }
    // Division by zero is undefined for whole numbers (AD-3).
    let divides = op == .div || op == .rem
    let y = divides ? Operand(ShapedArray(dtype, [3, 4]), in: 1...4) : whole(dtype, [3, 4])
    return takes ? [Sample(op.rawValue, family: "integer", [whole(dtype, [3, 4]), y], .none)] : []
  }

  /// A mask, a scalar mask, and an index among three cases.
  static func selectSamples(_ dtype: DType) -> [Sample] {
    let cases = (0..<3).map { _ in
      dtype.isInexact ? Operand(ShapedArray(dtype, [2, 3])) : whole(dtype, [2, 3])
    }
    let derivative: Sample.Derivative = dtype.isInexact ? .smooth : .none
    let masks = [[2, 3], []].map { Operand(ShapedArray(.bool, $0), in: 0...1) }
    return masks.map {
      Sample("select_n", family: "selection", [$0] + cases.prefix(2), derivative)
    } + [
      Sample(
        "select_n", family: "selection",
        [Operand(ShapedArray(.i32, [2, 3]), in: 0...2)] + cases, derivative)
    ]
  }

  /// Bounds that never meet a three-decimal x: inside, outside on both sides, and bounds of x's
  /// shape.
  static func clampSamples(_ dtype: DType) -> [Sample] {
    switch dtype {
    case .f32, .f64:
      [[], [3, 4]].map { bounds in
        Sample(
          "clamp", family: "selection",
          [
            Operand(ShapedArray(dtype, bounds), in: -0.7005...(-0.7005)),
            Operand(ShapedArray(dtype, [3, 4])),
            Operand(ShapedArray(dtype, bounds), in: 0.8005...0.8005),
          ])
      }
    case .i32, .u32:
      [
        Sample(
          "clamp", family: "integer",
          [
            Operand(ShapedArray(dtype), in: 1...2), whole(dtype, [3, 4]),
            Operand(ShapedArray(dtype), in: 3...4),
          ], .none)
      ]
    case .bool:
      [Sample("clamp", family: "integer", (0..<3).map { _ in whole(dtype, [3, 4]) }, .none)]
    }
  }

  /// To every other dtype.
  static func conversionSamples(_ dtype: DType) -> [Sample] {
    DType.allCases.map { target in
      let parameters = #"{"new_dtype":"\#(target)"}"#
      let domain = target == .u32 ? 0.0...4 : -4.0...4
      let x =
        dtype.isInexact
        ? Operand(ShapedArray(dtype, [2, 3]), in: domain)
        : Operand(ShapedArray(dtype, [2, 3]), in: target == .u32 ? 0...1 : whole(dtype, []).domain)
      return Sample(
        "convert_element_type", parameters, family: "conversion", [x],
        dtype.isInexact && target.isInexact ? .smooth : .none)
    }
  }
}
