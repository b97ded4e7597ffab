// A double-double that carries a running bound of its own rounding error.
//
// |value − exact| ≤ error to first order, where `exact` is what the same operations give on real
// numbers from the same inputs. Each operation adds what it inherits, Σ |∂f/∂xᵢ| errorᵢ, to what it
// commits itself, c u |f|. With it the checks need no tolerance: a program says how far its own
// rounding can have carried it. Comparisons look at the value, as in the program itself.

public import RealModule

/// A number and a bound of its rounding error.
public struct Bounded: Sendable {
  /// The number, computed as `DoubleDouble` computes it.
  public let value: DoubleDouble
  /// How far `value` can be from the exact result, to first order.
  public let error: Double

  /// A value known up to `error`; exact unless told otherwise.
  public init(_ value: DoubleDouble, error: Double) {
    self.value = value
    self.error = error
  }

  /// The bound of one field operation of `DoubleDouble`, relative to its result: addition,
  /// multiplication and division err by at most 3, 5 and 15 times 2⁻¹⁰⁶ (see there).
  public static let unitRoundoff = 0x1p-102

  /// What one operation with result `y` commits: `units` roundoffs of |y|, and where the low part
  /// is subnormal, a few of the smallest steps.
  @inline(__always)
  static func committed(_ y: DoubleDouble, _ units: Double) -> Double {
    let size = y.hi.magnitude
    if size == 0 { return 0 }
    return size * (units * unitRoundoff) + (size < 0x1p-960 ? 0x1p-1068 : 0)
  }

  /// f(x), where `f` is given on duals so that its slope is known, erring by `units` roundoffs.
  @inline(__always)
  static func unary(
    _ x: Bounded, units: Double = 8, _ f: (Dual<DoubleDouble>) -> Dual<DoubleDouble>
  ) -> Bounded {
    let y = f(Dual(x.value, tangent: 1))
    let inherited = x.error == 0 ? 0 : y.tangent.hi.magnitude * x.error
    return Bounded(y.primal, error: inherited + committed(y.primal, units))
  }

  /// f(x, y), as `unary`.
  @inline(__always)
  static func binary(
    _ x: Bounded, _ y: Bounded, units: Double = 8,
    _ f: (Dual<DoubleDouble>, Dual<DoubleDouble>) -> Dual<DoubleDouble>
  ) -> Bounded {
    let z = f(Dual(x.value, tangent: 1), Dual(constant: y.value))
    let throughX = x.error == 0 ? 0 : z.tangent.hi.magnitude * x.error
    let throughY =
      y.error == 0
      ? 0
      : f(Dual(constant: x.value), Dual(y.value, tangent: 1)).tangent.hi.magnitude * y.error
    return Bounded(z.primal, error: throughX + throughY + committed(z.primal, units))
  }
}

extension Bounded: Comparable {
  /// Equality of values.
  public static func == (x: Bounded, y: Bounded) -> Bool { x.value == y.value }
  /// Order of values.
  public static func < (x: Bounded, y: Bounded) -> Bool { x.value < y.value }
  /// Order of values; false for NaN.
  public static func <= (x: Bounded, y: Bounded) -> Bool { x.value <= y.value }
  /// Order of values; false for NaN.
  public static func >= (x: Bounded, y: Bounded) -> Bool { x.value >= y.value }
  /// Order of values; false for NaN.
  public static func > (x: Bounded, y: Bounded) -> Bool { x.value > y.value }
}

extension Bounded: AlgebraicField {
  /// Exact.
  public init(integerLiteral value: Int) { self.init(DoubleDouble(value), error: 0) }

  /// Exact, when the integer is representable.
  public init?(exactly source: some BinaryInteger) {
    guard let value = DoubleDouble(exactly: source) else { return nil }
    self.init(value, error: 0)
  }

  /// |x|
  public var magnitude: Bounded { Bounded(value.magnitude, error: error) }

  /// Errors add.
  public static func + (x: Bounded, y: Bounded) -> Bounded {
    let z = x.value + y.value
    return Bounded(z, error: x.error + y.error + committed(z, 1))
  }

  /// Errors add.
  public static func - (x: Bounded, y: Bounded) -> Bounded { x + -y }

  /// Exact.
  public static prefix func - (x: Bounded) -> Bounded { Bounded(-x.value, error: x.error) }

  /// |y| eₓ + |x| e_y + eₓ e_y
  public static func * (x: Bounded, y: Bounded) -> Bounded {
    let z = x.value * y.value
    let inherited =
      product(y.value.hi, x.error) + product(x.value.hi, y.error) + x.error * y.error
    return Bounded(z, error: inherited + committed(z, 1))
  }

  /// (eₓ + |x/y| e_y) / |y|
  public static func / (x: Bounded, y: Bounded) -> Bounded {
    let z = x.value / y.value
    let inherited = x.error + product(z.hi, y.error)
    return Bounded(
      z, error: (inherited == 0 ? 0 : inherited / y.value.hi.magnitude) + committed(z, 1))
  }

  /// |x| e, where an exact operand passes on nothing even at infinity.
  @inline(__always)
  private static func product(_ x: Double, _ error: Double) -> Double {
    error == 0 ? 0 : x.magnitude * error
  }

  /// x + y in place.
  public static func += (x: inout Bounded, y: Bounded) { x = x + y }
  /// x − y in place.
  public static func -= (x: inout Bounded, y: Bounded) { x = x - y }
  /// x · y in place.
  public static func *= (x: inout Bounded, y: Bounded) { x = x * y }
  /// x / y in place.
  public static func /= (x: inout Bounded, y: Bounded) { x = x / y }
}
