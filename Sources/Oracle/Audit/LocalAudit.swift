// Is each kernel right? Every equation is judged by itself, from the backend's own operands.
//
// Errors that earlier equations made are in the operands and do not count: what is left is the
// equation's own rounding, which its enclosure bounds. So the first finding is the first equation
// at fault, however much later ones amplify it.

public import Core

/// How one result of one equation of one run fared.
public struct EquationAudit: Sendable {
  /// Its place in the jaxpr.
  public let index: Int
  /// `primitive type`, as reports name it.
  public let name: String
  /// Whether every element was computed as exact arithmetic or pure movement demands, bit for bit.
  public let isExact: Bool
  /// The worst error, in ulps of the result.
  public let error: Double
  /// What the model allows at that element, in ulps.
  public let allowed: Double
  /// The first element outside its enclosure, and what stands there.
  public let violation: Violation?
  /// How many elements were decided.
  public let compared: Int
  /// The smallest relative error of the whole kernel that would have been seen.
  public let detects: Double
}

/// An element outside its enclosure.
public struct Violation: Sendable {
  /// The index of the element in its tensor.
  public let index: [Int]
  /// What the backend computed.
  public let computed: DoubleDouble
  /// The exact result of the backend's operands.
  public let truth: DoubleDouble
}

/// Judges every result of every equation of `jaxpr`, run on `backend` at `inputs`.
public func auditEquations(
  _ jaxpr: Jaxpr, _ inputs: [Buffer], on backend: any Backend, model: ErrorModel
) throws -> [EquationAudit] {
  let trace = try backend.compile(jaxpr).trace(inputs)
  return try jaxpr.eqns.indices.flatMap { index in
    let eqn = jaxpr.eqns[index]
    let enclosures = try enclose(
      eqn.primitive, trace.operands[index].map { Enclosure($0) }, outs: eqn.outs.map(\.aval),
      model: model)
    return zip(enclosures, trace.results[index]).map { enclosure, computed in
      EquationAudit(index, eqn, enclosure, computed: computed.storage.exact)
    }
  }
}

extension EquationAudit {
  init(_ index: Int, _ eqn: Eqn, _ enclosure: Enclosure, computed: [DoubleDouble]) {
    let decided = computed.indices.filter { !enclosure.isOpen($0) }
    let outside = decided.first { !enclosure.admits(computed[$0], at: $0) }
    let worst = Self.worst(enclosure, computed, decided)
    self.index = index
    name = "\(eqn.primitive.name) \(enclosure.aval)"
    isExact = enclosure.isExact
    (error, allowed) = worst
    violation = outside.map {
      Violation(
        index: multiIndex($0, enclosure.aval.shape), computed: computed[$0],
        truth: enclosure.center[$0])
    }
    compared = decided.count
    detects = detectionThreshold(enclosure, computed, decided)
  }

  /// The element that uses most of what it is allowed: its error and its allowance in ulps.
  private static func worst(
    _ enclosure: Enclosure, _ computed: [DoubleDouble], _ decided: [Int]
  ) -> (error: Double, allowed: Double) {
    guard let precision = Precision(enclosure.aval.dtype) else { return (0, 0) }
    var worst = (error: 0.0, allowed: 0.0)
    var share = -1.0
    for i in decided where enclosure.center[i].isFinite && computed[i].isFinite {
      let ulp = precision.ulp(enclosure.center[i])
      let error = abs(Double(computed[i] - enclosure.center[i])) / ulp
      let allowed = enclosure.radius(i) / ulp
      let used = error == 0 ? 0 : error / allowed
      if used > share { (worst, share) = ((error, allowed), used) }
    }
    return worst
  }
}

/// The smallest ε such that every element times 1 + ε, or times 1 − ε, would have left some
/// element's enclosure: the least over elements, the worse of the two signs.
func detectionThreshold(
  _ enclosure: Enclosure, _ computed: [DoubleDouble], _ decided: [Int]
) -> Double {
  var (outward, inward) = (Double.infinity, Double.infinity)
  for i in decided where computed[i].isFinite && computed[i] != 0 {
    let value = computed[i]
    let above = Double((enclosure.upper[i] - value) / DoubleDouble.absolute(value))
    let below = Double((value - enclosure.lower[i]) / DoubleDouble.absolute(value))
    outward = min(outward, value > 0 ? above : below)
    inward = min(inward, value > 0 ? below : above)
  }
  return max(outward, inward)
}

/// The index of the element at flat position `position` of an array of `shape`.
func multiIndex(_ position: Int, _ shape: [Int]) -> [Int] {
  zip(shape, rowMajorStrides(shape)).map { (position / $1) % $0 }
}
