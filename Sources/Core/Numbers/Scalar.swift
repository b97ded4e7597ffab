// What the reference interpreter demands of a number.
//
// swift-numerics gives the field operations and the elementary functions; this protocol adds the
// rest of JAX's elementwise language, and the exact passage to and from `DoubleDouble`, in which
// the truth is computed. Conforming types: `Float`, `Double`, `DoubleDouble`, `Dual<S>`.

public import RealModule

/// A number that every kernel of the reference interpreter can run on.
public protocol Scalar: AlgebraicField, ElementaryFunctions, Comparable, Sendable {
  /// The nearest value of this type.
  init(_ value: DoubleDouble)

  /// The value as 106 bits; exact for `Float` and `Double`. The primal, for a dual number.
  var doubleDouble: DoubleDouble { get }

  static var nan: Self { get }
  static var infinity: Self { get }
  var isNaN: Bool { get }
  var isFinite: Bool { get }

  /// −1, ±0, 1 or NaN, as JAX's `sign`.
  static func sign(_ x: Self) -> Self
  static func absolute(_ x: Self) -> Self
  static func floor(_ x: Self) -> Self
  static func ceil(_ x: Self) -> Self
  static func roundToEven(_ x: Self) -> Self
  static func roundAwayFromZero(_ x: Self) -> Self
  /// x − y·trunc(x/y); the sign is that of `x`.
  static func remainder(_ x: Self, _ y: Self) -> Self
  /// The larger, or NaN when either is NaN.
  static func maximum(_ x: Self, _ y: Self) -> Self
  /// The smaller, or NaN when either is NaN.
  static func minimum(_ x: Self, _ y: Self) -> Self

  static func exp2(_ x: Self) -> Self
  static func cbrt(_ x: Self) -> Self
  /// 1/√x.
  static func rsqrt(_ x: Self) -> Self
  /// 1/(1 + exp(−x)).
  static func logistic(_ x: Self) -> Self
  static func erf(_ x: Self) -> Self
  static func erfc(_ x: Self) -> Self
  /// The inverse of `erf` on (−1, 1); ±∞ at ±1.
  static func erfInv(_ x: Self) -> Self
  /// log |Γ(x)|.
  static func logGamma(_ x: Self) -> Self
  /// d/dx log Γ(x).
  static func digamma(_ x: Self) -> Self
  /// The n-th derivative of `digamma`, n ≥ 0.
  static func polygamma(_ n: Int, _ x: Self) -> Self
  static func atan2(y: Self, x: Self) -> Self
  /// xʸ as C and JAX define it: x⁰ = 1 for every x, and a negative x takes an integer y. (The `pow`
  /// of swift-numerics is NaN there.)
  static func power(_ x: Self, _ y: Self) -> Self
  /// The nearest number with so many bits of exponent and of mantissa, ties to even; an infinity or a
  /// zero where the exponent does not reach.
  static func reducePrecision(_ x: Self, exponentBits: Int, mantissaBits: Int) -> Self
  /// The number of this type that follows x on the way to y.
  static func nextAfter(_ x: Self, toward y: Self) -> Self
}

extension Scalar {
  /// d²/dx² log Γ(x).
  public static func trigamma(_ x: Self) -> Self { polygamma(1, x) }

  /// x itself: a number finer than every dtype has no neighbour that a program could mean.
  public static func nextAfter(_ x: Self, toward y: Self) -> Self {
    x.isNaN || y.isNaN ? .nan : x == y ? y : x
  }
}
