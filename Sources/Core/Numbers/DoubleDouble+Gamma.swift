// log |Γ| and its derivative digamma.
//
// Three regions share one table. In [1.5, 2.5] the series about 2, whose coefficients are
// ζ(k) − 1; below it the recurrence up and, from 2.5 to 24, the recurrence down; from 24 on
// Stirling's series, whose terms then fall below 2⁻¹¹². The series vanishes at 2 as log Γ does, so
// that the zeros 1 and 2 keep full relative accuracy. Negative arguments are reflected; near the
// negative zeros of log |Γ| and all zeros of digamma the error is small only in absolute terms.

import RealModule

extension DoubleDouble {
  // MARK: log Γ

  /// log |Γ(x)|; +∞ at 0, −1, −2, …
  ///
  /// Worst error measured: 1.7 u, for x < 0 in units of |log |Γ(x)|| + |log Γ(−x)| + 1.
  public static func logGamma(_ x: DoubleDouble) -> DoubleDouble {
    if x.hi.isInfinite { return infinity }
    if x.isNaN { return x }
    guard x.hi <= 0 else { return logGamma(positive: x) }
    guard floor(x) != x else { return infinity }
    // Above −½ both terms of the recurrence are positive, and x sin πx could underflow.
    if x.hi > -0.5 { return logGamma(positive: x.plus(1)) - log(x.magnitude) }
    // Γ(x) Γ(−x) = −π/(x sin πx)
    let product = (x * sinCosPi(x).sin).magnitude
    return log(pi / product) - logGamma(positive: -x)
  }

  private static func logGamma(positive x: DoubleDouble) -> DoubleDouble {
    if x.hi < 0.5 { return logGamma(positive: x.plus(1)) - log(x) }
    if x.hi < 1.5 {
      let z = x.plus(-1)
      return z * GammaSeries.logGamma(z) - log(onePlus: z)
    }
    if x.hi >= GammaSeries.stirlingStart { return stirling(x) }
    var base = x
    var product: DoubleDouble = 1
    while base.hi >= 2.5 {
      base = base.plus(-1)
      product *= base
    }
    let z = base.plus(-2)
    let value = z * GammaSeries.logGamma(z)
    return x.hi < 2.5 ? value : value + log(product)
  }

  /// (x − ½) log x − x + ½ log 2π + Σ B₂ₙ/(2n(2n−1)x²ⁿ⁻¹)
  private static func stirling(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi < 0x1p1000 else { return x * (log(x).plus(-1)) }
    let r = 1 / x
    let main = x.plus(-0.5) * log(x).plus(-1)
    return main + (halfLogTwoPi.plus(-0.5) + r * GammaSeries.stirling(r * r))
  }

  // MARK: digamma

  /// d/dx log Γ(x); NaN at 0, −1, −2, … as in JAX.
  ///
  /// Worst error measured: 1.1 u in units of |ψ(x)| + 1/|x|, for x < 0 plus |ψ(−x)|.
  public static func digamma(_ x: DoubleDouble) -> DoubleDouble {
    if x.hi == .infinity || x.isNaN { return x }
    guard x.hi <= 0 else { return digamma(positive: x) }
    guard x.isFinite && floor(x) != x else { return nan }
    // Above −½ the three terms below would overflow, each before their sum.
    if x.hi > -0.5 { return digamma(positive: x.plus(1)) - 1 / x }
    // ψ(x) = ψ(−x) − 1/x − π cot πx
    let (s, c) = sinCosPi(x)
    return digamma(positive: -x) - 1 / x - pi * c / s
  }

  private static func digamma(positive x: DoubleDouble) -> DoubleDouble {
    if x.hi >= GammaSeries.stirlingStart {
      let r = 1 / x
      let square = r * r
      return log(x) - (r.times(0.5) + square * GammaSeries.digammaTail(square))
    }
    if x.hi < 1.5 { return digamma(positive: x.plus(1)) - 1 / x }
    var base = x
    var sum: DoubleDouble = 0
    while base.hi >= 2.5 {
      base = base.plus(-1)
      sum += 1 / base
    }
    return sum + GammaSeries.digamma(base.plus(-2))
  }
}
