// The series behind log Γ and digamma: about 2 and about infinity.
//
// About 2 the coefficients are ζ(k) − 1, computed here once; about infinity they are Bernoulli
// numbers over products of small integers.

import RealModule

/// The power series of the functions in DoubleDouble+Gamma.swift.
enum GammaSeries {
  /// The radius about 2: arguments from 1.5 to 2.5.
  private static let radius = 0.5
  /// Where Stirling's series takes over.
  static let stirlingStart = 24.0
  /// 1/x² there.
  private static let stirlingRadius = 1 / (stirlingStart * stirlingStart)
  /// There the whole series is below 2⁻¹¹ of its function, which spares so many bits.
  private static let stirlingSmallest = 0x1p-101

  /// log Γ(2 + z)/z = (1 − γ) + Σ (−1)ᵏ (ζ(k) − 1) zᵏ⁻¹/k, k ≥ 2.
  static let logGamma = PowerSeries(radius: radius, count: zetaCount) {
    aboutTwo($0) / DoubleDouble($0 + 1)
  }

  /// ψ(2 + z) = (1 − γ) + Σ (−1)ᵏ (ζ(k) − 1) zᵏ⁻¹, k ≥ 2.
  static let digamma = PowerSeries(radius: radius, count: zetaCount, coefficient: aboutTwo)

  /// Σ B₂ₙ/(2n(2n − 1)) x^(−2n+2), n ≥ 1.
  static let stirling = PowerSeries(
    radius: stirlingRadius, count: bernoulli.count, smallest: stirlingSmallest
  ) {
    bernoulli[$0] / DoubleDouble((2 * $0 + 2) * (2 * $0 + 1))
  }

  /// Σ B₂ₙ/(2n) x^(−2n+2), n ≥ 1.
  static let digammaTail = PowerSeries(
    radius: stirlingRadius, count: bernoulli.count, smallest: stirlingSmallest
  ) {
    bernoulli[$0] / DoubleDouble(2 * $0 + 2)
  }

  /// The coefficient of zᵏ⁻¹ in ψ(2 + z), k = n + 1.
  private static func aboutTwo(_ n: Int) -> DoubleDouble {
    if n == 0 { return 1 - DoubleDouble.eulerGamma }
    let value = zetaMinusOne[n - 1]
    return n % 2 == 0 ? -value : value
  }

  private static let zetaCount = 64

  /// ζ(k) − 1 for k = 2, 3, …
  private static let zetaMinusOne = (2...zetaCount).map { DoubleDouble.hurwitzZeta($0, 2) }

  /// B₂, B₄, …, B₃₄.
  static let bernoulli: [DoubleDouble] = [
    (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510),
    (43867, 798), (-174_611, 330), (854_513, 138), (-236_364_091, 2730), (8_553_103, 6),
    (-23_749_461_029, 870), (8_615_841_276_005, 14322), (-7_709_321_041_217, 510),
    (2_577_687_858_367, 6),
  ].map { DoubleDouble($0.0) / DoubleDouble($0.1) }
}
