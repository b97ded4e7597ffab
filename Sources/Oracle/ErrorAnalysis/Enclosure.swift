// The set of numbers that an honest implementation may return: for each element an interval around
// the truth, in place of a tolerance.
//
// Three kinds of element: an interval; a certain NaN (all three NaN); and an open one, the whole
// line with NaN, of which the analysis knows nothing (a pole, an overflow or a NaN may lie inside).
// A boolean is never open: nothing is known of it where it may be 0 or 1.

public import Core

/// For each element of a value the truth and the interval in which a computed one must lie.
public struct Enclosure: Sendable {
  /// What tells a number from others with the same bounds.
  final class Origin: Sendable {}

  /// The type of the value.
  public let aval: ShapedArray
  /// The truth, row-major.
  public let center: [DoubleDouble]
  /// The least that may be computed.
  public let lower: [DoubleDouble]
  /// The largest that may be computed.
  public let upper: [DoubleDouble]
  /// Enclosures of one origin are of one value, computed once: loops and branches pass it on.
  let origin: Origin

  init(
    _ aval: ShapedArray, center: [DoubleDouble], lower: [DoubleDouble], upper: [DoubleDouble],
    origin: Origin = Origin()
  ) {
    precondition(
      [center, lower, upper].allSatisfy { $0.count == aval.size }, "bounds do not fit \(aval)")
    self.aval = aval
    self.center = center
    self.lower = lower
    self.upper = upper
    self.origin = origin
  }

  /// Exactly these values.
  public init(_ buffer: Buffer) {
    let exact = buffer.storage.exact
    self.init(buffer.aval, center: exact, lower: exact, upper: exact)
  }

  /// Whether nothing is known of element `i`.
  public func isOpen(_ i: Int) -> Bool {
    lower[i] == -.infinity && upper[i] == .infinity
  }

  /// Whether element `i` is one number exactly (or a certain NaN).
  func isExact(_ i: Int) -> Bool { lower[i] == upper[i] || lower[i].isNaN }

  /// Whether every element is exact.
  var isExact: Bool { lower.indices.allSatisfy { isExact($0) } }

  /// Whether `value` may be computed for element `i`; an open element admits everything.
  public func admits(_ value: DoubleDouble, at i: Int) -> Bool {
    if isOpen(i) { return true }
    if value.isNaN || lower[i].isNaN { return value.isNaN && lower[i].isNaN }
    return lower[i] <= value && value <= upper[i]
  }

  /// How far from the truth element `i` may lie: the farther end of its interval.
  public func radius(_ i: Int) -> Double {
    if isExact(i) { return 0 }
    if isOpen(i) { return .infinity }
    let (below, above) = (Double(center[i] - lower[i]), Double(upper[i] - center[i]))
    return Swift.max(below, above)
  }

  /// The larger of the magnitudes of the ends.
  func magnitude(_ i: Int) -> DoubleDouble {
    let (l, u) = (DoubleDouble.absolute(lower[i]), DoubleDouble.absolute(upper[i]))
    return DoubleDouble.maximum(l, u)
  }
}

/// The enclosures of the outputs of `jaxpr` at `inputs` on an implementation that obeys `model`.
public func enclose(
  _ jaxpr: Jaxpr, _ inputs: [Buffer], model: ErrorModel
) throws -> [Enclosure] {
  try enclose(jaxpr, inputs.map { Enclosure($0) }, model: model)
}

/// The enclosures of the outputs of `jaxpr` from those of its inputs.
func enclose(
  _ jaxpr: Jaxpr, _ inputs: [Enclosure], model: ErrorModel
) throws -> [Enclosure] {
  let consts = try jaxpr.consts.map { Enclosure(try $0.buffer) }
  var known = Dictionary(
    uniqueKeysWithValues: zip(jaxpr.constvars + jaxpr.invars, consts + inputs))
  func read(_ atom: Atom) -> Enclosure {
    switch atom {
    case .literal(let l): return Enclosure(l)
    case .variable(let v):
      guard let enclosure = known[v] else { preconditionFailure("unbound variable \(v.aval)") }
      return enclosure
    }
  }
  for eqn in jaxpr.eqns {
    let results = try enclose(
      eqn.primitive, eqn.ins.map(read), outs: eqn.outs.map(\.aval), model: model)
    for (v, result) in zip(eqn.outs, results) { known[v] = result }
  }
  return jaxpr.outs.map(read)
}

extension Enclosure {
  /// A constant of the program: the dtype's own number, or, if it lies between two, either of them.
  init(_ literal: Literal) {
    let aval = ShapedArray(literal.dtype)
    let rounded = literal.rounded.exact[0]
    guard let precision = Precision(literal.dtype), rounded != literal.value, !rounded.isNaN else {
      self.init(aval, center: [rounded], lower: [rounded], upper: [rounded])
      return
    }
    let ulp = DoubleDouble(precision.ulp(literal.value))
    self.init(
      aval, center: [literal.value], lower: [literal.value - ulp], upper: [literal.value + ulp])
  }
}
