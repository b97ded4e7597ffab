// exp and its relatives, all built on one kernel: eʳ − 1 for |r| ≤ ½ log 2.
//
// x = k log 2 + r with log 2 in three parts, so that r is exact to 2⁻¹⁰⁷; then
// eˣ − 1 = 2ᵏ(eʳ − 1) + (2ᵏ − 1) keeps full relative accuracy through zero. The hyperbolic functions
// are written in terms of eˣ − 1 for the same reason. Worst errors measured against mpmath (in u)
// stand at each function; special values are those of the C library.

import RealModule

extension DoubleDouble {
  /// (eʳ − 1 − r)/r² = Σ rⁿ/(n+2)!
  private static let expSeries = PowerSeries(radius: 0.35, count: 40) { inverseFactorial($0 + 2) }

  /// log 2 = a + b + c; a and b have 42 bits, so that their products with |k| < 2¹¹ are exact.
  static let ln2Parts = (
    a: 0x1.62e42fefa3800p-1, b: 0x1.ef35793c76000p-45, c: 0x1.cc01f97b57a08p-87
  )

  /// eʳ − 1 for |r| ≤ 0.35.
  static func expMinusOneKernel(_ r: DoubleDouble) -> DoubleDouble {
    r + r * r * expSeries(r)
  }

  /// The integer k nearest to x/log 2 and r = x − k log 2, for |x| < 2000.
  private static func reduce(_ x: DoubleDouble) -> (k: Int, r: DoubleDouble) {
    let k = (x.hi * log2e.hi).rounded(.toNearestOrEven)
    guard k != 0 else { return (0, x) }
    let r = x.plus(-k * ln2Parts.a).plus(-k * ln2Parts.b).plus(-k * ln2Parts.c)
    return (Int(k), r)
  }

  /// 2ⁿ eˣ, free of premature overflow.
  static func exp(_ x: DoubleDouble, scaledBy n: Int) -> DoubleDouble {
    guard x.hi.magnitude < 2000 else { return DoubleDouble(Double.exp(x.hi)) }
    let (k, r) = reduce(x)
    return scaled(expMinusOneKernel(r).plus(1), by: k + n)
  }

  /// eˣ.
  ///
  /// Worst error measured: 0.25 u.
  public static func exp(_ x: DoubleDouble) -> DoubleDouble {
    exp(x, scaledBy: 0)
  }

  /// 2ˣ.
  ///
  /// Worst error measured: 0.31 u.
  public static func exp2(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi.magnitude < 2000 else { return DoubleDouble(Double.exp2(x.hi)) }
    let k = x.hi.rounded(.toNearestOrEven)
    return scaled(expMinusOneKernel(x.plus(-k) * ln2).plus(1), by: Int(k))
  }

  /// eˣ − 1.
  ///
  /// Worst error measured: 0.61 u.
  public static func expMinusOne(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 else { return x }
    guard x.hi.magnitude < 2000 else { return DoubleDouble(Double.expMinusOne(x.hi)) }
    let (k, r) = reduce(x)
    let p = expMinusOneKernel(r)
    if k == 0 { return p }
    if k > 120 { return scaled(p.plus(1), by: k) }
    return scaled(p, by: k) + scaled(1, by: k).plus(-1)
  }

  /// ½(eˣ − e⁻ˣ).
  ///
  /// Worst error measured: 0.67 u.
  public static func sinh(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 else { return x }
    let a = x.magnitude
    if a.hi > 40 { return withSign(of: x, exp(a, scaledBy: -1)) }
    let p = expMinusOne(a)
    return withSign(of: x, (p + p / p.plus(1)).times(0.5))
  }

  /// ½(eˣ + e⁻ˣ).
  ///
  /// Worst error measured: 0.44 u.
  public static func cosh(_ x: DoubleDouble) -> DoubleDouble {
    let a = x.magnitude
    let half = exp(a, scaledBy: -1)
    return a.hi > 40 ? half : half + DoubleDouble(0.25) / half
  }

  /// (e²ˣ − 1)/(e²ˣ + 1).
  ///
  /// Worst error measured: 0.94 u.
  public static func tanh(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 else { return x }
    let a = x.magnitude
    if a.hi > 40 { return withSign(of: x, 1) }
    let p = expMinusOne(a.times(2))
    return withSign(of: x, p / p.plus(2))
  }

  /// 1/(1 + e⁻ˣ), as eˣ/(1 + eˣ) for negative x.
  ///
  /// Worst error measured: 0.86 u.
  public static func logistic(_ x: DoubleDouble) -> DoubleDouble {
    if x.hi < -80 { return exp(x) }
    return 1 / exp(-x).plus(1)
  }

  /// |y| with the sign of x.
  static func withSign(of x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    x.hi.sign == .minus ? -y : y
  }
}
