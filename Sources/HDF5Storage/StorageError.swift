// Everything that can be wrong with a file, as a value. One lower-case line names the file, the
// object in it where there is one, what was required and what was found.
// Invariant: equal faults give equal errors; no text depends on an address or a time.

/// Why a file could not be read or written.
public struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The fault itself.
  public enum Reason: Equatable, Sendable {
    /// No file has this name.
    case missingFile
    /// The name is a folder's.
    case isDirectory
    /// The name is a pipe's, a socket's or a device's.
    case notRegularFile
    /// The system refuses to open the file.
    case noPermission
    /// The file has no HDF5 signature.
    case notHDF5
    /// The file is shorter than its own header says.
    case truncated
    /// The file is HDF5, but HDF5 cannot make sense of a part; its own words follow.
    case damaged(String)
    /// The file is in the older format, whose metadata have no checksums.
    case withoutChecksums
    /// No object has this path.
    case missingObject(StoredKind)
    /// The object exists, but is of another kind.
    case wrongKind(expected: StoredKind, found: StoredKind)
    /// The path leads through a soft or external link, which are never followed.
    case indirectLink
    /// The object has no attribute of this name.
    case missingAttribute(String)
    /// The attribute holds a value of another type.
    case wrongAttributeType(name: String, expected: String, found: String)
    /// The stored type is none of those this module reads.
    case unsupportedType(String)
    /// The layout is one that this module does not read: filters, external files, virtual datasets.
    case unsupportedLayout(String)
    /// The object claims more bytes than a file of this size may hold.
    case tooLarge(claimed: String, limit: Int)
    /// The groups nest deeper than the limit: a cycle of links, or a hostile file.
    case tooDeep(limit: Int)
    /// The tree holds more objects than the limit.
    case tooMany(limit: Int)
    /// The text is not UTF-8.
    case notUTF8(String)
    /// The shape and the number of elements contradict one another.
    case countMismatch(shape: [Int], count: Int)
    /// A path or a name that HDF5 cannot hold.
    case invalidName(String)
    /// Writing failed; the reason follows.
    case cannotWrite(String)
  }

  /// The file's path, as it was given.
  public let file: String
  /// The path of the object inside the file, if the fault concerns one.
  public let object: String?
  /// The fault.
  public let reason: Reason

  /// An error of this `reason` in `file`, at `object`.
  public init(file: String, object: String? = nil, _ reason: Reason) {
    self.file = file
    self.object = object
    self.reason = reason
  }

  /// One line: file, object, fault.
  public var description: String {
    [file, object, reason.text].compactMap { $0 }.joined(separator: ": ")
  }
}

extension StorageError.Reason {
  fileprivate var text: String {
    switch self {
    case .missingFile: "no such file"
    case .isDirectory: "is a directory, not an HDF5 file"
    case .notRegularFile: "is not a regular file"
    case .noPermission: "permission denied"
    case .notHDF5: "is not an HDF5 file (it has no HDF5 signature)"
    case .truncated: "is truncated (shorter than its header says)"
    case .damaged(let words): "is damaged (HDF5 says: \(words))"
    case .withoutChecksums:
      "is in the older HDF5 format without checksums; write it with h5py's libver=\"v110\""
    case .missingObject(let kind): "no such \(kind.rawValue)"
    case .wrongKind(let expected, let found):
      "expected a \(expected.rawValue), found a \(found.rawValue)"
    case .indirectLink: "is a soft or external link; only hard links are followed"
    case .missingAttribute(let name): "has no attribute '\(name)'"
    case .wrongAttributeType(let name, let expected, let found):
      "attribute '\(name)' should be \(expected), but is stored as \(found)"
    case .unsupportedType(let type):
      "is stored as \(type); readable are f32, f64, i32, u32, i64, u8 and bool"
    case .unsupportedLayout(let layout): "is stored \(layout), which is not read"
    case .tooLarge(let claimed, let limit): "claims \(claimed); the limit is \(limit) bytes"
    case .tooDeep(let limit): "groups nest deeper than \(limit) levels (a cycle of links?)"
    case .tooMany(let limit): "holds more than \(limit) objects"
    case .notUTF8(let what): "\(what) is not valid UTF-8"
    case .countMismatch(let shape, let count): "shape \(shape) cannot hold \(count) elements"
    case .invalidName(let name): "'\(name)' cannot be a name in an HDF5 file"
    case .cannotWrite(let words): "cannot be written (\(words))"
    }
  }
}
