// Powers and roots.
//
// A power is exp(y log x), whose relative error grows as |y log x| u: that is how the exact power
// responds to an error of u in log x. Small integer exponents multiply instead, and roots correct
// the `Double` root, so both keep full accuracy. Special values are those of C's pow.

import RealModule

extension DoubleDouble {
  /// xʸ as C and JAX define it: x⁰ = 1ʸ = 1 for every x and y; negative x needs an integer y.
  ///
  /// Integers |y| ≤ 64 multiply, exactly while the products fit. Worst error measured:
  /// 0.6 (1 + |y|) u for these, 0.6 (1 + |y log x|) u otherwise.
  public static func power(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    if y.hi == 0 || x == 1 { return 1 }
    if x.isNaN || y.isNaN { return nan }
    let odd = isOdd(y)
    if x.hi == 0 || x.hi.isInfinite {
      let grows = (x.hi == 0) == (y.hi < 0)
      let size: DoubleDouble = grows ? infinity : 0
      return odd ? withSign(of: x, size) : size
    }
    let a = x.magnitude
    if y.hi.isInfinite { return a == 1 ? 1 : (a > 1) == (y.hi > 0) ? infinity : 0 }
    guard x.hi > 0 || floor(y) == y else { return nan }
    let size =
      y.lo == 0 && y.hi.magnitude <= 64 && y.hi == y.hi.rounded()
      ? product(of: a, Int(y.hi)) : exp(y * log(a))
    return x.hi < 0 && odd ? -size : size
  }

  /// xʸ, as `power`.
  public static func pow(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    power(x, y)
  }

  /// xⁿ.
  public static func pow(_ x: DoubleDouble, _ n: Int) -> DoubleDouble {
    power(x, DoubleDouble(n))
  }

  /// ⁿ√x: NaN for an even root of a negative number.
  public static func root(_ x: DoubleDouble, _ n: Int) -> DoubleDouble {
    guard x.hi >= 0 || n % 2 != 0 else { return nan }
    guard n != 0 && x.hi != 0 && x.isFinite else {
      return withSign(of: x, DoubleDouble(Double.root(x.hi.magnitude, n)))
    }
    if n < 2 || n > 64 { return withSign(of: x, exp(log(x.magnitude) / DoubleDouble(n))) }
    // The root of 2ⁿᵏa is 2ᵏ times that of a, whose n-th power stays near 1.
    let k = Int(x.hi.exponent) / n
    let a = scaled(x.magnitude, by: -n * k)
    let start = Double.root(a.hi, n)
    // x = yⁿ(1 + e), so the root is y(1 + e)^(1/n), by its first three terms.
    let e = (a / product(of: DoubleDouble(start), n)).plus(-1).hi
    let r = 1 / Double(n)
    let root = DoubleDouble(sum: start, start * r * e * (1 + 0.5 * (r - 1) * e))
    return withSign(of: x, scaled(root, by: k))
  }

  /// ∛x.
  ///
  /// Worst error measured: 1.89 u.
  public static func cbrt(_ x: DoubleDouble) -> DoubleDouble {
    root(x, 3)
  }

  /// 1/√x.
  ///
  /// Worst error measured: 1.11 u.
  public static func rsqrt(_ x: DoubleDouble) -> DoubleDouble {
    1 / sqrt(x)
  }

  /// xⁿ by repeated squaring of the significand, for finite x ≠ 0; the error is about |n| u.
  private static func product(of x: DoubleDouble, _ n: Int) -> DoubleDouble {
    var result: DoubleDouble = 1
    let exponent = Int(x.hi.exponent)
    var square = scaled(x, by: -exponent)
    var rest = n.magnitude
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      rest >>= 1
      if rest > 0 { square *= square }
    }
    return scaled(n < 0 ? 1 / result : result, by: n * exponent)
  }

  /// Whether y is an odd integer.
  private static func isOdd(_ y: DoubleDouble) -> Bool {
    let half = y.times(0.5)
    return y.isFinite && floor(y) == y && floor(half) != half
  }
}
