// The type in which the truth is computed: an unevaluated sum of two `Double`s, 106 bits or more.
//
// Invariant: hi = RN(hi + lo), that is |lo| ≤ ½ ulp(hi); lo is +0 whenever hi is zero, infinite or
// NaN. Two numbers are therefore equal exactly when both parts are. The exponent range is that of
// `Double`: below about 1e−290 the low part becomes subnormal and bits are lost.
// Unit of error used in all comments of this folder: u = 2⁻¹⁰⁴, relative to the exact result.

import RealModule

/// A number of 106 bits: the exact sum of two `Double`s that do not overlap.
public struct DoubleDouble: Sendable, Hashable {
  /// The value rounded to `Double`.
  public let hi: Double
  /// What `hi` leaves out; at most half a unit in the last place of `hi`.
  public let lo: Double

  /// The pair itself, trusted to satisfy the invariant.
  @inline(__always)
  init(unchecked hi: Double, _ lo: Double) {
    self.hi = hi
    self.lo = lo
  }

  /// The exact sum of two `Double`s.
  @inline(__always)
  public init(sum a: Double, _ b: Double) {
    let (s, e) = twoSum(a, b)
    self.init(high: s, low: e, otherwise: s)
  }

  /// The pair hi + lo, normalised; the same numbers when they already satisfy the invariant.
  @inline(__always)
  public init(hi: Double, lo: Double) {
    let (s, e) = twoSum(hi, lo)
    self.init(high: s, low: e, otherwise: s == 0 ? hi : s)
  }

  /// The exact product of two `Double`s, while it is above 2⁻⁹⁶⁹ in magnitude.
  @inline(__always)
  public init(product a: Double, _ b: Double) {
    let (p, e) = twoProduct(a, b)
    guard DoubleDouble.hasProductError(p) && e.magnitude < .infinity else {
      self = DoubleDouble.productAtAnEnd(DoubleDouble(a), DoubleDouble(b))
      return
    }
    self.init(unchecked: p, e)
  }

  /// Exact.
  @inline(__always)
  public init(_ value: Double) {
    self.init(unchecked: value, 0)
  }

  /// Exact.
  public init(_ value: Float) {
    self.init(unchecked: Double(value), 0)
  }

  /// Exact: the upper 32 bits and the lower 32 bits are each a `Double`.
  public init(_ value: Int) {
    let low = value & 0xFFFF_FFFF
    self.init(sum: Double(value - low), Double(low))
  }

  /// high + low, where the error-free steps that made `low` hold; else the plain IEEE result.
  ///
  /// Error terms are wrong in exactly two cases: a result that is infinite or NaN, whose error is
  /// inf − inf; and a zero, whose sign the error terms lose.
  @inline(__always)
  init(high: Double, low: Double, otherwise plain: Double) {
    if high.magnitude > 0 && high.magnitude < .infinity {
      self.init(unchecked: high, low)
    } else {
      self.init(unchecked: plain, 0)
    }
  }
}

extension DoubleDouble: Comparable {
  /// Lexicographic, since normalised pairs are ordered by their high parts first.
  @inline(__always)
  public static func < (x: DoubleDouble, y: DoubleDouble) -> Bool {
    x.hi < y.hi || (x.hi == y.hi && x.lo < y.lo)
  }

  /// x ≤ y; false when either is NaN, unlike `!(y < x)`.
  @inline(__always)
  public static func <= (x: DoubleDouble, y: DoubleDouble) -> Bool {
    x.hi < y.hi || (x.hi == y.hi && x.lo <= y.lo)
  }

  /// x ≥ y; false when either is NaN.
  @inline(__always)
  public static func >= (x: DoubleDouble, y: DoubleDouble) -> Bool { y <= x }

  /// x > y; false when either is NaN.
  @inline(__always)
  public static func > (x: DoubleDouble, y: DoubleDouble) -> Bool { y < x }
}

extension Double {
  /// The nearest `Double`, which is the high part.
  public init(_ value: DoubleDouble) {
    self = value.hi
  }
}

extension Float {
  /// The nearest `Float`, rounded once.
  ///
  /// Rounding `hi` alone goes wrong where `hi` is halfway between two floats and `lo` breaks the
  /// tie. So the pair is first rounded to odd: of the two `Double`s around an inexact value, the
  /// one whose last bit is set. With 53 ≥ 24 + 2 bits the second rounding then cannot err.
  public init(_ value: DoubleDouble) {
    let hi = value.hi
    guard value.lo != 0, hi.bitPattern & 1 == 0 else {
      self = Float(hi)
      return
    }
    self = Float(value.lo > 0 ? hi.nextUp : hi.nextDown)
  }
}
