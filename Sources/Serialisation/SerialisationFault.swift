// The faults of files and of trees, each with its words.

/// What is wrong.
public enum SerialisationFault: Equatable, Sendable, CustomStringConvertible {
  /// No file has this name.
  case noSuchFile
  /// The name is a folder's.
  case isDirectory
  /// The name is a pipe's, a socket's or a device's.
  case notRegularFile
  /// The system refuses.
  case noPermission
  /// The system failed to read; its words.
  case cannotRead(String)
  /// The system failed to write; its words.
  case cannotWrite(String)
  /// A name that no file can have.
  case badName(String)
  /// The bytes end too early.
  case truncated(needed: Int, available: Int)
  /// The bytes do not start as the format does.
  case notThisFormat(String)
  /// The header contradicts the format.
  case badHeader(String)
  /// The record needs Python to be run.
  case pickled
  /// An element type that no leaf holds.
  case unsupportedType(String)
  /// The file and the tree differ here.
  case mismatch(file: String, tree: String)
  /// A number of the file has no equal in the tree's type.
  case inexact(file: String, tree: String)
  /// An element is no value of its type.
  case badElement(String)
  /// Bytes are left when the tree is complete.
  case trailingBytes(Int)
  /// The value cannot be stored in this format.
  case cannotHold(String)
  /// The tree has something that the file lacks.
  case missing(String)
  /// The file has something that the tree lacks.
  case unexpected(String)
  /// The bytes are not those that were written.
  case checksum
  /// A function that was given for a leaf failed; its words.
  case ruleFailed(String)

  /// What was required, what was found, what to do.
  public var description: String {
    switch self {
    case .noSuchFile: "no such file"
    case .isDirectory: "is a directory"
    case .notRegularFile: "is not a regular file"
    case .noPermission: "permission denied"
    case .cannotRead(let words): "cannot be read (\(words))"
    case .cannotWrite(let words): "cannot be written (\(words))"
    case .badName(let name): "'\(name)' cannot be the name of a file"
    case .truncated(let needed, let available):
      "is truncated: \(needed) bytes are needed here, \(available) are left"
    case .notThisFormat(let what): "is not \(what)"
    case .badHeader(let what): "bad header: \(what)"
    case .pickled: "holds pickled Python objects, which are never loaded"
    case .unsupportedType(let type):
      "is stored as \(type); readable are f32, f64, i32, u32, bool and Python's bool, int, float"
    case .mismatch(let file, let tree): "the file has \(file), this tree has \(tree)"
    case .inexact(let file, let tree): "\(file) in the file has no equal in \(tree)"
    case .badElement(let what): what
    case .trailingBytes(let count):
      "\(count) bytes are left over: the file was written from another tree, or holds several "
        + "(accepting: .trailingBytes reads on)"
    case .cannotHold(let what): "cannot be saved: \(what)"
    case .missing(let what): "the file lacks \(what)"
    case .unexpected(let what): "the file has \(what), which this tree lacks"
    case .checksum: "is damaged: the checksum does not fit the bytes"
    case .ruleFailed(let words): words
    }
  }
}
