// What one evaluation of an equation may be off: by chance, and always alike.
//
// The enclosure rules say how far, r, an element may be off at its operands. Of a result that is rounded
// in the end at most h = ½ ulp is rounding. It is symmetric and its density falls from the middle, so it is a
// mixture of uniform errors in ±h, and E exp(λξ) ≤ exp(λ²h²/6): no more than a normal number of deviation h/√3
// has. What is left, r − h, belongs to the function (an approximation, a reciprocal taken once): the
// same in each evaluation, anywhere in ±(r − h).
// A sum of n terms rounds m = n − 1 times, a contraction of K terms m = K times in effect (the squares of K
// products add up to at most S²): each rounding is in ±uS, S the sum of the magnitudes, and r ≥ muS. Being
// independent they come to a deviation of at most r/√(3m), and no part of it is always alike.

import Core

/// The errors that one result of an equation may have, element by element.
struct RoundingErrors: Sendable {
  /// The deviation of what chance decides, with the sign of the result.
  let scatter: [Double]
  /// The most that is always alike, with the sign of the result.
  let bias: [Double]
  /// What identifies a rounding: the significand of the exact result.
  ///
  /// An implementation is a function: wherever the same operands meet the same operation, in another element,
  /// step or equation, the rounding is the same. A power of two does not change it, and the sign only its sign.
  let keys: [UInt64]

  /// The errors of the result `bound`, exact operands taken for granted; nil where nothing rounds.
  /// `enlargement` multiplies them.
  /// - Throws: `TraceError.badArgument` if they have no bound.
  init?(_ bound: Enclosure, of eqn: Eqn, enlargement: Double) throws {
    guard let precision = Precision(bound.aval.dtype), !bound.isExact else { return nil }
    let radii = bound.center.indices.map { bound.radius($0) }
    guard radii.allSatisfy(\.isFinite) else {
      throw TraceError.badArgument(
        "\(eqn.primitive.name) \(bound.aval) has no bound: no drift is predicted")
    }
    let roundings = accumulatedRoundings(eqn)
    var (scatter, bias) = (radii, radii)
    for (i, radius) in radii.enumerated() {
      let signed = bound.center[i] < 0 ? -enlargement : enlargement
      let rounding = min(radius, precision.ulp(bound.center[i]) / 2)
      let deviation = roundings.map { radius / Double($0).squareRoot() } ?? rounding
      scatter[i] = signed * deviation / 3.0.squareRoot()
      bias[i] = roundings == nil ? signed * (radius - rounding) : 0
    }
    (self.scatter, self.bias) = (scatter, bias)
    keys = bound.center.map { Double($0).significandBitPattern }
  }
}

/// How many roundings of a partial sum a result accumulates; nil for what is no sum.
private func accumulatedRoundings(_ eqn: Eqn) -> Int? {
  guard let operand = eqn.ins.first?.aval.shape else { return nil }
  switch eqn.primitive {
  case .reduce(.sum, let axes): return max(1, axes.reduce(1) { $0 * operand[$1] } - 1)
  case .dotGeneral(let numbers): return numbers.lhsContracting.reduce(1) { $0 * operand[$1] }
  // Others that sum, convolutions and scans for instance, count as biased: an error too large, never too small.
  case .cumulative, .reduce, .unary, .binary, .integerPow, .polygamma, .reducePrecision, .compare,
    .selectN, .clamp, .convertElementType, .broadcastInDim, .reshape, .transpose, .squeeze,
    .concatenate, .slice, .rev, .pad, .iota, .argReduce, .convGeneralDilated, .reduceWindow,
    .selectAndScatterAdd, .selectAndGatherAdd, .bitcastConvertType, .sort, .topK, .split,
    .threefry2x32, .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter, .higherOrder, .collective,
    .axisIndex:
    return nil
  }
}
