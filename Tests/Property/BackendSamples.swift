// Equations and operands for the laws of backends: every primitive, every dtype it takes, shapes
// with empty, single and unequal axes. All randomness comes from a seed that failures print.

import Catalogue
import Core

/// One equation of a backend test.
struct BackendSample: CustomStringConvertible {
  let primitive: Primitive
  let ins: [ShapedArray]

  init(_ primitive: Primitive, _ ins: [ShapedArray]) {
    (self.primitive, self.ins) = (primitive, ins)
  }

  var description: String { "\(primitive) of \(ins)" }

  /// Whether it is a function that the backend rounds otherwise than the reference.
  var hasOwnRounding: Bool {
    guard case .unary(let op) = primitive else { return false }
    return op.hasOwnRounding && ins[0].dtype.isInexact
  }
}

/// Short decimals between −4 and 4, or for whole numbers between −9 and 9.
func ordinaryBuffer(_ aval: ShapedArray, _ random: inout SeededGenerator) -> Buffer {
  let values = (0..<aval.size).map { _ in
    let whole = DoubleDouble(Int.random(in: -40...40, using: &random))
    return aval.dtype.isInexact ? whole / 10 : whole
  }
  return Buffer(shape: aval.shape, Storage(rounding: values, to: aval.dtype))
}

/// As `ordinaryBuffer`, with every third element a zero of either sign, an infinity, a NaN, a
/// subnormal, a half, or a large number.
func specialBuffer(_ aval: ShapedArray, _ random: inout SeededGenerator) -> Buffer {
  let special: [Double] = [0, -0.0, .infinity, -.infinity, .nan, 1e-40, -0x1p-1074, 2.5, -0.5, 3e9]
  let ordinary = ordinaryBuffer(aval, &random).storage.exact
  let values = ordinary.map { x in
    Int.random(in: 0..<3, using: &random) > 0
      ? x : DoubleDouble(special.randomElement(using: &random) ?? 0)
  }
  return Buffer(shape: aval.shape, Storage(rounding: values, to: aval.dtype))
}

let sampleShapes = [[], [0], [1], [5], [2, 3], [3, 0, 2], [3, 1, 5], [2, 19, 3, 2]]

/// Elementwise equations of floating-point operands, choices and conversions of every dtype.
func elementwiseSamples(_ shape: [Int], _ dtype: DType) -> [BackendSample] {
  let (x, scalar) = (ShapedArray(dtype, shape), ShapedArray(dtype))
  let pairs = [[x, x], [x, scalar], [scalar, x]]
  var samples = Unary.allCases.map { BackendSample(.unary($0), [x]) }
  samples += (-3...7).map { BackendSample(.integerPow($0), [x]) }
  samples += (1...3).map { BackendSample(.polygamma(order: $0), [x]) }
  samples += Binary.allCases.flatMap { op in pairs.map { BackendSample(.binary(op), $0) } }
  samples += Comparison.allCases.flatMap { op in pairs.map { BackendSample(.compare(op), $0) } }
  samples += [[x, x, x], [scalar, x, scalar], [x, x, scalar]].map { BackendSample(.clamp, $0) }
  samples += DType.allCases.map { BackendSample(.convertElementType($0), [x]) }
  for which in [ShapedArray(.bool, shape), ShapedArray(.bool)] {
    samples.append(BackendSample(.selectN, [which, x, x]))
  }
  for which in [ShapedArray(.i32, shape), ShapedArray(.u32)] {
    samples.append(BackendSample(.selectN, [which, x, x, x]))
  }
  return samples.filter { (try? typingRule($0.primitive, $0.ins)) != nil }
}

