// One number of a golden and ours, each judged by the truth.
//
// Decided by analysis: the element's enclosure is an interval (or a certain NaN), and the number
// must lie in it: JAX's in the enclosure under JAX's errors, ours in that under the backend's.
// Decided by convention: the enclosure is open (a pole, an overflow or a branch lies within the
// rounding errors), the truth cannot say, and ours must be what JAX chose: the same of NaN, +∞, −∞
// or finite, and of one sign when finite (a zero goes with either: it may be an underflow).

import Core

/// What a number is where its digits mean nothing.
enum NumberClass: String {
  case nan, positiveInfinity, negativeInfinity, finite

  init(_ x: DoubleDouble) {
    self =
      x.isNaN
      ? .nan
      : x == .infinity
        ? .positiveInfinity
        : x == -.infinity
          ? .negativeInfinity
          : .finite
  }
}

/// How one implementation fared on the elements of one program so far.
struct GoldenTally {
  /// Elements compared.
  private(set) var compared = 0
  /// Those among them that convention decided.
  private(set) var byConvention = 0
  /// Those outside that docs/Divergences.md explains.
  private(set) var divergent = 0
  /// Those outside.
  private(set) var failures = 0
  /// The element that used most of its allowance: its error and the allowance, in ulps.
  private(set) var worst = (error: 0.0, allowed: 0.0)
  /// The worst element outside its bounds, as one line.
  private(set) var failure: String?
  /// A reason other than a number: an unknown program, a result of another type.
  private(set) var refusal: String?
  /// The smallest relative fault of a whole result that would have been seen, the worst of all.
  private(set) var detects: Double?
  private var share = -1.0
  private var excess = -1.0

  /// Something that kept elements from being compared.
  mutating func refuse(_ why: String) {
    failures += 1
    refusal = refusal ?? why
  }

  /// Notes what faults the comparison of one result would have shown.
  mutating func noteSensitivity(_ numbers: [DoubleDouble], _ enclosure: Enclosure) {
    let decided = numbers.indices.filter { !enclosure.isOpen($0) }
    let threshold = detectionThreshold(enclosure, numbers, decided)
    if threshold.isFinite && threshold >= 0 { detects = max(detects ?? 0, threshold) }
  }

  /// Judges `number` for element `i` of `enclosure`; where that is open, by `chosen`, which is what
  /// JAX gave, or by nothing when the number is JAX's own. Where upstream diverges, its numbers
  /// and its choices decide nothing.
  mutating func judge(
    _ number: DoubleDouble, _ i: Int, _ enclosure: Enclosure, chosen: DoubleDouble?,
    upstreamDiverges: Bool, isUpstream: Bool, describe: () -> String
  ) {
    if enclosure.isOpen(i) {
      byConvention += 1
      guard let chosen else { return }
      compared += 1
      guard !haveOneClass(number, chosen) else { return }
      if upstreamDiverges { divergent += 1 } else { fail(.infinity, describe) }
      return
    }
    compared += 1
    if !enclosure.admits(number, at: i) && isUpstream && upstreamDiverges {
      divergent += 1
      return
    }
    let (error, allowed) = distance(number, i, enclosure)
    let used = error == 0 ? 0 : error / allowed
    if used > share { (worst, share) = ((error, allowed), used) }
    if !enclosure.admits(number, at: i) { fail(used, describe) }
  }

  private func haveOneClass(_ x: DoubleDouble, _ y: DoubleDouble) -> Bool {
    guard NumberClass(x) == NumberClass(y) else { return false }
    return !x.isFinite || x == 0 || y == 0 || (x < 0) == (y < 0)
  }

  private mutating func fail(_ excess: Double, _ describe: () -> String) {
    failures += 1
    guard excess > self.excess || failure == nil else { return }
    self.excess = excess
    failure = describe()
  }

  /// The distance from the truth and what is allowed on that side, in ulps (whole numbers: in ones).
  private func distance(
    _ number: DoubleDouble, _ i: Int, _ enclosure: Enclosure
  ) -> (error: Double, allowed: Double) {
    let center = enclosure.center[i]
    if number == center || number.isNaN && center.isNaN { return (0, allowance(i, enclosure)) }
    guard number.isFinite, center.isFinite else {
      return enclosure.admits(number, at: i) ? (0, 0) : (.infinity, 0)
    }
    let ulp = Precision(enclosure.aval.dtype)?.ulp(center) ?? 1
    let side = number > center ? enclosure.upper[i] - center : center - enclosure.lower[i]
    return (abs(Double(number - center)) / ulp, Double(side) / ulp)
  }

  private func allowance(_ i: Int, _ enclosure: Enclosure) -> Double {
    let center = enclosure.center[i]
    guard center.isFinite else { return 0 }
    return enclosure.radius(i) / (Precision(enclosure.aval.dtype)?.ulp(center) ?? 1)
  }
}
