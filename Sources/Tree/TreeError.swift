// What can be wrong with trees: each error names the place and both sides.

/// Why an operation on trees was refused.
public enum TreeError: Error, Hashable, CustomStringConvertible {
  /// A leaf of one kind was put where the tree holds another.
  case wrongKind(TreePath, expected: LeafKind, got: LeafKind)
  /// Too few or too many leaves; the path is that of the first leaf without a value.
  case wrongCount(expected: Int, got: Int, missing: TreePath?)
  /// Two trees that must have one structure differ at this place.
  case mismatch(TreePath, String, String)
  /// A prefix does not fit the tree here.
  case prefix(TreePath, PrefixMismatch, String, String)
  /// A node's visitor does not show its stored properties.
  case fields(TreePath, type: String, String)
  /// No tree has a value for this leaf.
  case missing(TreePath)
  /// A key path leads to a value that is no part of the tree, such as a constant.
  case notInTree(String, LeafKind)
  /// Two selected nodes, by their ordinals, both own this leaf.
  case overlap(TreePath, Int, Int)
  /// An operation was called with arguments that do not fit it.
  case badArgument(String)

  /// One lower-case sentence: what was required and what came.
  public var description: String {
    switch self {
    case .wrongKind(let path, let expected, let got):
      "\(path.place): the tree holds \(expected) here, got \(got)"
    case .wrongCount(let expected, let got, let missing):
      "too \(got < expected ? "few" : "many") leaves for the tree; expected \(expected), got \(got)"
        + (missing.map { ": none for \($0.place)" } ?? "")
    case .mismatch(let path, let a, let b): "\(path.place): the trees differ: \(a) and \(b)"
    case .prefix(let path, let kind, let prefix, let full):
      "\(path.place): different \(kind): the prefix has \(prefix), the full tree has \(full)"
    case .fields(let path, let type, let finding): "\(path.place): \(type) \(finding)"
    case .missing(let path): "\(path.place): no tree has a value here"
    case .notInTree(let path, let kind):
      "\(path) leads to \(kind) that is no leaf of the tree; select fields that the tree visits"
    case .overlap(let path, let a, let b):
      "\(path.place) belongs to the selected nodes \(a) and \(b); nodes that are replaced together "
        + "must not overlap"
    case .badArgument(let message): message
    }
  }
}
