// One equation: from enclosures of the operands to that of the result.
//
// enclosure = the image of the operands' intervals under the exact operation, widened by the local
// rounding error that the model allows. Images are found by running the reference interpreter in
// DoubleDouble at the ends of the intervals. One exhaustive switch; derivations at each family.

import Core

/// The enclosures of the results, of types `outs`, of `p` on `x`.
func enclose(
  _ p: Primitive, _ x: [Enclosure], outs: [ShapedArray], model: ErrorModel
) throws -> [Enclosure] {
  try unbounded(p, x, outs: outs, model: model).map(\.withinType)
}

/// As `enclose`, where what is unknown of a boolean or a whole number may be told by any bounds.
private func unbounded(
  _ p: Primitive, _ x: [Enclosure], outs: [ShapedArray], model: ErrorModel
) throws -> [Enclosure] {
  guard let out = outs.first else { return [] }
  let x = model.flushesSubnormals ? x.map { $0.withSubnormalsFlushed } : x
  let rule = EnclosureRule(primitive: p, out: out, model: model)
  switch p {
  case .unary(.copy), .unary(.stopGradient): return x
  case .broadcastInDim, .reshape, .transpose, .squeeze, .slice, .rev, .concatenate, .pad:
    return [try rule.image(x, along: .same)]
  // Whole numbers wrap: the negative of the least is the least.
  case .unary(.neg) where !out.dtype.isInexact: return [try rule.wholeNumber(x)]
  case .unary(.neg), .unary(.not): return [try rule.image(x, along: .reversed)]
  case .iota: return [try rule.image(x, along: .same)]
  case .unary(.isFinite): return [try rule.cornerImage(x)]
  case .unary(let op): return [try rule.unary(op, x[0])]
  case .integerPow(let n): return [try rule.integerPow(n, x[0])]
  case .polygamma: return [try rule.polygamma(x[0])]
  case .reducePrecision(let exponentBits, let mantissaBits):
    return [rule.reducePrecision(x[0], exponentBits, mantissaBits)]
  case .binary(let op): return [try rule.binary(op, x[0], x[1])]
  case .compare(let op): return [rule.compare(op, x[0], x[1])]
  case .selectN: return [rule.select(x[0], Array(x.dropFirst()))]
  case .clamp: return [try rule.image(x, along: .same)]
  case .convertElementType: return [try rule.convert(x[0])]
  case .reduce(let op, let axes): return [try rule.reduce(op, axes, x[0])]
  case .argReduce(_, let axis, _):
    return [try rule.argReduce(x[0], extent: x[0].aval.shape[axis])]
  case .dotGeneral: return [try rule.dotGeneral(x[0], x[1])]
  case .convGeneralDilated(let c): return [try rule.convolution(x[0], x[1], c)]
  case .reduceWindow(let op, let window): return [try rule.reduceWindow(op, x[0], window)]
  case .selectAndScatterAdd(let selection, let window):
    return [rule.scatterSelected(x[0], x[1], selection, window)]
  case .selectAndGatherAdd(let selection, let window):
    return [rule.gatherSelected(x[0], x[1], selection, window)]
  case .collective(_, let name), .axisIndex(let name): throw TraceError.unboundAxis(name)
  case .cumulative(let op, let axis, _): return [try rule.cumulative(op, axis, x[0])]
  case .bitcastConvertType: return [try rule.wholeNumber(x)]
  case .sort(let dimension, let keys): return try rule.sort(x, dimension, numKeys: keys)
  case .topK(_, let axis): return try rule.topK(x[0], axis, outs)
  case .split: return try rule.movements(x, outs)
  case .threefry2x32: return try rule.movements(x, outs)
  case .dynamicSlice, .dynamicUpdateSlice, .gather: return [try rule.windows(x)]
  case .scatter(let op, let parameters): return [try rule.scatter(op, parameters, x)]
  case .higherOrder(let op): return try rule.programs(op, x, outs)
  }
}

/// What every rule needs to know of the equation.
struct EnclosureRule {
  let primitive: Primitive
  let out: ShapedArray
  let model: ErrorModel

  /// Which ends of the operands give which ends of the result.
  enum Direction { case same, reversed }

  /// The primitive in DoubleDouble on one array per operand.
  func evaluate(
    _ p: Primitive, _ arrays: [[DoubleDouble]], like x: [Enclosure]
  ) throws -> [DoubleDouble] {
    try evaluateAll(p, arrays, like: x)[0]
  }

  /// As `evaluate`, every result.
  func evaluateAll(
    _ p: Primitive, _ arrays: [[DoubleDouble]], like x: [Enclosure]
  ) throws -> [[DoubleDouble]] {
    let values = zip(arrays, x).map { ReferenceValue<DoubleDouble>(exact: $0, $1.aval) }
    return try ReferenceInterpreter<DoubleDouble>.evaluate(p, values).map(\.exact)
  }

