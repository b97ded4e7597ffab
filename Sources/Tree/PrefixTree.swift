// Prefix trees: a small tree whose leaves stand for whole subtrees of a larger one.
//
// A prefix has the nodes of the full tree down to some depth, exactly: a leaf matches anything, a nil
// matches only nil, unless it is asked to stand for no value at all (rules PT-09, PT-19, FI-03).

/// In what a prefix and a tree differ, as JAX tells the cases apart.
public enum PrefixMismatch: String, Sendable, Hashable {
  /// Nodes of different types.
  case types
  /// Arrays or tuples of different lengths.
  case lengths
  /// Dictionaries with different keys.
  case keys
  /// Modules of one type with different constants.
  case constants
}

/// For each leaf of `prefix`, in order: the leaf, and the positions of the leaves of `full` that it
/// stands for.
/// - Parameter nilIsLeaf: whether a nil in the prefix stands for whatever `full` has there.
/// - Throws: `TreeError.prefix` at the first place where the nodes differ.
public func flattenUpTo<P: PyTree, F: PyTree>(
  _ prefix: P, _ full: F, nilIsLeaf: Bool = false
) throws -> [(leaf: Leaf?, range: Range<Int>)] {
  try flattenUpTo(prefix, structure: full.treeDef, nilIsLeaf: nilIsLeaf)
}

/// The same for a tree of which only the structure is known.
package func flattenUpTo<P: PyTree>(
  _ prefix: P, structure full: TreeDef, nilIsLeaf: Bool = false
) throws -> [(leaf: Leaf?, range: Range<Int>)] {
  let visitor = prefix.visited(.flatten, tracksPaths: true)
  var walk = PrefixWalk(
    full: full.entries[...], leaves: visitor.leaves[...], nilIsLeaf: nilIsLeaf)
  for (entry, path) in zip(visitor.definition.entries, visitor.paths) {
    try walk.match(entry, path)
  }
  return walk.found
}

extension LeafMap where Value: LeafValue {
  /// The map with the value of each leaf of `prefix` at all leaves that it stands for.
  /// - Throws: `TreeError.prefix` where the nodes differ, `.wrongKind` for a leaf that is no `Value`.
  public init<P: PyTree>(like tree: Tree, prefix: P) throws {
    var values: [Value] = []
    for (k, (leaf, range)) in try flattenUpTo(prefix, tree).enumerated() {
      guard let leaf, let value = Value(leaf) else {
        throw TreeError.wrongKind(
          prefix.leafPaths[k], expected: Value.leafKind, got: leaf?.kind ?? Value.leafKind)
      }
      values += Array(repeating: value, count: range.count)
    }
    try self.init(like: tree, values: values)
  }
}

/// The prefix's entries held against those of the full tree.
private struct PrefixWalk {
  /// What of the full tree is left.
  var full: ArraySlice<TreeDef.Entry>
  /// What of the prefix's leaves is left.
  var leaves: ArraySlice<Leaf>
  let nilIsLeaf: Bool
  var found: [(leaf: Leaf?, range: Range<Int>)] = []
  private var position = 0

  init(full: ArraySlice<TreeDef.Entry>, leaves: ArraySlice<Leaf>, nilIsLeaf: Bool) {
    self.full = full
    self.leaves = leaves
    self.nilIsLeaf = nilIsLeaf
  }

  mutating func match(_ entry: TreeDef.Entry, _ path: TreePath) throws {
    if entry == .leaf { return take(leaves.popFirst()) }
    if entry == .none && nilIsLeaf { return take(nil) }
    guard let other = full.popFirst() else { return }
    if entry != other {
      throw TreeError.prefix(
        path, mismatch(entry, other), entry.description, other.description)
    }
  }

  private mutating func take(_ leaf: Leaf?) {
    let start = position
    skip()
    found.append((leaf, start..<position))
  }

  /// Passes over one subtree of the full tree.
  private mutating func skip() {
    guard let entry = full.popFirst() else { return }
    switch entry {
    case .leaf: position += 1
    case .none, .constant, .end: return
    case .array(let count), .tuple(let count): for _ in 0..<count { skip() }
    case .dictionary(let keys): for _ in keys { skip() }
    case .map(let definition): for _ in 0..<definition.leafCount { skip() }
    case .node:
      while let next = full.first, next != .end { skip() }
      full = full.dropFirst()
    }
  }
}

private func mismatch(_ a: TreeDef.Entry, _ b: TreeDef.Entry) -> PrefixMismatch {
  switch (a, b) {
  case (.array, .array), (.tuple, .tuple): .lengths
  case (.dictionary, .dictionary): .keys
  case (.constant, _), (_, .constant), (.map, .map): .constants
  case (.node, _), (.array, _), (.tuple, _), (.dictionary, _), (.none, _), (.leaf, _), (.map, _),
    (.end, _):
    .types
  }
}
