// Float and Double as scalars: the arithmetic of the machine and the functions of its C library.
//
// swift-numerics already carries most of the C library under the names of `Scalar`. What it lacks,
// or defines otherwise than JAX (`pow` of negative numbers), is here. digamma, polygamma and erfInv
// do not exist in C; they are computed in double-double and rounded once.

public import RealModule

/// What `Float` and `Double` have in common as scalars.
public protocol HardwareScalar: Scalar, BinaryFloatingPoint, Real {}

// Inlinable, so that a backend's loops over `Float` and `Double` specialise in their own module.
extension HardwareScalar {
  /// −1, ±0, 1 or NaN.
  @inlinable
  public static func sign(_ x: Self) -> Self {
    x == 0 || x.isNaN ? x : x > 0 ? 1 : -1
  }

  /// |x|.
  @inlinable
  public static func absolute(_ x: Self) -> Self { x.magnitude }
  /// The largest integer not above x.
  @inlinable
  public static func floor(_ x: Self) -> Self { x.rounded(.down) }
  /// The smallest integer not below x.
  @inlinable
  public static func ceil(_ x: Self) -> Self { x.rounded(.up) }
  /// The nearest integer; halves go to the even one.
  @inlinable
  public static func roundToEven(_ x: Self) -> Self { x.rounded(.toNearestOrEven) }
  /// The nearest integer; halves go away from zero.
  @inlinable
  public static func roundAwayFromZero(_ x: Self) -> Self { x.rounded(.toNearestOrAwayFromZero) }

  /// x − y·trunc(x/y), exactly; the sign is that of x.
  @inlinable
  public static func remainder(_ x: Self, _ y: Self) -> Self {
    x.truncatingRemainder(dividingBy: y)
  }

  /// The larger, or NaN when either is NaN; +0 is larger than −0.
  @inlinable
  public static func maximum(_ x: Self, _ y: Self) -> Self {
    if x.isNaN || y.isNaN { return .nan }
    if x == y { return x.sign == .minus ? y : x }
    return x > y ? x : y
  }

  /// The smaller, or NaN when either is NaN; −0 is smaller than +0.
  @inlinable
  public static func minimum(_ x: Self, _ y: Self) -> Self {
    if x.isNaN || y.isNaN { return .nan }
    if x == y { return x.sign == .minus ? x : y }
    return x < y ? x : y
  }

  /// The neighbour of x on the way to y; y itself where both are equal.
  @inlinable
  public static func nextAfter(_ x: Self, toward y: Self) -> Self {
    if x.isNaN || y.isNaN { return .nan }
    return x < y ? x.nextUp : x > y ? x.nextDown : y
  }

  /// ∛x.
  @inlinable
  public static func cbrt(_ x: Self) -> Self { root(x, 3) }
  /// 1/√x, each operation rounded.
  @inlinable
  public static func rsqrt(_ x: Self) -> Self { 1 / sqrt(x) }
  /// 1/(1 + exp(−x)), each operation rounded.
  @inlinable
  public static func logistic(_ x: Self) -> Self {
    // e⁻ˣ overflows where the result is still a number.
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }
  /// The inverse of `erf`, correctly rounded in all but rare cases.
  public static func erfInv(_ x: Self) -> Self { Self(DoubleDouble.erfInv(x.doubleDouble)) }
  /// d/dx log Γ(x), correctly rounded in all but rare cases.
  public static func digamma(_ x: Self) -> Self { Self(DoubleDouble.digamma(x.doubleDouble)) }
  /// The n-th derivative of `digamma`, correctly rounded in all but rare cases.
  public static func polygamma(_ n: Int, _ x: Self) -> Self {
    Self(DoubleDouble.polygamma(n, x.doubleDouble))
  }

  /// xʸ as C defines it for the cases that `pow` answers with NaN: negative x and 0⁰.
  @inlinable
  public static func power(_ x: Self, _ y: Self) -> Self {
    if y == 0 || x == 1 { return 1 }
    if x > 0 || x.isNaN || y.isNaN { return pow(x, y) }
    let odd = y.isFinite && y.rounded() == y && y.truncatingRemainder(dividingBy: 2) != 0
    guard x.isInfinite || x == 0 || y.isInfinite || y.rounded() == y else { return .nan }
    if x == -1 && y.isInfinite { return 1 }
    let size = x == 0 ? (y < 0 ? .infinity : 0) : pow(x.magnitude, y)
    return odd && x.sign == .minus ? -size : size
  }
}

extension Float: HardwareScalar {
  /// Exact.
  public var doubleDouble: DoubleDouble { DoubleDouble(self) }
}

extension Double: HardwareScalar {
  /// Exact.
  public var doubleDouble: DoubleDouble { DoubleDouble(self) }
}
