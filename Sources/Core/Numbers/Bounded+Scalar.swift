// The elementary and special functions of bounded numbers.
//
// The value is that of `DoubleDouble`, the slope that of `Dual`. An elementary function errs by at
// most 8 units, erf and the gamma family by 64 (what the goldens of the numbers require); a power
// also by what its logarithm loses, |y log x| units. log |Γ| and digamma cross zero without
// full relative accuracy: their error is that of the terms that cancel there.

import RealModule

extension Bounded {
  /// exp(x)
  public static func exp(_ x: Bounded) -> Bounded { unary(x) { Dual.exp($0) } }
  /// exp(x) − 1
  public static func expMinusOne(_ x: Bounded) -> Bounded { unary(x) { Dual.expMinusOne($0) } }
  /// 2ˣ
  public static func exp2(_ x: Bounded) -> Bounded { unary(x) { Dual.exp2($0) } }
  /// log(x)
  public static func log(_ x: Bounded) -> Bounded { unary(x) { Dual.log($0) } }
  /// cosh(x)
  public static func cosh(_ x: Bounded) -> Bounded { unary(x) { Dual.cosh($0) } }
  /// sinh(x)
  public static func sinh(_ x: Bounded) -> Bounded { unary(x) { Dual.sinh($0) } }
  /// tanh(x)
  public static func tanh(_ x: Bounded) -> Bounded { unary(x) { Dual.tanh($0) } }
  /// sin(x)
  public static func sin(_ x: Bounded) -> Bounded { unary(x) { Dual.sin($0) } }
  /// cos(x)
  public static func cos(_ x: Bounded) -> Bounded { unary(x) { Dual.cos($0) } }
  /// tan(x)
  public static func tan(_ x: Bounded) -> Bounded { unary(x) { Dual.tan($0) } }
  /// asin(x)
  public static func asin(_ x: Bounded) -> Bounded { unary(x) { Dual.asin($0) } }
  /// acos(x)
  public static func acos(_ x: Bounded) -> Bounded { unary(x) { Dual.acos($0) } }
  /// atan(x)
  public static func atan(_ x: Bounded) -> Bounded { unary(x) { Dual.atan($0) } }
  /// asinh(x)
  public static func asinh(_ x: Bounded) -> Bounded { unary(x) { Dual.asinh($0) } }
  /// acosh(x)
  public static func acosh(_ x: Bounded) -> Bounded { unary(x) { Dual.acosh($0) } }
  /// atanh(x)
  public static func atanh(_ x: Bounded) -> Bounded { unary(x) { Dual.atanh($0) } }
  /// √x
  public static func sqrt(_ x: Bounded) -> Bounded { unary(x) { Dual.sqrt($0) } }
  /// 1/√x
  public static func rsqrt(_ x: Bounded) -> Bounded { unary(x) { Dual.rsqrt($0) } }
  /// ∛x
  public static func cbrt(_ x: Bounded) -> Bounded { unary(x) { Dual.cbrt($0) } }
  /// 1/(1 + exp(−x))
  public static func logistic(_ x: Bounded) -> Bounded { unary(x) { Dual.logistic($0) } }
  /// erf(x)
  public static func erf(_ x: Bounded) -> Bounded { unary(x, units: 64) { Dual.erf($0) } }
  /// erfc(x)
  public static func erfc(_ x: Bounded) -> Bounded { unary(x, units: 64) { Dual.erfc($0) } }
  /// the inverse of erf
  public static func erfInv(_ x: Bounded) -> Bounded { unary(x, units: 64) { Dual.erfInv($0) } }
  /// log(1 + x)
  public static func log(onePlus x: Bounded) -> Bounded { unary(x) { Dual.log(onePlus: $0) } }

  /// ⁿ√x
  public static func root(_ x: Bounded, _ n: Int) -> Bounded { unary(x) { Dual.root($0, n) } }

  /// xⁿ; each of the |n| factors can err by a unit.
  public static func pow(_ x: Bounded, _ n: Int) -> Bounded {
    unary(x, units: 8 + Double(n.magnitude)) { Dual.pow($0, n) }
  }

  /// As `power`.
  public static func pow(_ x: Bounded, _ y: Bounded) -> Bounded { power(x, y) }

