// The values that go in and out of a file, as plain Swift values with the type they are stored in.
// Nothing is converted but the order of bytes: an f32 dataset is `[Float]`, or it is an error.
// Independent of Tensor, so that reading a file needs none of the semantics.

/// A dense array in row-major order, as one dataset stores it. A scalar has shape `[]`.
public struct StoredArray: Equatable, Sendable {
  /// The elements, typed as stored.
  public enum Elements: Equatable, Sendable {
    /// IEEE 754 binary32.
    case f32([Float])
    /// IEEE 754 binary64.
    case f64([Double])
    /// 32-bit signed integers.
    case i32([Int32])
    /// 32-bit unsigned integers.
    case u32([UInt32])
    /// 64-bit signed integers.
    case i64([Int64])
    /// 8-bit unsigned integers.
    case u8([UInt8])
    /// Truth values: h5py's enumeration, or u8 with the attribute `dtype = "bool"`.
    case bool([Bool])
  }

  /// The extent of each axis.
  public let shape: [Int]
  /// As many elements as `shape` has places.
  public let elements: Elements

  /// An array of `shape`; the writer refuses one whose count is not the product of its shape.
  public init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
  }
}

extension StoredArray.Elements {
  /// The number of elements.
  public var count: Int {
    switch self {
    case .f32(let values): values.count
    case .f64(let values): values.count
    case .i32(let values): values.count
    case .u32(let values): values.count
    case .i64(let values): values.count
    case .u8(let values): values.count
    case .bool(let values): values.count
    }
  }

  /// The type's name, as JAX abbreviates it.
  public var typeName: String { type.rawValue }

  var type: StoredType {
    switch self {
    case .f32: .f32
    case .f64: .f64
    case .i32: .i32
    case .u32: .u32
    case .i64: .i64
    case .u8: .u8
    case .bool: .bool
    }
  }
}

/// One attribute of a file, a group or a dataset.
public enum StoredAttribute: Equatable, Sendable {
  /// UTF-8 text, of fixed or variable length.
  case string(String)
  /// A one-dimensional list of texts.
  case strings([String])
  /// An integer of any width that fits.
  case int(Int)
  /// A floating-point number (f32 or f64).
  case double(Double)
  /// A truth value, as h5py writes one.
  case bool(Bool)

  var typeName: String {
    switch self {
    case .string: "a string"
    case .strings: "a list of strings"
    case .int: "an integer"
    case .double: "a float"
    case .bool: "a bool"
    }
  }
}

/// What a path names.
public enum StoredKind: String, Equatable, Sendable {
  /// A group.
  case group
  /// A dataset.
  case dataset
  /// Anything else: a named type, or a link that is never followed.
  case other = "object"
}

/// One entry of a group.
public struct StoredChild: Equatable, Sendable {
  /// The entry's name in its group.
  public let name: String
  /// What it is.
  public let kind: StoredKind
}
