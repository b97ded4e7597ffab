// reduce_precision: rounding to a narrower format, whose subnormal numbers are zeros, as XLA has it.
//
// x = k · unit with unit = 2^(e − mantissaBits), e the exponent of x: k is rounded to a whole number,
// halves to even. A subnormal number has the exponent of the least normal one, as its bits do. Every
// scaling is by a power of two, hence exact.

extension HardwareScalar {
  /// The nearest number of the format.
  public static func reducePrecision(_ x: Self, exponentBits: Int, mantissaBits: Int) -> Self {
    guard x.isFinite, x != 0 else { return x }
    var y = x
    if mantissaBits < Self.significandBitCount {
      let exponent = max(x.exponent, Self.leastNormalMagnitude.exponent)
      let unit = Self(sign: .plus, exponent: exponent - Self.Exponent(mantissaBits), significand: 1)
      y = (x / unit).rounded(.toNearestOrEven) * unit
    }
    guard exponentBits < Self.exponentBitCount, y.isFinite else { return y }
    let bias = Self.Exponent(1) << Self.Exponent(exponentBits - 1) - 1
    if y.exponent > bias { return x.sign == .minus ? -.infinity : .infinity }
    return y == 0 || y.exponent <= -bias ? (x.sign == .minus ? -0.0 : 0) : y
  }
}

extension DoubleDouble {
  /// The nearest number of the format; the exponents of `Double` are all there are.
  public static func reducePrecision(
    _ x: DoubleDouble, exponentBits: Int, mantissaBits: Int
  ) -> DoubleDouble {
    guard x.isFinite, x != 0 else { return x }
    // Just below a power of two `hi` is that power.
    let isBelow = x.lo != 0 && x.hi.significand == 1 && (x.lo > 0) != (x.hi > 0)
    let exponent = x.hi.exponent - (isBelow ? 1 : 0)
    let shift = max(-1022, min(1022, exponent - mantissaBits))
    let (unit, scale) = (scalbn(shift), scalbn(-shift))
    let whole = roundToEven(DoubleDouble(sum: x.hi * scale, x.lo * scale))
    let y = mantissaBits < 106 ? DoubleDouble(sum: whole.hi * unit, whole.lo * unit) : x
    guard exponentBits < 11, y.isFinite else { return y }
    let bias = 1 << (exponentBits - 1) - 1
    let size = y.hi.magnitude
    if size >= scalbn(bias) * 2 { return x.hi < 0 ? -.infinity : .infinity }
    return size < scalbn(1 - bias) ? DoubleDouble(x.hi < 0 ? -0.0 : 0) : y
  }

  private static func scalbn(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}

extension Dual {
  /// By convention linear: the tangent is rounded as the primal is.
  public static func reducePrecision(_ x: Dual, exponentBits: Int, mantissaBits: Int) -> Dual {
    func reduced(_ x: S) -> S {
      S.reducePrecision(x, exponentBits: exponentBits, mantissaBits: mantissaBits)
    }
    return Dual(reduced(x.primal), tangent: reduced(x.tangent))
  }
}

extension Bounded {
  /// Constant by pieces.
  public static func reducePrecision(
    _ x: Bounded, exponentBits: Int, mantissaBits: Int
  ) -> Bounded {
    let value = DoubleDouble.reducePrecision(
      x.value, exponentBits: exponentBits, mantissaBits: mantissaBits)
    return Bounded(value, error: 0)
  }
}
