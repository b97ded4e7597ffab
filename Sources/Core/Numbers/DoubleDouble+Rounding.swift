// Rounding to integers, sign, remainder, and the choice of the larger or smaller.
//
// When `hi` is not an integer it decides, except where it is halfway between two and `lo` breaks
// the tie; when it is an integer, `lo` is rounded instead. A zero keeps the sign of its argument.

import RealModule

extension DoubleDouble {
  /// Whether this is not a number.
  public var isNaN: Bool { hi.isNaN }
  /// Neither infinite nor NaN.
  public var isFinite: Bool { hi.isFinite }

  /// The largest integer not above x.
  public static func floor(_ x: DoubleDouble) -> DoubleDouble {
    round(x) { $0.rounded(.down) }
  }

  /// The smallest integer not below x.
  public static func ceil(_ x: DoubleDouble) -> DoubleDouble {
    round(x) { $0.rounded(.up) }
  }

  /// The nearest integer; halves go to the even one.
  public static func roundToEven(_ x: DoubleDouble) -> DoubleDouble {
    // A `hi` with a neighbour at distance ≥ 1 on lo's side is even whenever |lo| can be a half.
    breakTie(x) ?? round(x) { $0.rounded(.toNearestOrEven) }
  }

  /// The nearest integer; halves go away from zero.
  public static func roundAwayFromZero(_ x: DoubleDouble) -> DoubleDouble {
    if let nearest = breakTie(x) { return nearest }
    // A half in `lo` moves away from zero as the sign of the whole says, not the sign of `lo`.
    let upward = x.hi > 0
    return round(x) { part in
      let below = part.rounded(.down)
      if part - below == 0.5 { return upward ? below + 1 : below }
      return part.rounded(.toNearestOrEven)
    }
  }

  /// Rounds `hi`, or `lo` when `hi` is an integer.
  private static func round(_ x: DoubleDouble, _ rule: (Double) -> Double) -> DoubleDouble {
    let high = rule(x.hi)
    guard high == x.hi && x.lo != 0 else { return DoubleDouble(high) }
    return DoubleDouble(sum: high, rule(x.lo))
  }

  /// The integer nearest to n + ½ + lo, lo ≠ 0; nil when `hi` is not halfway.
  private static func breakTie(_ x: DoubleDouble) -> DoubleDouble? {
    let below = x.hi.rounded(.down)
    guard x.lo != 0 && x.hi - below == 0.5 else { return nil }
    return withSign(of: x, DoubleDouble(x.lo > 0 ? below + 1 : below).magnitude)
  }

  /// −1, ±0, 1 or NaN.
  public static func sign(_ x: DoubleDouble) -> DoubleDouble {
    x.hi == 0 || x.isNaN ? x : x.hi > 0 ? 1 : -1
  }

  /// |x|.
  public static func absolute(_ x: DoubleDouble) -> DoubleDouble {
    x.magnitude
  }

  /// x − y·trunc(x/y), with the sign of x.
  ///
  /// Exact up to the final rounding when y is a `Double`; otherwise within u |y| while
  /// |x/y| < 2⁵³.
  public static func remainder(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    guard x.isFinite && y.hi != 0 && !y.isNaN else { return nan }
    guard x.hi != 0 && y.isFinite else { return x }
    let a = x.magnitude
    let b = y.magnitude
    var r =
      b.lo == 0
      ? DoubleDouble(
        sum: a.hi.truncatingRemainder(dividingBy: b.hi),
        a.lo.truncatingRemainder(dividingBy: b.hi))
      : a
    // Each step takes away an integer multiple of b, by exact products, and leaves |r| < b or
    // about 2⁻⁵² of what was there.
    while r.magnitude >= b {
      // 2⁶⁰⁰b, where the quotient overflows, is an integer multiple too.
      var step = b
      while (r.hi / step.hi).isInfinite { step = scaled(step, by: 600) }
      let quotient = (r.hi / step.hi).rounded(.towardZero)
      let q = quotient == 0 ? (r.hi < 0 ? -1 : 1) : quotient
      r = r - DoubleDouble(product: q, step.hi) - DoubleDouble(product: q, step.lo)
    }
    if r.hi < 0 { r += b }
    return withSign(of: x, r)
  }

  /// The larger, or NaN when either is NaN; +0 is larger than −0.
  public static func maximum(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    if x.isNaN || y.isNaN { return nan }
    if x == y { return x.hi.sign == .minus ? y : x }
    return x > y ? x : y
  }

  /// The smaller, or NaN when either is NaN; −0 is smaller than +0.
  public static func minimum(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    if x.isNaN || y.isNaN { return nan }
    if x == y { return x.hi.sign == .minus ? x : y }
    return x < y ? x : y
  }
}
