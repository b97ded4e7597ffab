// Which dtypes an annotation accepts: the lattice of jaxtyping 0.3.11, as far as our dtypes reach.
//
// Shaped ⊃ Bool, Num; Num ⊃ Inexact, Real, Integer; Inexact ⊃ Float; Real = Float ∪ Integer;
// Integer ⊃ Int, UInt. A concrete class accepts one dtype. Bool is not a number. Complex and Key
// are left out: no tensor here has such elements, so nothing could ever match.

public import Core

/// A set of dtypes under the name that an annotation gives it.
public enum DTypeClass: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case shaped = "Shaped"
  case bool = "Bool"
  case num = "Num"
  case inexact = "Inexact"
  case real = "Real"
  case float = "Float"
  case integer = "Integer"
  case int = "Int"
  case uint = "UInt"
  case float32 = "Float32"
  case float64 = "Float64"
  case int32 = "Int32"
  case uint32 = "UInt32"

  /// Whether a tensor of this dtype fits.
  public func accepts(_ dtype: DType) -> Bool {
    switch self {
    case .shaped: true
    case .bool: dtype == .bool
    case .num, .real: dtype != .bool
    case .inexact, .float: dtype.isInexact
    case .integer: dtype.isInteger
    case .int: dtype.isInteger && !dtype.isUnsigned
    case .uint: dtype.isUnsigned
    case .float32: dtype == .f32
    case .float64: dtype == .f64
    case .int32: dtype == .i32
    case .uint32: dtype == .u32
    }
  }

  /// jaxtyping's name.
  public var description: String { rawValue }
}

extension DType {
  /// A whole number without a sign.
  fileprivate var isUnsigned: Bool {
    switch self {
    case .u32: true
    case .f32, .f64, .i32, .bool: false
    }
  }
}
