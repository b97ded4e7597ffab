// The derivatives of digamma: ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x), with Hurwitz' zeta function.
//
// ζ(s, x) = Σ (x + k)⁻ˢ is summed directly up to a point beyond which the Euler–Maclaurin formula
// gives the rest; for x > 0 all of it is positive. Negative arguments are reflected; there the
// terms can cancel, and near a zero of ψ⁽ⁿ⁾ the error is small only in absolute terms.

extension DoubleDouble {
  /// The n-th derivative of digamma.
  ///
  /// At 0, −1, −2, … it is +∞ for odd n and NaN for even n, whose two sides differ in sign, as in
  /// JAX. At +∞ it is 0, the limit, where JAX 0.10.2 answers NaN; at −∞, which has no limit, NaN.
  /// Worst error measured: 2.2 u for n = 1 and 3.3 u for n = 2, for x < 0 in units of
  /// |ψ⁽ⁿ⁾(x)| + |ψ⁽ⁿ⁾(1 − x)|.
  public static func polygamma(_ n: Int, _ x: DoubleDouble) -> DoubleDouble {
    precondition(n >= 0, "polygamma has no order \(n)")
    if n == 0 { return digamma(x) }
    let sign: DoubleDouble = n % 2 == 0 ? -1 : 1
    if x.isNaN || x.hi.isInfinite { return x.hi > 0 ? 0 : nan }
    let factor = sign * factorial(n)
    guard x.hi > 0 || floor(x) != x else { return n % 2 == 0 ? nan : infinity }
    // Above −½ too: there the reflection would subtract powers of cot πx that overflow.
    if x.hi > -0.5 {
      // x⁻ⁿ alone may underflow where n! x⁻ⁿ does not.
      let k = max(Int(x.hi.exponent), 0)
      return scaled(factor * hurwitzZeta(n + 1, x, timesTwoTo: k), by: -k * n)
    }
    // (−1)ⁿ ψ⁽ⁿ⁾(1 − x) − ψ⁽ⁿ⁾(x) = π dⁿ/dxⁿ cot πx
    return -(sign * (factor * hurwitzZeta(n + 1, 1 - x))) - derivativeOfCotangent(n, x)
  }

  /// 2ᵏ⁽ˢ⁻¹⁾ Σ (x + j)⁻ˢ over j ≥ 0, for x > −½ other than 0 and an integer s ≥ 2.
  ///
  /// With the sum taken up to a ≥ 32 + 2s, the rest after 16 terms is below
  /// 2 (s + 33)!/(s − 1)! (2πa)⁻³⁴ a¹⁻ˢ, for s ≤ 64 less than 2⁻¹¹⁶ of a¹⁻ˢ/(s − 1).
  static func hurwitzZeta(
    _ s: Int, _ x: DoubleDouble, timesTwoTo k: Int = 0
  ) -> DoubleDouble {
    var sum: DoubleDouble = 0
    var a = x
    while a.hi < Double(32 + 2 * s) {
      sum += scaled(pow(scaled(a, by: -k), -s), by: -k)
      a = a.plus(1)
    }
    // The rest in units of a¹⁻ˢ, which would underflow later than its terms.
    let r = 1 / a
    let square = r * r
    var factor = square.times(0.5 * Double(s))
    var rest = r.times(0.5) + 1 / DoubleDouble(s - 1)
    for j in 1...16 {
      rest += GammaSeries.bernoulli[j - 1] * factor
      factor *= DoubleDouble((s + 2 * j - 1) * (s + 2 * j)) * square
      factor /= DoubleDouble((2 * j + 1) * (2 * j + 2))
    }
    return sum + pow(scaled(r, by: k), s - 1) * rest
  }

  /// π dⁿ/dxⁿ cot πx = (−1)ⁿ πⁿ⁺¹ Q(cot πx), with Q₀(c) = c and the next Q = (1 + c²) Q′.
  private static func derivativeOfCotangent(_ n: Int, _ x: DoubleDouble) -> DoubleDouble {
    var q: [DoubleDouble] = [0, 1]
    for _ in 0..<n {
      let slope = (1..<q.count).map { q[$0] * DoubleDouble($0) }
      q = (0..<q.count + 1).map { i in
        (i < slope.count ? slope[i] : 0) + (i >= 2 ? slope[i - 2] : 0)
      }
    }
    let (s, c) = sinCosPi(x)
    let cotangent = c / s
    let value = q.reversed().reduce(DoubleDouble(0)) { $0 * cotangent + $1 }
    let size = pow(pi, n + 1) * value
    return n % 2 == 0 ? size : -size
  }

  /// n!
  private static func factorial(_ n: Int) -> DoubleDouble {
    (1...max(n, 1)).reduce(DoubleDouble(1)) { $0 * DoubleDouble($1) }
  }
}
