// Which of our element types does an HDF5 type stand for? Only an exact match counts: size, sign,
// format and precision, in either order of bytes. Everything else gets a name for the error message.

internal import CHDF5

enum StoredType: String, CaseIterable {
  case f32, f64, i32, u32, i64, u8, bool
}

extension StoredType {
  /// The type that `type` is exactly, or `nil`.
  init?(exactly type: borrowing Handle) {
    if isBoolEnumeration(type) {
      self = .bool
      return
    }
    let id = type.id
    let match = Self.allCases.first { candidate in
      candidate != .bool
        && (H5Tequal(id, candidate.littleEndian) > 0 || H5Tequal(id, candidate.bigEndian) > 0)
    }
    guard let match else { return nil }
    self = match
  }

  var size: Int {
    switch self {
    case .f32, .i32, .u32: 4
    case .f64, .i64: 8
    case .u8, .bool: 1
    }
  }

  /// The type of one element in memory; a bool is the i8 that its enumeration rests on.
  var native: hid_t {
    switch self {
    case .f32: chdf5_native_f32()
    case .f64: chdf5_native_f64()
    case .i32: chdf5_native_i32()
    case .u32: chdf5_native_u32()
    case .i64: chdf5_native_i64()
    case .u8: chdf5_native_u8()
    case .bool: chdf5_native_i8()
    }
  }

  /// The type that we write, the same on every machine.
  var littleEndian: hid_t {
    switch self {
    case .f32: chdf5_f32le()
    case .f64: chdf5_f64le()
    case .i32: chdf5_i32le()
    case .u32: chdf5_u32le()
    case .i64: chdf5_i64le()
    case .u8: chdf5_u8le()
    case .bool: chdf5_i8le()
    }
  }

  private var bigEndian: hid_t {
    switch self {
    case .f32: chdf5_f32be()
    case .f64: chdf5_f64be()
    case .i32: chdf5_i32be()
    case .u32: chdf5_u32be()
    case .i64: chdf5_i64be()
    case .u8: chdf5_u8be()
    case .bool: chdf5_i8be()
    }
  }
}

/// h5py's bool: an enumeration over i8 with FALSE = 0 and TRUE = 1, and nothing else.
private func isBoolEnumeration(_ type: borrowing Handle) -> Bool {
  guard H5Tget_class(type.id) == H5T_ENUM, H5Tget_nmembers(type.id) == 2,
    let base = Handle(H5Tget_super(type.id)), H5Tequal(base.id, chdf5_i8le()) > 0
  else { return false }
  return [("FALSE", Int8(0)), ("TRUE", Int8(1))].allSatisfy { name, value in
    var stored: Int8 = -1
    return H5Tenum_valueof(type.id, name, &stored) >= 0 && stored == value
  }
}

/// The enumeration that h5py reads back as bool.
func makeBoolEnumeration() -> Handle? {
  guard let type = Handle(H5Tenum_create(chdf5_i8le())) else { return nil }
  for (name, member) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
    var value = member
    guard H5Tenum_insert(type.id, name, &value) >= 0 else { return nil }
  }
  return type
}

/// The name of any HDF5 type, for error messages.
func describeType(_ type: borrowing Handle) -> String {
  if let known = StoredType(exactly: type) { return known.rawValue }
  let bits = H5Tget_size(type.id).multipliedReportingOverflow(by: 8).partialValue
  return switch H5Tget_class(type.id) {
  case H5T_INTEGER: H5Tget_sign(type.id) == H5T_SGN_NONE ? "u\(bits)" : "i\(bits)"
  case H5T_FLOAT: "f\(bits) (not an IEEE f32 or f64)"
  case H5T_STRING: "a string"
  case H5T_ENUM: "an enumeration (not h5py's bool)"
  case H5T_COMPOUND: "a compound type"
  case H5T_REFERENCE: "a reference"
  case H5T_OPAQUE: "an opaque type"
  case H5T_VLEN: "a variable-length sequence"
  case H5T_ARRAY: "an array type"
  case H5T_BITFIELD: "a bit field"
  // A C enumeration is open: a class that is newer than this list has no name here.
  case _: "a type of an unknown class"
  }
}
