// How is a file written? Under a temporary name in the same folder, closed, and only then renamed over
// the real one: a reader sees the old file or the new one, whole. Whatever fails, nothing is left.
// Invariant: the same calls write the same bytes (no times are recorded).

internal import CHDF5
internal import Foundation

extension HDF5File {
  /// Writes a file at `path` with `body`, and puts it in place only if `body` returns.
  ///
  /// The first `userBlock` bytes, 0 or a power of 2 from 512 on, are zeros that HDF5 passes over.
  public static func create<Result>(
    _ path: String, userBlock: Int = 0, _ body: (HDF5Writer) throws -> Result
  ) throws -> Result {
    let temporary = try temporaryName(beside: path)
    do {
      let result = try write(temporary, for: path, userBlock, body)
      guard rename(temporary, path) == 0 else { throw systemError(path) }
      return result
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func write<Result>(
    _ temporary: String, for path: String, _ userBlock: Int,
    _ body: (HDF5Writer) throws -> Result
  ) throws -> Result {
    guard
      let file = withLibrary({ () -> Handle? in
        guard let plan = timelessPlan(chdf5_file_create()), let access = checksummedAccess(),
          H5Pset_userblock(plan.id, hsize_t(userBlock)) >= 0
        else { return nil }
        return Handle(H5Fcreate(temporary, chdf5_exclusive(), plan.id, access.id))
      })
    else { throw systemError(path) }
    let writer = HDF5Writer(path: path, file: file)
    let result = try body(writer)
    guard writer.close() else { throw StorageError(file: path, .cannotWrite("closing failed")) }
    return result
  }

  private static func temporaryName(beside path: String) throws -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw StorageError(file: path, .invalidName(path))
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw StorageError(file: path, .isDirectory)
    }
    let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return (parts.dropLast() + [".\(parts.last ?? "").\(tag)"]).joined(separator: "/")
  }

  private static func systemError(_ path: String) -> StorageError {
    StorageError(file: path, .cannotWrite(String(cString: strerror(errno)).lowercased()))
  }
}

/// The right to add to a file that `HDF5File.create` is writing; kept longer, every call throws.
public final class HDF5Writer {
  private let path: String
  /// The open file's identifier; HDF5 itself refuses it once `file` is closed.
  private let id: hid_t
  private var file: Handle?

  init(path: String, file: consuming Handle) {
    self.path = path
    self.id = file.id
    self.file = consume file
  }

  func close() -> Bool {
    let flushed = withLibrary { H5Fflush(id, H5F_SCOPE_GLOBAL) } >= 0
    let closed = file.take()?.close() ?? false
    return flushed && closed
  }

  /// Makes a group, and those that lead to it.
  public func group(_ path: String) throws {
    _ = try withLibrary { try groupHandle(components(path), path) }
  }

  /// Writes a dataset at a new path, making the groups that lead to it.
  public func write(_ array: StoredArray, at path: String) throws {
    guard elementCount(array.shape, size: 8) == array.elements.count else {
      throw error(path, .countMismatch(shape: array.shape, count: array.elements.count))
    }
    let names = try components(path)
    guard let name = names.last else { throw error(path, .invalidName(path)) }
    try withLibrary {
      let parent = try groupHandle(names.dropLast(), path)
      let type = try fileType(of: array.elements, path)
      guard let space = makeSpace(array.shape), let plan = timelessPlan(chdf5_dataset_create()),
        let dataset = Handle(
          H5Dcreate2(
            parent.id, name, type.id, space.id, chdf5_default(), plan.id, chdf5_default()))
      else { throw failed(path) }
      try array.elements.withNativeBytes { native, bytes in
        let memory = native ?? type.id
        guard H5Dwrite(dataset.id, memory, chdf5_all(), chdf5_all(), chdf5_default(), bytes) >= 0
        else { throw failed(path) }
      }
    }
  }

  /// Writes a new attribute of an object that exists.
  public func setAttribute(
    _ name: String, of path: String = "/", to value: StoredAttribute
  ) throws {
    guard !name.isEmpty, !name.utf8.contains(0) else { throw error(path, .invalidName(name)) }
    try withLibrary {
      guard let owner = Handle(H5Oopen(id, path, chdf5_default())) else {
        throw error(path, .missingObject(.other))
      }
      switch value {
      case .string(let text): try writeTexts([text], shape: [], name, owner, path)
      case .strings(let texts): try writeTexts(texts, shape: [texts.count], name, owner, path)
      case .int(let number):
        try writeScalar(Int64(number), chdf5_i64le(), chdf5_native_i64(), name, owner, path)
      case .double(let number):
        try writeScalar(number, chdf5_f64le(), chdf5_native_f64(), name, owner, path)
      case .bool(let truth):
        guard let type = makeBoolEnumeration() else { throw failed(path) }
        try writeScalar(Int8(truth ? 1 : 0), type.id, type.id, name, owner, path)
      }
    }
  }
}

