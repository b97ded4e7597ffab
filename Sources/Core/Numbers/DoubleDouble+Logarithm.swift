// log and its relatives, all built on one kernel: log(1 + f) for 1 + f in [√½, √2].
//
// The kernel corrects the `Double` logarithm y₀ by one Newton step: with E = exp(−y₀) − 1, the
// residual w = (1 + f) exp(−y₀) − 1 = f + E(1 + f) is of size 2⁻⁵³ |y₀| and log(1 + w) = w − ½w².
// Written in f, not in 1 + f, it keeps full relative accuracy through log 1 = 0.

import RealModule

extension DoubleDouble {
  /// log(1 + f), where m = 1 + f is in about [0.7, 1.42].
  private static func logKernel(_ f: DoubleDouble, onePlus m: DoubleDouble) -> DoubleDouble {
    let y = -Double.log(onePlus: f.hi)
    let w = (f + expMinusOneKernel(DoubleDouble(y)) * m).hi
    return DoubleDouble(sum: -y, w - 0.5 * w * w)
  }

  /// log x: the logarithm of the significand in [√½, √2] plus a multiple of log 2.
  ///
  /// Worst error measured: 0.76 u.
  public static func log(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi > 0 && x.hi < .infinity else { return DoubleDouble(Double.log(x.hi)) }
    let n = Int(x.hi.exponent) + (x.hi.significand > 0x1.6a09e667f3bcdp+0 ? 1 : 0)
    let m = scaled(x, by: -n)
    let y = logKernel(m.plus(-1), onePlus: m)
    guard n != 0 else { return y }
    let k = Double(n)
    return y.plus(k * ln2Parts.c).plus(k * ln2Parts.b).plus(k * ln2Parts.a)
  }

  /// log(1 + x).
  ///
  /// Worst error measured: 1.07 u.
  public static func log(onePlus x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 else { return x }
    guard x.hi > -0.29 && x.hi < 0.41 else { return log(x.plus(1)) }
    return logKernel(x, onePlus: x.plus(1))
  }

  /// log(x + √(x² + 1)).
  ///
  /// Worst error measured: 0.8 u.
  public static func asinh(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 && x.hi.isFinite else { return x }
    let a = x.magnitude
    if a.hi > 0x1p60 { return withSign(of: x, log(a) + ln2) }
    let square = a * a
    return withSign(of: x, log(onePlus: a + square / sqrt(square.plus(1)).plus(1)))
  }

  /// log(x + √(x² − 1)), with t = x − 1 exact.
  ///
  /// Worst error measured: 1.15 u.
  public static func acosh(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi < .infinity else { return x }
    if x.hi > 0x1p60 { return log(x) + ln2 }
    let t = x.plus(-1)
    guard t.hi >= 0 else { return nan }
    return log(onePlus: t + sqrt(t * t.plus(2)))
  }

  /// ½ log((1 + x)/(1 − x)).
  ///
  /// Worst error measured: 0.91 u.
  public static func atanh(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 else { return x }
    let a = x.magnitude
    return withSign(of: x, log(onePlus: a.times(2) / (1 - a)).times(0.5))
  }
}
