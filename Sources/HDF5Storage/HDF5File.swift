// An HDF5 file opened for reading: what is in it, and where. Paths are slash-separated and start at
// the root; "/", "" and "a//b" mean what they do in a shell. Soft and external links are never
// followed, so a file can lead nowhere but into itself.
// Invariant: nothing that a file contains can crash the process or make it write; it is a
// `StorageError` or a value.

internal import CHDF5

/// A file opened for reading. It closes itself.
public final class HDF5File: Sendable {
  /// The path it was opened with.
  public let path: String
  let byteCount: Int
  /// The most bytes that a dataset may claim.
  let byteLimit: Int
  private let handle: Handle

  private init(path: String, byteCount: Int, byteLimit: Int, handle: consuming Handle) {
    self.path = path
    self.byteCount = byteCount
    self.byteLimit = byteLimit
    self.handle = handle
  }

  /// Opens the file at `path`; throws `StorageError` saying why it cannot be one of ours.
  ///
  /// Only files whose metadata carry checksums are opened (HDF5 1.8 and later write them when asked:
  /// in h5py, `libver="v110"`), because the C library believes a damaged byte in the older format and
  /// can be made to crash by it. `requireChecksums: false` opens such a file as well, for trusted ones.
  /// `allowCompression: false` believes no dataset that is larger than the file.
  public static func open(
    _ path: String, requireChecksums: Bool = true, allowCompression: Bool = true
  ) throws -> HDF5File {
    let byteCount = try regularFileSize(path)
    if requireChecksums, let fault = try uncheckedPart(of: path) {
      throw StorageError(file: path, fault)
    }
    return try withLibrary {
      guard let access = unlockedAccess() else {
        throw StorageError(file: path, .damaged(lastFailure().text))
      }
      let limit = StorageLimits.bytes(inFileOf: byteCount, allowCompression: allowCompression)
      return HDF5File(
        path: path, byteCount: byteCount, byteLimit: limit,
        handle: try opened(path, byteCount: byteCount, access))
    }
  }

  /// The open file. `access` is only closed afterwards, as that would make HDF5 forget what it said.
  private static func opened(
    _ path: String, byteCount: Int, _ access: borrowing Handle
  ) throws -> Handle {
    if let handle = Handle(H5Fopen(path, chdf5_read_only(), access.id)) { return handle }
    throw StorageError(
      file: path, openingFault(path, byteCount: byteCount, lastFailure()))
  }

  /// What `path` names, or `nil` if nothing.
  public func kind(at path: String) throws -> StoredKind? {
    do {
      return try withLibrary { try object(at: path).kind }
    } catch let error as StorageError {
      if case .missingObject = error.reason { return nil }
      throw error
    }
  }

  /// The entries of a group, sorted by name.
  public func children(of group: String = "/") throws -> [StoredChild] {
    try withLibrary {
      let parent = try object(at: group, .group)
      return try linkNames(of: parent, group).map { name in
        let isHard = chdf5_link_kind(parent.id, name) == Int32(H5L_TYPE_HARD.rawValue)
        guard isHard else { return StoredChild(name: name, kind: .other) }
        guard let child = Handle(H5Oopen(parent.id, name, chdf5_default())) else {
          throw damaged(join(group, name))
        }
        return StoredChild(name: name, kind: child.kind)
      }
    }
  }

  /// The path of every dataset below a group, relative to it, sorted group by group.
  public func datasetPaths(under group: String = "/") throws -> [String] {
    var budget = StorageLimits.maximumObjects
    var paths: [String] = []
    try walk(group, prefix: "", depth: 0, budget: &budget, into: &paths)
    return paths
  }

  private func walk(
    _ group: String, prefix: String, depth: Int, budget: inout Int, into paths: inout [String]
  ) throws {
    guard depth < StorageLimits.maximumDepth else {
      throw error(group, .tooDeep(limit: StorageLimits.maximumDepth))
    }
    for child in try children(of: group) {
      budget -= 1
      guard budget >= 0 else {
        throw error(group, .tooMany(limit: StorageLimits.maximumObjects))
      }
      switch child.kind {
      case .dataset: paths.append(prefix + child.name)
      case .group:
        try walk(
          join(group, child.name), prefix: prefix + child.name + "/", depth: depth + 1,
          budget: &budget, into: &paths)
      case .other: throw error(join(group, child.name), .indirectLink)
      }
    }
  }
}

extension HDF5File {
  /// Opens what `path` names, link by link, through hard links only.
  func object(at path: String, _ expected: StoredKind = .other) throws -> Handle {
    guard !path.utf8.contains(0) else { throw error(path, .invalidName(path)) }
    guard var current = Handle(H5Oopen(handle.id, "/", chdf5_default())) else {
      throw damaged("/")
    }
    for name in path.split(separator: "/").map(String.init) {
      current = try child(name, of: current, path, expected)
    }
    guard expected == .other || current.kind == expected else {
      throw error(path, .wrongKind(expected: expected, found: current.kind))
    }
    return current
  }

  private func child(
    _ name: String, of parent: borrowing Handle, _ path: String, _ expected: StoredKind
  ) throws -> Handle {
    guard parent.kind == .group else { throw error(path, .missingObject(expected)) }
    let kind = chdf5_link_kind(parent.id, name)
    guard kind >= 0 else {
      let failure = damaged(path)
      throw H5Lexists(parent.id, name, chdf5_default()) == 0
        ? error(path, .missingObject(expected)) : failure
    }
    guard kind == Int32(H5L_TYPE_HARD.rawValue) else { throw error(path, .indirectLink) }
    guard let child = Handle(H5Oopen(parent.id, name, chdf5_default())) else {
      throw damaged(path)
    }
    return child
  }

  private func linkNames(of group: borrowing Handle, _ path: String) throws -> [String] {
    try collectNames(path) { chdf5_each_link(group.id, $0, $1) }.sorted()
  }

  /// Gathers the names that one of the shim's iterators gives.
  func collectNames(
    _ path: String,
    _ iterate: (
      @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void,
      UnsafeMutableRawPointer
    ) -> herr_t
  ) throws -> [String] {
    var names: [String?] = []
    let status = withUnsafeMutablePointer(to: &names) { list in
      iterate(
        { name, context in
          guard let name, let context else { return }
          context.assumingMemoryBound(to: [String?].self).pointee.append(
            String(validatingCString: name))
        }, list)
    }
    guard status >= 0 else { throw damaged(path) }
    return try names.map { name in
      guard let name else { throw error(path, .notUTF8("a name")) }
      return name
    }
  }

  func error(_ object: String, _ reason: StorageError.Reason) -> StorageError {
    StorageError(file: path, object: object, reason)
  }

  /// The error of the call that just failed.
  func damaged(_ object: String) -> StorageError { error(object, .damaged(lastFailure().text)) }

  func join(_ group: String, _ name: String) -> String {
    group.hasSuffix("/") || group.isEmpty ? group + name : group + "/" + name
  }
}