extension HDF5Writer {
  private func writeScalar<Value>(
    _ value: Value, _ stored: hid_t, _ native: hid_t, _ name: String, _ owner: borrowing Handle,
    _ path: String
  ) throws {
    let attribute = try makeAttribute(name, stored, shape: [], owner, path)
    try withUnsafePointer(to: value) {
      guard H5Awrite(attribute.id, native, $0) >= 0 else { throw failed(path) }
    }
  }

  private func writeTexts(
    _ texts: [String], shape: [Int], _ name: String, _ owner: borrowing Handle, _ path: String
  ) throws {
    // A text ends at its first zero byte; one with a zero inside would come back shorter.
    guard texts.allSatisfy({ !$0.utf8.contains(0) }) else { throw error(path, .invalidName(name)) }
    let width = max(1, texts.map(\.utf8.count).max() ?? 1)
    guard let type = Handle(H5Tcopy(chdf5_c_string())), H5Tset_size(type.id, width) >= 0,
      H5Tset_strpad(type.id, H5T_STR_NULLPAD) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
    else { throw failed(path) }
    let attribute = try makeAttribute(name, type.id, shape: shape, owner, path)
    let bytes = texts.flatMap { text in
      Array(text.utf8) + [UInt8](repeating: 0, count: width - text.utf8.count)
    }
    guard H5Awrite(attribute.id, type.id, bytes) >= 0 else { throw failed(path) }
  }

  private func makeAttribute(
    _ name: String, _ type: hid_t, shape: [Int], _ owner: borrowing Handle, _ path: String
  ) throws -> Handle {
    guard let space = makeSpace(shape),
      let attribute = Handle(
        H5Acreate2(owner.id, name, type, space.id, chdf5_default(), chdf5_default()))
    else { throw failed(path) }
    return attribute
  }

  private func groupHandle(_ names: some Sequence<String>, _ path: String) throws -> Handle {
    guard var current = Handle(H5Gopen2(id, "/", chdf5_default())),
      let plan = timelessPlan(chdf5_group_create())
    else { throw failed(path) }
    for name in names {
      let exists = H5Lexists(current.id, name, chdf5_default()) > 0
      let next =
        exists
        ? H5Gopen2(current.id, name, chdf5_default())
        : H5Gcreate2(current.id, name, chdf5_default(), plan.id, chdf5_default())
      guard let handle = Handle(next) else { throw failed(path) }
      current = handle
    }
    return current
  }

  private func components(_ path: String) throws -> [String] {
    let names = path.split(separator: "/").map(String.init)
    guard !path.utf8.contains(0), !names.contains(".") else {
      throw error(path, .invalidName(path))
    }
    return names
  }

  private func fileType(of elements: StoredArray.Elements, _ path: String) throws -> Handle {
    let type = elements.type
    guard let handle = type == .bool ? makeBoolEnumeration() : Handle(H5Tcopy(type.littleEndian))
    else { throw failed(path) }
    return handle
  }

  private func error(_ object: String, _ reason: StorageError.Reason) -> StorageError {
    StorageError(file: path, object: object, reason)
  }

  private func failed(_ object: String) -> StorageError {
    error(object, .cannotWrite("HDF5 says: \(lastFailure().text)"))
  }
}

extension StoredArray.Elements {
  /// Calls `body` with the elements and their type in memory; `nil` where that is the file's own.
  fileprivate func withNativeBytes(_ body: (hid_t?, UnsafeRawPointer?) throws -> Void) rethrows {
    switch self {
    case .f32(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .f64(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .i32(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .u32(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .i64(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .u8(let values): try values.withUnsafeBytes { try body(type.native, $0.baseAddress) }
    case .bool(let values):
      try values.map { Int8($0 ? 1 : 0) }.withUnsafeBytes { try body(nil, $0.baseAddress) }
    }
  }
}

private func makeSpace(_ shape: [Int]) -> Handle? {
  if shape.isEmpty { return Handle(H5Screate(H5S_SCALAR)) }
  return Handle(H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil))
}

/// The format of HDF5 1.10, whose metadata carry checksums: a damaged byte is found before it is
/// believed. Texts have a fixed length for the same reason, as the global heap has no checksum.
private func checksummedAccess() -> Handle? {
  guard let plan = unlockedAccess(),
    H5Pset_libver_bounds(plan.id, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0
  else { return nil }
  return plan
}

/// A property list for something that is made without recording when.
private func timelessPlan(_ kind: hid_t) -> Handle? {
  guard let plan = Handle(H5Pcreate(kind)), H5Pset_obj_track_times(plan.id, false) >= 0 else {
    return nil
  }
  return plan
}
