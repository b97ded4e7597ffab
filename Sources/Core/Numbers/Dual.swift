// The dual number a + bε, ε² = 0: exact first-order forward mode on scalars.
//
// A second oracle beside the jvp rules of tensors: only scalar operations are differentiated here,
// each by its own formula, and nothing is shared with the rules. Comparisons look at the primal, as
// control flow in a differentiated program does. At points without a derivative the conventions are
// those of JAX 0.10.2 (½ each at a tie, |x|′ = 1 at 0).

public import RealModule

/// A value and its derivative in one direction.
public struct Dual<S: Scalar>: Sendable {
  /// The value.
  public let primal: S
  /// The derivative of the value along the chosen direction.
  public let tangent: S

  /// primal + tangent · ε.
  public init(_ primal: S, tangent: S) {
    self.primal = primal
    self.tangent = tangent
  }

  /// A constant: its tangent is zero.
  public init(constant: S) {
    self.init(constant, tangent: .zero)
  }

  /// f(x) with the tangent f′(x) dx, where `slope` is f′(x).
  init(_ value: S, slope: S, along x: Dual) {
    self.init(value, tangent: slope * x.tangent)
  }
}

extension Dual: Comparable {
  /// Equality of primals.
  public static func == (x: Dual, y: Dual) -> Bool { x.primal == y.primal }
  /// Order of primals.
  public static func < (x: Dual, y: Dual) -> Bool { x.primal < y.primal }
  /// Order of primals; false for NaN.
  public static func <= (x: Dual, y: Dual) -> Bool { x.primal <= y.primal }
  /// Order of primals; false for NaN.
  public static func >= (x: Dual, y: Dual) -> Bool { x.primal >= y.primal }
  /// Order of primals; false for NaN.
  public static func > (x: Dual, y: Dual) -> Bool { x.primal > y.primal }
}

extension Dual: AlgebraicField {
  /// A constant.
  public init(integerLiteral value: S.IntegerLiteralType) {
    self.init(constant: S(integerLiteral: value))
  }

  /// A constant, when the integer is representable.
  public init?(exactly source: some BinaryInteger) {
    guard let value = S(exactly: source) else { return nil }
    self.init(constant: value)
  }

  /// |x|, with the tangent of `absolute`.
  public var magnitude: Dual { Dual.absolute(self) }

  /// d(x + y) = dx + dy
  public static func + (x: Dual, y: Dual) -> Dual {
    Dual(x.primal + y.primal, tangent: x.tangent + y.tangent)
  }

  /// d(x − y) = dx − dy
  public static func - (x: Dual, y: Dual) -> Dual {
    Dual(x.primal - y.primal, tangent: x.tangent - y.tangent)
  }

  /// d(−x) = −dx
  public static prefix func - (x: Dual) -> Dual {
    Dual(-x.primal, tangent: -x.tangent)
  }

  /// d(x y) = dx y + x dy
  public static func * (x: Dual, y: Dual) -> Dual {
    Dual(x.primal * y.primal, tangent: x.tangent * y.primal + x.primal * y.tangent)
  }

  /// d(x / y) = (dx − (x/y) dy) / y
  public static func / (x: Dual, y: Dual) -> Dual {
    let quotient = x.primal / y.primal
    return Dual(quotient, tangent: (x.tangent - quotient * y.tangent) / y.primal)
  }

  /// x + y in place.
  public static func += (x: inout Dual, y: Dual) { x = x + y }
  /// x − y in place.
  public static func -= (x: inout Dual, y: Dual) { x = x - y }
  /// x · y in place.
  public static func *= (x: inout Dual, y: Dual) { x = x * y }
  /// x / y in place.
  public static func /= (x: inout Dual, y: Dual) { x = x / y }
}
