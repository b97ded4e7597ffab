// What can be wrong with saving and loading, as a value. One lower-case line names the file, the
// leaf's path in the tree, the byte at which its part of the file starts, what was required and what
// was found.
// Invariant: equal faults give equal errors; no text depends on an address or a time.

public import Tree

/// Why a tree could not be saved or loaded.
public struct SerialisationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path as it was given; nil for bytes in memory.
  public var file: String?
  /// The leaf at which it went wrong.
  public var path: TreePath?
  /// The byte at which the part in question starts.
  public var offset: Int?
  /// The fault itself.
  public let reason: SerialisationFault

  /// An error of this `reason`.
  public init(
    _ reason: SerialisationFault, file: String? = nil, path: TreePath? = nil, offset: Int? = nil
  ) {
    self.file = file
    self.path = path
    self.offset = offset
    self.reason = reason
  }

  /// One line: file, leaf, byte, fault.
  public var description: String {
    let leaf = path.map { $0.keys.isEmpty ? "the root" : $0.description }
    let place = [file, leaf, offset.map { "at byte \($0)" }, reason.description]
    return place.compactMap { $0 }.joined(separator: ": ")
  }

  /// The error with what it did not know yet.
  func inside(file: String? = nil, path: TreePath? = nil) -> SerialisationError {
    SerialisationError(
      reason, file: self.file ?? file, path: self.path ?? path, offset: offset)
  }
}
