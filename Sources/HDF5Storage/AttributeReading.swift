// How does an attribute become a Swift value? By its stored class: text (fixed or variable length,
// UTF-8), integers of any width that fit an Int, floats, h5py's bool. The typed getters throw when the
// stored class is another.

internal import CHDF5

extension HDF5File {
  /// The names of an object's attributes, sorted.
  public func attributeNames(of path: String = "/") throws -> [String] {
    try withLibrary {
      let owner = try object(at: path)
      return try collectNames(path) { chdf5_each_attribute(owner.id, $0, $1) }.sorted()
    }
  }

  /// The attribute `name` of the object at `path`.
  public func attribute(_ name: String, of path: String = "/") throws -> StoredAttribute {
    try withLibrary {
      guard !name.utf8.contains(0) else { throw error(path, .invalidName(name)) }
      let owner = try object(at: path)
      let exists = H5Aexists(owner.id, name)
      guard exists != 0 else { throw error(path, .missingAttribute(name)) }
      guard exists > 0, let attribute = Handle(H5Aopen(owner.id, name, chdf5_default())),
        let type = Handle(H5Aget_type(attribute.id)),
        let space = Handle(H5Aget_space(attribute.id))
      else { throw damaged(path) }
      let site = AttributeSite(name: name, path: path, shape: readShape(space))
      return try value(of: attribute, type, site)
    }
  }

  /// The text of a string attribute.
  public func string(_ name: String, of path: String = "/") throws -> String {
    let value = try attribute(name, of: path)
    guard case .string(let text) = value else { throw mismatch(name, path, "a string", value) }
    return text
  }

  /// The value of an integer attribute.
  public func int(_ name: String, of path: String = "/") throws -> Int {
    let value = try attribute(name, of: path)
    guard case .int(let number) = value else { throw mismatch(name, path, "an integer", value) }
    return number
  }

  /// The value of a floating-point attribute.
  public func double(_ name: String, of path: String = "/") throws -> Double {
    let value = try attribute(name, of: path)
    guard case .double(let number) = value else { throw mismatch(name, path, "a float", value) }
    return number
  }

  /// The value of a bool attribute.
  public func bool(_ name: String, of path: String = "/") throws -> Bool {
    let value = try attribute(name, of: path)
    guard case .bool(let truth) = value else { throw mismatch(name, path, "a bool", value) }
    return truth
  }

  private func mismatch(
    _ name: String, _ path: String, _ expected: String, _ found: StoredAttribute
  ) -> StorageError {
    error(path, .wrongAttributeType(name: name, expected: expected, found: found.typeName))
  }
}

/// Which attribute, for error messages, and its shape (`nil` if it has none).
private struct AttributeSite {
  let name: String
  let path: String
  let shape: [Int]?
}

extension HDF5File {
  private func value(
    of attribute: borrowing Handle, _ type: borrowing Handle, _ site: AttributeSite
  ) throws -> StoredAttribute {
    if H5Tget_class(type.id) == H5T_STRING {
      return try text(of: attribute, type, site)
    }
    guard site.shape == [] else { throw unsupported(site, "an array of \(describeType(type))") }
    if H5Tget_class(type.id) == H5T_INTEGER {
      return .int(try integer(of: attribute, signed: H5Tget_sign(type.id) != H5T_SGN_NONE, site))
    }
    switch StoredType(exactly: type) {
    case .f32, .f64:
      return .double(try scalar(of: attribute, chdf5_native_f64(), zero: 0.0, site))
    case .bool:
      guard let truth = makeBoolEnumeration() else { throw damaged(site.path) }
      let stored = try scalar(of: attribute, truth.id, zero: Int8(0), site)
      guard stored == 0 || stored == 1 else { throw unsupported(site, "a bool of \(stored)") }
      return .bool(stored == 1)
    case .i32, .u32, .i64, .u8, nil:
      throw unsupported(site, describeType(type))
    }
  }

  private func integer(
    of attribute: borrowing Handle, signed: Bool, _ site: AttributeSite
  ) throws -> Int {
    if signed { return Int(try scalar(of: attribute, chdf5_native_i64(), zero: Int64(0), site)) }
    let value = try scalar(of: attribute, chdf5_native_u64(), zero: UInt64(0), site)
    guard let small = Int(exactly: value) else { throw unsupported(site, "\(value)") }
    return small
  }

  private func scalar<Value: BitwiseCopyable>(
    of attribute: borrowing Handle, _ type: hid_t, zero: Value, _ site: AttributeSite
  ) throws -> Value {
    var value = zero
    let status = withUnsafeMutableBytes(of: &value) {
      H5Aread(attribute.id, type, $0.baseAddress)
    }
    guard status >= 0 else { throw damaged(site.path) }
    return value
  }

  private func unsupported(_ site: AttributeSite, _ found: String) -> StorageError {
    error(
      site.path,
      .wrongAttributeType(
        name: site.name, expected: "a string, an integer, a float or a bool", found: found))
  }
}

extension HDF5File {
  private func text(
    of attribute: borrowing Handle, _ type: borrowing Handle, _ site: AttributeSite
  ) throws -> StoredAttribute {
    guard let shape = site.shape, shape.count <= 1 else {
      throw unsupported(site, "a table of strings")
    }
    let count = shape.first ?? 1
    let texts =
      H5Tis_variable_str(type.id) > 0
      ? try variableTexts(of: attribute, type, count, site)
      : try fixedTexts(of: attribute, type, count, site)
    return shape.isEmpty ? .string(texts[0]) : .strings(texts)
  }

  /// A file stores a reference of 16 bytes for each text, so it cannot hold more texts than bytes.
  private func variableTexts(
    of attribute: borrowing Handle, _ type: borrowing Handle, _ count: Int, _ site: AttributeSite
  ) throws -> [String] {
    guard count <= byteCount else { throw tooLong(site, "\(count) strings") }
    guard let memory = Handle(H5Tcopy(chdf5_c_string())),
      H5Tset_size(memory.id, chdf5_variable()) >= 0,
      H5Tset_cset(memory.id, H5Tget_cset(type.id)) >= 0
    else { throw damaged(site.path) }
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    defer { for case let pointer? in pointers { H5free_memory(pointer) } }
    guard H5Aread(attribute.id, memory.id, &pointers) >= 0 else { throw damaged(site.path) }
    return try pointers.map { pointer in
      guard let pointer else { return "" }
      guard let text = String(validatingCString: pointer) else { throw notUTF8(site) }
      return text
    }
  }

  private func fixedTexts(
    of attribute: borrowing Handle, _ type: borrowing Handle, _ count: Int, _ site: AttributeSite
  ) throws -> [String] {
    let width = Int(H5Tget_size(type.id))
    let (total, overflow) = width.multipliedReportingOverflow(by: count)
    guard !overflow, total <= byteCount else { throw tooLong(site, "\(count) × \(width) bytes") }
    var bytes = [UInt8](repeating: 0, count: total)
    guard H5Aread(attribute.id, type.id, &bytes) >= 0 else { throw damaged(site.path) }
    let spacePadded = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
    return try (0..<count).map { index in
      var text = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
      while spacePadded, text.last == 0x20 { text.removeLast() }
      guard let valid = String(validating: text, as: UTF8.self) else { throw notUTF8(site) }
      return valid
    }
  }

  private func notUTF8(_ site: AttributeSite) -> StorageError {
    error(site.path, .notUTF8("attribute '\(site.name)'"))
  }

  private func tooLong(_ site: AttributeSite, _ claimed: String) -> StorageError {
    error(site.path, .tooLarge(claimed: "\(claimed) in '\(site.name)'", limit: byteCount))
  }
}