  /// xʸ
  public static func power(_ x: Bounded, _ y: Bounded) -> Bounded {
    let exponent = (y.value.hi * Double.log(x.value.hi.magnitude)).magnitude
    let units = 8 * (1 + (exponent.isFinite ? exponent : 0))
    return binary(x, y, units: units) { Dual.power($0, $1) }
  }

  /// The angle of the point (x, y).
  public static func atan2(y: Bounded, x: Bounded) -> Bounded {
    binary(y, x) { Dual.atan2(y: $0, x: $1) }
  }

  /// log |Γ(x)|
  public static func logGamma(_ x: Bounded) -> Bounded {
    let y = unary(x, units: 64) { Dual.logGamma($0) }
    return withCancelling(y, DoubleDouble.logGamma, at: x)
  }

  /// log |Γ|′
  public static func digamma(_ x: Bounded) -> Bounded {
    let y = unary(x, units: 64) { Dual.digamma($0) }
    return withCancelling(y, DoubleDouble.digamma, at: x)
  }

  /// The n-th derivative of digamma: no zeros on the positive axis, and even orders cross zero by
  /// reflection, as digamma does.
  public static func polygamma(_ n: Int, _ x: Bounded) -> Bounded {
    let y = unary(x, units: 64) { Dual.polygamma(n, $0) }
    return x.value.hi < 0 || n == 0
      ? withCancelling(y, { DoubleDouble.polygamma(n, $0) }, at: x) : y
  }

  /// `y` = f(x) with the error of the terms that f adds up: of size 1 and, for x < 0, f(1 − x).
  private static func withCancelling(
    _ y: Bounded, _ f: (DoubleDouble) -> DoubleDouble, at x: Bounded
  ) -> Bounded {
    let reflected = x.value.hi < 0 ? f(1 - x.value).hi.magnitude : 0
    let terms = 1 + (reflected.isFinite ? reflected : 0)
    return Bounded(y.value, error: y.error + 64 * unitRoundoff * terms)
  }
}

extension Bounded: Scalar {
  /// Exact.
  public init(_ value: DoubleDouble) { self.init(value, error: 0) }
  /// The value.
  public var doubleDouble: DoubleDouble { value }
  /// Not a number, exactly.
  public static var nan: Bounded { Bounded(.nan, error: 0) }
  /// +∞, exactly.
  public static var infinity: Bounded { Bounded(.infinity, error: 0) }
  /// Whether the value is NaN.
  public var isNaN: Bool { value.isNaN }
  /// Whether the value is finite.
  public var isFinite: Bool { value.isFinite }

  /// Constant by pieces: which piece, the value decides.
  public static func sign(_ x: Bounded) -> Bounded { Bounded(DoubleDouble.sign(x.value), error: 0) }
  /// Constant by pieces.
  public static func floor(_ x: Bounded) -> Bounded {
    Bounded(DoubleDouble.floor(x.value), error: 0)
  }
  /// Constant by pieces.
  public static func ceil(_ x: Bounded) -> Bounded { Bounded(DoubleDouble.ceil(x.value), error: 0) }
  /// Constant by pieces.
  public static func roundToEven(_ x: Bounded) -> Bounded {
    Bounded(DoubleDouble.roundToEven(x.value), error: 0)
  }
  /// Constant by pieces.
  public static func roundAwayFromZero(_ x: Bounded) -> Bounded {
    Bounded(DoubleDouble.roundAwayFromZero(x.value), error: 0)
  }
  /// |x|
  public static func absolute(_ x: Bounded) -> Bounded { x.magnitude }
  /// The larger; it can be off by as much as either.
  public static func maximum(_ x: Bounded, _ y: Bounded) -> Bounded {
    Bounded(DoubleDouble.maximum(x.value, y.value), error: Swift.max(x.error, y.error))
  }
  /// The smaller; it can be off by as much as either.
  public static func minimum(_ x: Bounded, _ y: Bounded) -> Bounded {
    Bounded(DoubleDouble.minimum(x.value, y.value), error: Swift.max(x.error, y.error))
  }
  /// x − y·trunc(x/y), which is exact but for a rounding of size y.
  public static func remainder(_ x: Bounded, _ y: Bounded) -> Bounded {
    let z = binary(x, y) { Dual.remainder($0, $1) }
    return Bounded(z.value, error: z.error + committed(y.value, 1))
  }
}