  /// The image under an operation that is monotone in every operand and rounds nothing. Open elements
  /// may be NaN: what comes of them is open.
  func image(_ x: [Enclosure], along direction: Direction) throws -> Enclosure {
    let center = try evaluate(primitive, x.map(\.center), like: x)
    if x.allSatisfy(\.isExact) {
      let exact = try evaluate(primitive, x.map(\.lower), like: x)
      return Enclosure(out, center: center, lower: exact, upper: exact)
    }
    let low = try evaluate(primitive, x.map(\.lower), like: x)
    let high = try evaluate(primitive, x.map(\.upper), like: x)
    var (lower, upper) = direction == .same ? (low, high) : (high, low)
    for i in try reached(from: x) where !(low[i].isNaN && high[i].isNaN) {
      (lower[i], upper[i]) = wholeLine
    }
    return Enclosure(out, center: center, lower: lower, upper: upper)
  }

  /// The elements of the result that are NaN when the open ones are.
  private func reached(from x: [Enclosure]) throws -> [Int] {
    let inexact = x.filter(\.aval.dtype.isInexact)
    guard inexact.contains(where: { $0.lower.indices.contains(where: $0.isOpen) }) else {
      return []
    }
    let marked = x.map { x in
      x.lower.indices.map { x.aval.dtype.isInexact && x.isOpen($0) ? .nan : x.lower[$0] }
    }
    let results = try evaluate(primitive, marked, like: x)
    return results.indices.filter { results[$0].isNaN }
  }

  /// The image under an operation that is monotone in each operand where it is defined: the extremes
  /// over all combinations of ends. An element is open when an end is NaN but not all are, or when
  /// an operand is open.
  func cornerImage(
    _ x: [Enclosure], also extra: [[DoubleDouble]] = []
  ) throws -> Enclosure {
    let center = try evaluate(primitive, x.map(\.center), like: x)
    let isExact = x.allSatisfy(\.isExact)
    let sides = isExact ? [x.map(\.lower)] : corners(x)
    // The truth counts too: xʸ of a negative x is a number only at whole y, between the ends.
    let inside = isExact ? [] : [center]
    let values = try sides.map { try evaluate(primitive, $0, like: x) } + inside + extra
    var (lower, upper) = (center, center)
    for i in center.indices {
      let isOpen = !isExact && x.contains { $0.isOpen($0.aval.rank == 0 ? 0 : i) }
      (lower[i], upper[i]) = isOpen ? wholeLine : span(values.map { $0[i] })
    }
    return Enclosure(out, center: center, lower: lower, upper: upper)
  }

  private func corners(_ x: [Enclosure]) -> [[[DoubleDouble]]] {
    x.reduce([[]]) { found, operand in
      found.flatMap { [$0 + [operand.lower], $0 + [operand.upper]] }
    }
  }
}

/// Everything, NaN included.
let wholeLine = (lower: -DoubleDouble.infinity, upper: DoubleDouble.infinity)

/// The least interval with all of `values`: NaN if all are, the whole line if some are.
func span(_ values: [DoubleDouble]) -> (lower: DoubleDouble, upper: DoubleDouble) {
  let numbers = values.filter { !$0.isNaN }
  guard let first = numbers.first else { return (.nan, .nan) }
  guard numbers.count == values.count else { return wholeLine }
  return (
    numbers.reduce(first) { DoubleDouble.minimum($0, $1) },
    numbers.reduce(first) { DoubleDouble.maximum($0, $1) }
  )
}

extension Enclosure {
  /// With what a type can hold in place of more. An unknown boolean is 0 or 1: as an infinite end it
  /// would be rounded to true, both ends alike. A whole number that may be any is open.
  fileprivate var withinType: Enclosure {
    let range: (lower: DoubleDouble, upper: DoubleDouble)
    switch aval.dtype {
    case .f32, .f64: return self
    case .bool: range = (0, 1)
    case .i32: range = (DoubleDouble(Double(Int32.min)), DoubleDouble(Double(Int32.max)))
    case .u32: range = (0, DoubleDouble(Double(UInt32.max)))
    }
    let whole = aval.dtype == .bool ? range : wholeLine
    var (lower, upper) = (lower, upper)
    for i in lower.indices where lower[i] <= range.lower && upper[i] >= range.upper {
      (lower[i], upper[i]) = whole
    }
    return Enclosure(aval, center: center, lower: lower, upper: upper, origin: origin)
  }

  /// As an implementation sees it that may take a subnormal operand for zero.
  var withSubnormalsFlushed: Enclosure {
    guard let precision = Precision(aval.dtype) else { return self }
    let least = DoubleDouble(precision.leastNormal)
    var (lower, upper) = (lower, upper)
    for i in lower.indices where lower[i] != 0 || upper[i] != 0 {
      if lower[i] > 0, lower[i] < least { lower[i] = 0 }
      if upper[i] < 0, upper[i] > -least { upper[i] = -0.0 }
    }
    return Enclosure(aval, center: center, lower: lower, upper: upper, origin: origin)
  }
}

extension ReferenceValue where S == DoubleDouble {
  /// Exact numbers as a value of the type `aval`.
  init(exact: [DoubleDouble], _ aval: ShapedArray) {
    switch aval.dtype {
    case .f32, .f64: self = .inexact(DenseArray(shape: aval.shape, scalars: exact))
    case .i32, .u32, .bool:
      self.init(Buffer(shape: aval.shape, Storage(rounding: exact, to: aval.dtype)))
    }
  }
}
