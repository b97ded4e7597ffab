// The series behind log Γ, digamma and trigamma: about 2 and about infinity.
//
// About 2 the coefficients are ζ(k) − 1, computed here once by the Euler–Maclaurin formula; about
// infinity they are Bernoulli numbers over products of small integers.

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

  /// ψ′(2 + z) = Σ (−1)ᵏ (k − 1)(ζ(k) − 1) zᵏ⁻², k ≥ 2.
  static let trigamma = PowerSeries(radius: radius, count: zetaCount - 1) {
    aboutTwo($0 + 1) * DoubleDouble($0 + 1)
  }

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

  /// Σ B₂ₙ x^(−2n+2), n ≥ 1.
  static let trigammaTail = PowerSeries(
    radius: stirlingRadius, count: bernoulli.count, smallest: stirlingSmallest
  ) {
    bernoulli[$0]
  }

  /// The coefficient of zᵏ⁻¹ in ψ(2 + z), k = n + 1.
  private static func aboutTwo(_ n: Int) -> DoubleDouble {
    if n == 0 { return 1 - DoubleDouble.eulerGamma }
    let value = zetaMinusOne[n - 1]
    return n % 2 == 0 ? -value : value
  }

  private static let zetaCount = 64

  /// ζ(k) − 1 for k = 2, 3, …
  private static let zetaMinusOne = (2...zetaCount).map(zetaMinusOne(at:))

  /// Σ n^(−k) for 2 ≤ n < N, and the rest by Euler–Maclaurin: ∫ + ½ N^(−k) + Σ B₂ⱼ k…(k+2j−2) N^(1−k−2j)/(2j)!
  ///
  /// With N = 32 and 16 terms the rest is below 34! · 2N/(2πN)³⁴ < 2⁻¹²⁵ at k = 2, and less beyond.
  private static func zetaMinusOne(at k: Int) -> DoubleDouble {
    let n = 32
    let last = DoubleDouble.pow(DoubleDouble(n), -k)
    var factor = last * DoubleDouble(k) / DoubleDouble(2 * n)
    var sum = last / 2
    for j in 1...16 {
      sum += bernoulli[j - 1] * factor
      factor *= DoubleDouble((k + 2 * j - 1) * (k + 2 * j))
      factor /= DoubleDouble((2 * j + 1) * (2 * j + 2) * n * n)
    }
    sum += last * DoubleDouble(n) / DoubleDouble(k - 1)
    for m in (2..<n).reversed() { sum += DoubleDouble.pow(DoubleDouble(m), -k) }
    return sum
  }

  /// B₂, B₄, …, B₃₄.
  private static let bernoulli: [DoubleDouble] = [
    (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510),
    (43867, 798), (-174_611, 330), (854_513, 138), (-236_364_091, 2730), (8_553_103, 6),
    (-23_749_461_029, 870), (8_615_841_276_005, 14322), (-7_709_321_041_217, 510),
    (2_577_687_858_367, 6),
  ].map { DoubleDouble($0.0) / DoubleDouble($0.1) }
}
