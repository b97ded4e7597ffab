// Functions of leaves, applied to whole trees.

public import Core

/// The tree with `transform` applied to each leaf.
/// - Throws: what `transform` throws; `TreeError.wrongKind` if it gives a leaf of another kind.
public func treeMap<T: PyTree>(_ tree: T, _ transform: (Leaf) throws -> Leaf) throws -> T {
  try withoutActuallyEscaping(transform) {
    try tree.changed(by: FieldVisitor(.transform, transform: $0))
  }
}

/// The tree with `transform` applied to each tensor; other leaves stay.
public func treeMap<T: PyTree>(
  tensors tree: T, _ transform: (Tensor) throws -> Tensor
) throws -> T {
  try treeMap(tree) { leaf in
    guard case .tensor(let tensor) = leaf else { return leaf }
    return .tensor(try transform(tensor))
  }
}

/// `a` with each leaf replaced by the result for the leaves of both trees.
/// - Throws: `TreeError.mismatch` if the structures differ.
public func treeMap<T: PyTree>(
  _ a: T, _ b: T, _ transform: (Leaf, Leaf) throws -> Leaf
) throws -> T {
  let (leaves, definition) = a.flatten()
  let (others, definitionOfB) = b.flatten()
  try requireSameStructure(a, definition, b, definitionOfB)
  return try a.unflatten(zip(leaves, others).map { try transform($0, $1) })
}

/// The first of `trees` with each leaf replaced by the result for the leaves of all.
/// - Throws: `TreeError.mismatch` if the structures differ.
public func treeMap<T: PyTree>(
  all trees: [T], _ transform: ([Leaf]) throws -> Leaf
) throws -> T {
  guard let first = trees.first else {
    throw TreeError.badArgument("treeMap requires at least one tree")
  }
  let definition = first.treeDef
  for other in trees.dropFirst() {
    try requireSameStructure(first, definition, other, other.treeDef)
  }
  let leaves = trees.map(\.leaves)
  var position = 0
  return try treeMap(first) { _ in
    defer { position += 1 }
    return try transform(leaves.map { $0[position] })
  }
}

/// - Throws: `TreeError.mismatch` with the first place where the structures differ.
func requireSameStructure<A: PyTree, B: PyTree>(
  _ a: A, _ definitionOfA: TreeDef, _ b: B, _ definitionOfB: TreeDef
) throws {
  guard definitionOfA != definitionOfB else { return }
  throw structureMismatch(a, b)
}

/// The error that names the first place where the structures of `a` and `b` differ.
func structureMismatch<A: PyTree, B: PyTree>(_ a: A, _ b: B) -> TreeError {
  let visitor = a.visited(.describe, tracksPaths: true)
  let (x, y) = (visitor.definition.entries, b.treeDef.entries)
  let same = zip(x, y).prefix { $0 == $1 }.count
  guard same < x.count, same < y.count else {
    return .mismatch(TreePath(), "\(x.count) entries", "\(y.count) entries")
  }
  return .mismatch(visitor.paths[same], x[same].description, y[same].description)
}

extension TreeDef.Entry: CustomStringConvertible {
  /// The node as an error names it.
  var description: String {
    switch self {
    case .node(let type): "a \(type.name)"
    case .constant(let name, let value): "\(name) = \(value)"
    case .end: "the end of the fields"
    case .array(let count): "an array of \(count)"
    case .tuple(let count): "a tuple of \(count)"
    case .dictionary(let keys):
      "a dictionary with keys [\(keys.map(pythonText).joined(separator: ", "))]"
    case .none: "nil"
    case .leaf: "a leaf"
    case .map(let definition): "a map of \(definition.leafCount) values"
    }
  }
}
