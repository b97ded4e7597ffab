// The element types, with JAX's short names. A tensor's dtype is a value, not a Swift type,
// because one tree mixes dtypes.

/// The type of a tensor's elements.
public enum DType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case f32, f64, i32, u32, bool

  /// A type with a tangent space: floating point.
  public var isInexact: Bool {
    switch self {
    case .f32, .f64: true
    case .i32, .u32, .bool: false
    }
  }

  /// A type of whole numbers.
  public var isInteger: Bool {
    switch self {
    case .i32, .u32: true
    case .f32, .f64, .bool: false
    }
  }

  /// JAX's short name, as in `f32[2,3]`.
  public var description: String { rawValue }

  /// NumPy's name, as JAX prints it in parameters and error messages.
  public var longName: String {
    switch self {
    case .f32: "float32"
    case .f64: "float64"
    case .i32: "int32"
    case .u32: "uint32"
    case .bool: "bool"
    }
  }
}

/// The dtype in which tensors of both can be computed, as JAX promotes without 64-bit whole numbers: of
/// whole numbers and reals that of the reals, of i32 and u32 i32.
package func promoted(_ a: DType, _ b: DType) -> DType {
  let order: [DType] = [.bool, .u32, .i32, .f32, .f64]
  return order.last { $0 == a || $0 == b } ?? a
}
