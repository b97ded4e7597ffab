// + − × ÷ √ of double-doubles, with the special values of IEEE 754.
//
// Every operation computes the high part as `Double` would and then the error terms; where these do
// not exist (infinities, NaN, zeros) the plain `Double` result stands. Bounds in units of 2⁻¹⁰⁶ are
// those of Joldes, Muller and Popescu (ACM TOMS 44(2), 2017), whose accurate addition is used: the
// shorter one loses all relative accuracy in a subtraction, which is what finite differences do.
// Near the ends of the exponent range the error terms of × ÷ √ do not exist either: at the upper
// one the operands are scaled (DoubleDouble+Ends.swift), at the lower one the plain result is right.

public import RealModule

/// a + b = s + e exactly, whatever the order of magnitude (Knuth).
@inline(__always)
func twoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
  let s = a + b
  let z = s - a
  return (s, (a - (s - z)) + (b - z))
}

/// a + b = s + e exactly, for |a| ≥ |b| (Dekker).
@inline(__always)
func fastTwoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
  let s = a + b
  return (s, b - (s - a))
}

/// a · b = p + e exactly, unless e is subnormal.
///
/// With a hardware fused multiply-add that is one instruction. Elsewhere (x86-64 as Swift targets
/// it) it would be a call of the C library: in a matrix product with the sum innermost 11.7 ns per
/// multiply-add against 9.2 ns with the halves below, 5.9 against 6.6 ns in the other loop order.
@inline(__always)
func twoProduct(_ a: Double, _ b: Double) -> (product: Double, error: Double) {
  let p = a * b
  #if arch(arm64)
    return (p, (-p).addingProduct(a, b))
  #else
    let (ah, al) = halves(a)
    let (bh, bl) = halves(b)
    return (p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)
  #endif
}

/// a = high + low, each of at most 26 bits, so that products of halves are exact.
///
/// Rounding the significand to 26 bits in integer arithmetic needs no multiplication and, unlike
/// Veltkamp's splitting, cannot overflow below 2¹⁰²⁴(1 − 2⁻²⁷).
@inline(__always)
func halves(_ a: Double) -> (high: Double, low: Double) {
  let high = Double(bitPattern: (a.bitPattern &+ (1 << 26)) & (.max << 27))
  return (high, a - high)
}

extension DoubleDouble {
  /// Relative error at most 3, in 2⁻¹⁰⁶: ¾ u.
  @inline(__always)
  public static func + (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let (s, e) = twoSum(x.hi, y.hi)
    let (t, f) = twoSum(x.lo, y.lo)
    let (s1, e1) = fastTwoSum(s, e + t)
    let (s2, e2) = fastTwoSum(s1, e1 + f)
    return DoubleDouble(high: s2, low: e2, otherwise: s)
  }

  /// Relative error at most ¾ u.
  @inline(__always)
  public static func - (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    x + -y
  }

  /// Exact.
  @inline(__always)
  public static prefix func - (x: DoubleDouble) -> DoubleDouble {
    DoubleDouble(unchecked: -x.hi, x.hi == 0 ? 0 : -x.lo)
  }

  /// Relative error at most 5, in 2⁻¹⁰⁶: 1¼ u.
  @inline(__always)
  public static func * (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let (p, e) = twoProduct(x.hi, y.hi)
    let (s, t) = fastTwoSum(p, e + (x.hi * y.lo + x.lo * y.hi))
    guard hasProductError(s) else { return productAtAnEnd(x, y) }
    return DoubleDouble(unchecked: s, t)
  }

  /// self · y for a `Double` y; relative error at most 2, in 2⁻¹⁰⁶: ½ u.
  @inline(__always)
  func times(_ y: Double) -> DoubleDouble {
    let (p, e) = twoProduct(hi, y)
    let (s, t) = fastTwoSum(p, e + lo * y)
    guard DoubleDouble.hasProductError(s) else {
      return DoubleDouble.productAtAnEnd(self, DoubleDouble(y))
    }
    return DoubleDouble(unchecked: s, t)
  }

  /// self + y for a `Double` y; relative error at most 2, in 2⁻¹⁰⁶: ½ u.
  @inline(__always)
  func plus(_ y: Double) -> DoubleDouble {
    let (s, e) = twoSum(hi, y)
    let (s1, e1) = fastTwoSum(s, e + lo)
    return DoubleDouble(high: s1, low: e1, otherwise: s)
  }

  /// Relative error at most 15, in 2⁻¹⁰⁶: 3¾ u.
  ///
  /// The remainder x − q·y is formed from exact products and divided once more.
  @inline(__always)
  public static func / (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let q = x.hi / y.hi
    let (p, e) = twoProduct(q, y.hi)
    let remainder = ((x.hi - p) - e) + (x.lo - q * y.lo)
    let (s, t) = fastTwoSum(q, remainder / y.hi)
    // A remainder of subnormal numbers means nothing; an infinite half or product makes s infinite.
    guard x.hi.magnitude > 0x1p-900 && s.magnitude < .infinity else { return scaledQuotient(x, y) }
    return DoubleDouble(high: s, low: t, otherwise: q)
  }

  /// x + y in place.
  @inline(__always)
  public static func += (x: inout DoubleDouble, y: DoubleDouble) { x = x + y }

  /// x − y in place.
  @inline(__always)
  public static func -= (x: inout DoubleDouble, y: DoubleDouble) { x = x - y }

  /// x · y in place.
  @inline(__always)
  public static func *= (x: inout DoubleDouble, y: DoubleDouble) { x = x * y }

  /// x / y in place.
  @inline(__always)
  public static func /= (x: inout DoubleDouble, y: DoubleDouble) { x = x / y }

  /// √x: one Newton step from the square root of `hi`, whose own error is squared away.
  ///
  /// Worst error measured: 0.54 u.
  public static func sqrt(_ x: DoubleDouble) -> DoubleDouble {
    // Near the ends of the range the square of the root would overflow or lose its low part.
    if x.hi > 0x1p1000 && x.hi < .infinity { return scaled(sqrt(scaled(x, by: -200)), by: 100) }
    if x.hi < 0x1p-900 && x.hi > 0 { return scaled(sqrt(scaled(x, by: 400)), by: -200) }
    let root = x.hi.squareRoot()
    guard root > 0 && root < .infinity else { return DoubleDouble(root) }
    let (p, e) = twoProduct(root, root)
    let (s, t) = fastTwoSum(root, (((x.hi - p) - e) + x.lo) / (2 * root))
    return DoubleDouble(unchecked: s, t)
  }
}

extension DoubleDouble: AlgebraicField {
  /// |x|; the sign bit is cleared, so that the magnitude of −0 is 0.
  public var magnitude: DoubleDouble { hi.sign == .minus ? -self : self }

  /// The value of an integer, or nil when it needs more than the pair can hold.
  public init?(exactly source: some BinaryInteger) {
    if let single = Double(exactly: source) {
      self.init(single)
      return
    }
    let low = source & ((1 << 52) - 1)
    guard let upper = Double(exactly: source >> 52), let lower = Double(exactly: low) else {
      return nil
    }
    self.init(sum: upper * 0x1p52, lower)
  }
}

extension DoubleDouble: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// Exact.
  public init(integerLiteral value: Int) {
    self.init(value)
  }

  /// The `Double` nearest to the literal: 0.1 is not 1/10.
  public init(floatLiteral value: Double) {
    self.init(value)
  }
}
