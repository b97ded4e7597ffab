// Dual numbers as scalars: conversions, and the functions that are constant or linear by pieces.

import RealModule

extension Dual: Scalar {
  /// A constant.
  public init(_ value: DoubleDouble) {
    self.init(constant: S(value))
  }

  /// The primal.
  public var doubleDouble: DoubleDouble { primal.doubleDouble }

  /// NaN, with no tangent.
  public static var nan: Dual { Dual(constant: .nan) }
  /// +∞, with no tangent.
  public static var infinity: Dual { Dual(constant: .infinity) }
  /// Whether the primal is NaN.
  public var isNaN: Bool { primal.isNaN }
  /// Whether the primal is finite.
  public var isFinite: Bool { primal.isFinite }

  /// Constant by pieces.
  public static func sign(_ x: Dual) -> Dual { Dual(constant: S.sign(x.primal)) }
  /// Constant by pieces.
  public static func floor(_ x: Dual) -> Dual { Dual(constant: S.floor(x.primal)) }
  /// Constant by pieces.
  public static func ceil(_ x: Dual) -> Dual { Dual(constant: S.ceil(x.primal)) }
  /// Constant by pieces.
  public static func roundToEven(_ x: Dual) -> Dual { Dual(constant: S.roundToEven(x.primal)) }
  /// Constant by pieces.
  public static func roundAwayFromZero(_ x: Dual) -> Dual {
    Dual(constant: S.roundAwayFromZero(x.primal))
  }

  /// d|x| = ±dx; at 0 the mean of both slopes, 0, as `maximum` takes half of each at a tie: so
  /// max(x, y) + ln(1 + e^−|x − y|), which is smooth, has its own derivative at x = y.
  public static func absolute(_ x: Dual) -> Dual {
    if x.primal == .zero { return Dual(constant: S.absolute(x.primal)) }
    return Dual(S.absolute(x.primal), tangent: x.primal > .zero ? x.tangent : -x.tangent)
  }

  /// d(x − y trunc(x/y)) = dx − trunc(x/y) dy
  public static func remainder(_ x: Dual, _ y: Dual) -> Dual {
    // A constant y has no term, not even where the quotient overflows.
    if y.tangent == .zero { return Dual(S.remainder(x.primal, y.primal), tangent: x.tangent) }
    let quotient = x.primal / y.primal
    let whole = S.sign(quotient) * S.floor(S.absolute(quotient))
    return Dual(
      S.remainder(x.primal, y.primal), tangent: x.tangent - whole * y.tangent)
  }

  /// The tangent of the larger; half of each at a tie; none where either is NaN.
  public static func maximum(_ x: Dual, _ y: Dual) -> Dual {
    let value = S.maximum(x.primal, y.primal)
    return Dual(value, tangent: chosen(x, y, firstWins: x.primal > y.primal))
  }

  /// The tangent of the smaller; half of each at a tie; none where either is NaN.
  public static func minimum(_ x: Dual, _ y: Dual) -> Dual {
    let value = S.minimum(x.primal, y.primal)
    return Dual(value, tangent: chosen(x, y, firstWins: x.primal < y.primal))
  }

  private static func chosen(_ x: Dual, _ y: Dual, firstWins: Bool) -> S {
    if x.primal == y.primal { return (x.tangent + y.tangent) / 2 }
    if x.isNaN || y.isNaN { return .zero }
    return firstWins ? x.tangent : y.tangent
  }
}