/// Equations that move elements.
func movementSamples(_ shape: [Int], _ dtype: DType) -> [BackendSample] {
  let x = ShapedArray(dtype, shape)
  let axes = Array(shape.indices)
  let ones = axes.map { _ in 1 }
  let wide = shape.map { $0 == 1 ? 4 : $0 }
  var samples = [
    BackendSample(
      .broadcastInDim(shape: [2] + wide + [3], dims: axes.map { $0 + 1 }), [x]),
    BackendSample(.reshape([1, x.size]), [x]),
    BackendSample(.transpose(axes.reversed()), [x]),
    BackendSample(.squeeze(axes.filter { shape[$0] == 1 }), [x]),
    BackendSample(.rev(axes), [x]),
    BackendSample(.rev(Array(axes.dropFirst())), [x]),
    BackendSample(
      .slice(start: shape.map { $0 / 3 }, limit: shape, strides: ones.map { $0 + 1 }), [x]),
    BackendSample(.slice(start: axes.map { _ in 0 }, limit: shape, strides: ones), [x]),
    BackendSample(.pad(axes.map { PaddingConfig(1, 2, $0 % 2) }), [x, ShapedArray(dtype)]),
    BackendSample(.pad(axes.map { PaddingConfig(-1, 3, 1 + $0) }), [x, ShapedArray(dtype)]),
    BackendSample(.pad(axes.map { _ in PaddingConfig(2, -1) }), [x, ShapedArray(dtype)]),
  ]
  if shape.count > 1 {
    samples.append(BackendSample(.transpose(Array(axes.dropFirst()) + [0]), [x]))
  }
  samples += axes.map { BackendSample(.concatenate($0), [x, x, x]) }
  samples += axes.map { BackendSample(.iota(dtype, shape: shape, dim: $0), []) }
  return samples.filter { (try? typingRule($0.primitive, $0.ins)) != nil }
}

/// Cumulative reductions, sorts, sections, bits.
func orderSamples(_ shape: [Int], _ dtype: DType) -> [BackendSample] {
  let x = ShapedArray(dtype, shape)
  var samples = [BackendSample(.threefry2x32, [x, x, x, x])]
  samples += DType.allCases.map { BackendSample(.bitcastConvertType($0), [x]) }
  for axis in shape.indices {
    for op in Cumulative.allCases {
      samples += [true, false].map {
        BackendSample(.cumulative(op, axis: axis, reverse: $0), [x])
      }
    }
    samples += [
      BackendSample(.sort(dimension: axis, numKeys: 1), [x, ShapedArray(.i32, shape)]),
      BackendSample(.sort(dimension: axis, numKeys: 2), [ShapedArray(.bool, shape), x, x]),
      BackendSample(.topK(shape[axis], axis: axis), [x]),
      BackendSample(.topK(shape[axis] / 2, axis: axis), [x]),
      BackendSample(
        .split(sizes: [shape[axis] / 3, 0, shape[axis] - shape[axis] / 3], axis: axis), [x]),
    ]
  }
  return samples.filter { (try? typingRule($0.primitive, $0.ins)) != nil }
}

/// Every subset of the axes, reduced by `op`.
func reductionSamples(_ op: Reduction, _ shape: [Int], _ dtype: DType) -> [BackendSample] {
  (0..<(1 << shape.count)).map { mask in
    BackendSample(
      .reduce(op, axes: shape.indices.filter { mask >> $0 & 1 == 1 }), [ShapedArray(dtype, shape)])
  }
}

/// A dot_general with up to two axes of each role, every axis where chance puts it.
func randomDot(_ dtype: DType, _ random: inout SeededGenerator) -> BackendSample {
  func extents() -> [Int] {
    (0..<Int.random(in: 0...2, using: &random)).map { _ in
      [0, 1, 1, 2, 2, 3, 3, 5, 5, 9].randomElement(using: &random) ?? 1
    }
  }
  let (batch, contracted) = (extents(), extents())
  func operand() -> (aval: ShapedArray, batch: [Int], contracted: [Int]) {
    let all = batch + contracted + extents()
    let places = all.indices.shuffled(using: &random)
    var shape = all
    for (extent, place) in zip(all, places) { shape[place] = extent }
    let roles = (Array(places.prefix(batch.count)), places.dropFirst(batch.count))
    return (ShapedArray(dtype, shape), roles.0, Array(roles.1.prefix(contracted.count)))
  }
  let (x, y) = (operand(), operand())
  let numbers = DotDimensionNumbers(
    contracting: (x.contracted, y.contracted), batch: (x.batch, y.batch))
  return BackendSample(.dotGeneral(numbers), [x.aval, y.aval])
}
