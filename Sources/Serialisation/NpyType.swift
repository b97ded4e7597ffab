// The element types of NumPy that leaves are made of, by NumPy's own codes.
//
// SE-02: tensors are stored in their dtype; a Bool as bool, an Int as int64, a Double as float64, as
// Equinox stores Python's numbers. Everything is little-endian, on disk and in the memory of every
// machine that Swift runs on, so that elements are copied and never converted.

import Core

#if _endian(big)
  #error("elements are stored as they lie in memory, which must be little-endian")
#endif

/// The type of the elements of a record.
enum NpyType: Hashable {
  case f32, f64, i32, u32, i64, bool

  /// NumPy's code.
  var descr: String {
    switch self {
    case .f32: "<f4"
    case .f64: "<f8"
    case .i32: "<i4"
    case .u32: "<u4"
    case .i64: "<i8"
    case .bool: "|b1"
    }
  }

  /// JAX's short name.
  var name: String {
    switch self {
    case .f32: "f32"
    case .f64: "f64"
    case .i32: "i32"
    case .u32: "u32"
    case .i64: "i64"
    case .bool: "bool"
    }
  }

  /// The bytes of one element.
  var size: Int {
    switch self {
    case .f32, .i32, .u32: 4
    case .f64, .i64: 8
    case .bool: 1
    }
  }

  /// The type of a tensor's elements.
  init(_ dtype: DType) {
    self =
      switch dtype {
      case .f32: .f32
      case .f64: .f64
      case .i32: .i32
      case .u32: .u32
      case .bool: .bool
      }
  }

  /// The type that `descr` names: little-endian, native, or of one byte.
  /// - Throws: `.pickled` for objects, `.unsupportedType` for all others.
  init(descr: String) throws {
    let code = descr.first.map { "<=|".contains($0) } == true ? descr.dropFirst() : descr[...]
    switch code {
    case "f4": self = .f32
    case "f8": self = .f64
    case "i4": self = .i32
    case "u4": self = .u32
    case "i8": self = .i64
    case "b1", "?": self = .bool
    case "O", "O8", "O4": throw SerialisationError(.pickled)
    case _: throw SerialisationError(.unsupportedType("NumPy's '\(descr)'"))
    }
  }
}
