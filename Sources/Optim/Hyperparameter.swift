// The real numbers that a transformation is made with.
//
// A constant takes the dtype of the tensor it meets, rounded once, as JAX rounds its weakly typed
// Python scalars: 1 − b is computed in double precision first. A tensor, from `injectHyperparams`, is
// cast to that dtype.

public import Core

/// A real number, or a scalar tensor that stands for one.
public enum Hyperparameter: Sendable {
  case constant(Double)
  case tensor(Tensor)

  /// A number that does not change.
  public init(_ x: Double) { self = .constant(x) }

  /// The value in the dtype of what it is to meet; whole numbers are met in f32.
  func tensor(_ dtype: DType) throws -> Tensor {
    switch self {
    case .constant(let x): Tensor(constant: DoubleDouble(x), dtype)
    case .tensor(let x): try x.asType(dtype)
    }
  }

  /// The value, if it is known when the program is written.
  var known: Double? {
    switch self {
    case .constant(let x): x
    case .tensor: nil
    }
  }
}

extension Hyperparameter: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A constant.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

extension Hyperparameter {
  /// `double` of a constant, or `tensor` of what stands for one.
  private func applying(
    _ double: (Double) -> Double, _ tensor: (Tensor) throws -> Tensor
  ) rethrows -> Hyperparameter {
    switch self {
    case .constant(let x): .constant(double(x))
    case .tensor(let x): .tensor(try tensor(x))
    }
  }

  static func - (a: Double, b: Hyperparameter) throws -> Hyperparameter {
    try b.applying({ a - $0 }, { try a - $0 })
  }

  static prefix func - (a: Hyperparameter) throws -> Hyperparameter {
    try a.applying({ -$0 }, { try -1.0 * $0 })
  }

  static func - (a: Hyperparameter, b: Double) throws -> Hyperparameter {
    try a.applying({ $0 - b }, { try $0 - b })
  }

  static func / (a: Double, b: Hyperparameter) throws -> Hyperparameter {
    try b.applying({ a / $0 }, { try a / $0 })
  }

  static func * (a: Hyperparameter, b: Hyperparameter) throws -> Hyperparameter {
    switch (a, b) {
    case (.constant(let x), .constant(let y)): .constant(x * y)
    case (.tensor(let x), _): .tensor(try x * b.tensor(x.dtype))
    case (_, .tensor(let y)): .tensor(try a.tensor(y.dtype) * y)
    }
  }

  static func * (a: Hyperparameter, x: Tensor) throws -> Tensor { try a.tensor(x.dtype) * x }
  static func * (x: Tensor, a: Hyperparameter) throws -> Tensor { try x * a.tensor(x.dtype) }
  static func + (x: Tensor, a: Hyperparameter) throws -> Tensor { try x + a.tensor(x.dtype) }
  static func / (x: Tensor, a: Hyperparameter) throws -> Tensor { try x / a.tensor(x.dtype) }
}
