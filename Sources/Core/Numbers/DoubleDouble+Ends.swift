// × ÷ and scaling at the ends of the exponent range.
//
// Above 2¹⁰²⁴(1 − 2⁻²⁵) the halves of a product overflow although the product does not; below 2⁻⁹⁶⁹
// its error term is subnormal and loses bits. Powers of two move the operands out of the way. They
// are out of line: the operators come here for zeros, infinities, NaN and the ends only.

import RealModule

extension DoubleDouble {
  /// Whether the error terms that made `high`, a product, hold: it is finite and not tiny.
  ///
  /// They err by up to eight steps of 2⁻¹⁰⁷⁴, which below 2⁻¹⁰¹⁸ is not small against a unit of `high`.
  @inline(__always)
  static func hasProductError(_ high: Double) -> Bool {
    high.magnitude > 0x1p-1018 && high.magnitude < .infinity
  }

  /// x · y where an operand or the product is zero, infinite, NaN, tiny, or so large that its
  /// halves are infinite.
  ///
  /// An infinite half is that of a number above 2¹⁰²³, whose product with any other exceeds 2⁻⁶⁰. Then
  /// the larger factor can be scaled down without loss, and the smaller is below 2⁵¹².
  @inline(never)
  static func productAtAnEnd(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    let plain = x.hi * y.hi
    guard plain.magnitude > 0x1p-60 && plain.magnitude < .infinity else {
      return DoubleDouble(plain)
    }
    let (large, small) = x.hi.magnitude > y.hi.magnitude ? (x, y) : (y, x)
    return scaled(scaled(large, by: -100) * small, by: 100)
  }

  /// x / y where an operand is zero or not finite, or one or the quotient is near an end of the range.
  ///
  /// The significands are divided: only the scaling back can leave the range.
  @inline(never)
  static func scaledQuotient(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 && x.isFinite && y.hi != 0 && y.isFinite else {
      return DoubleDouble(x.hi / y.hi)
    }
    let (m, n) = (Int(x.hi.exponent), Int(y.hi.exponent))
    return scaled(scaled(x, by: -m) / scaled(y, by: -n), by: m - n)
  }

  /// x · 2ⁿ, exact unless the result leaves the exponent range; then rounded once.
  static func scaled(_ x: DoubleDouble, by n: Int) -> DoubleDouble {
    if n >= -1022 && n <= 1023 {
      let power = Double(bitPattern: UInt64(1023 + n) << 52)
      // Subnormal parts are rounded each, which can bring `lo` to half a unit of `hi`.
      let (s, e) = fastTwoSum(x.hi * power, x.lo * power)
      return DoubleDouble(high: s, low: e, otherwise: x.hi * power)
    }
    // Beyond ±2100 every number is infinite or zero.
    let rest = min(max(n, -2100), 2100)
    let half = rest / 2
    return scaled(scaled(x, by: half), by: rest - half)
  }
}
