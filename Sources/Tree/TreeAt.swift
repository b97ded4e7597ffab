// Surgery: a copy of a tree with some nodes replaced (rules TA-01 to TA-12).
//
// Swift's own writable key paths address the nodes, so a position is a position however many objects
// look alike. A replacement has the type of the node; an optional node may become nil or a value.
// Setters run, initialisers do not. Several nodes must be disjoint, or the order would matter.

/// `tree` with the node at `path` replaced.
///
///     try treeAt(\.layers[0].bias, in: model, replaceWith: nil)
///
/// - Throws: `TreeError.notInTree` when the path leads out of the tree.
public func treeAt<T: PyTree, Node: PyTree>(
  _ path: WritableKeyPath<T, Node>, in tree: T, replaceWith node: Node
) throws -> T {
  try treeAt(paths: [path], in: tree, replaceWith: [node])
}

/// `tree` with the node at each path replaced.
///
///     try treeAt(\.layers[0].weight, \.rate, in: model, replaceWith: zeros, 0.5)
///
/// - Throws: `TreeError` when a path leads out of the tree, or two paths to overlapping nodes.
public func treeAt<T: PyTree, each Node: PyTree>(
  _ paths: repeat WritableKeyPath<T, each Node>, in tree: T, replaceWith nodes: repeat each Node
) throws -> T {
  var selection = NodeSelection(tree)
  for (path, node) in repeat (each paths, each nodes) { selection.prepare(path, node) }
  for path in repeat each paths { try selection.add(path) }
  var copy = tree
  for (path, node) in repeat (each paths, each nodes) { copy[keyPath: path] = node }
  return copy
}

/// `tree` with the node at each path replaced by a function of it.
/// - Throws: what a function throws; `TreeError` as for `replaceWith`.
public func treeAt<T: PyTree, each Node: PyTree>(
  _ paths: repeat WritableKeyPath<T, each Node>, in tree: T,
  replaceFn functions: repeat (each Node) throws -> each Node
) throws -> T {
  try treeAt(
    repeat each paths, in: tree,
    replaceWith: repeat (each functions)(tree[keyPath: each paths]))
}

/// `tree` with the nodes at `paths`, all of one type, replaced by `nodes`.
/// - Throws: `TreeError` when the counts differ or the nodes overlap.
public func treeAt<T: PyTree, Node: PyTree>(
  paths: [WritableKeyPath<T, Node>], in tree: T, replaceWith nodes: [Node]
) throws -> T {
  guard paths.count == nodes.count else {
    throw TreeError.badArgument(
      "treeAt requires one replacement per path, got \(nodes.count) for \(paths.count) paths")
  }
  var selection = NodeSelection(tree)
  for (path, node) in zip(paths, nodes) { selection.prepare(path, node) }
  for path in paths { try selection.add(path) }
  var copy = tree
  for (path, node) in zip(paths, nodes) { copy[keyPath: path] = node }
  return copy
}

/// `tree` with the nodes at `paths`, all of one type, replaced by a function of them.
/// - Throws: what `function` throws; `TreeError` when the nodes overlap.
public func treeAt<T: PyTree, Node: PyTree>(
  paths: [WritableKeyPath<T, Node>], in tree: T, replaceFn function: (Node) throws -> Node
) throws -> T {
  try treeAt(paths: paths, in: tree, replaceWith: paths.map { try function(tree[keyPath: $0]) })
}

/// The nodes selected so far, by the leaves they own.
private struct NodeSelection<T: PyTree> {
  /// The tree with every selected nil filled, so that it owns leaves to tell it by.
  private var tree: T
  private var numbered: NumberedTree<T>?
  private var owners: [Int: Int] = [:]
  private var selected: [AnyKeyPath: Int] = [:]

  init(_ tree: T) { self.tree = tree }

  /// Fills a node that has no leaves with its replacement.
  mutating func prepare<Node: PyTree>(_ path: WritableKeyPath<T, Node>, _ node: Node) {
    if Node.nodeRole != .leaf, tree[keyPath: path].isEmpty { tree[keyPath: path] = node }
  }

  /// - Throws: `TreeError` if a leaf of the node at `path` is selected already.
  mutating func add<Node: PyTree>(_ path: WritableKeyPath<T, Node>) throws {
    let ordinal = selected.count
    if let first = selected.updateValue(ordinal, forKey: path) {
      throw TreeError.badArgument("\(path) is selected twice, as number \(first) and \(ordinal)")
    }
    var numbered = self.numbered ?? NumberedTree(tree)
    for i in try numbered.indices(of: path) {
      if let owner = owners.updateValue(ordinal, forKey: i) {
        throw TreeError.overlap(tree.leafPaths[i], owner, ordinal)
      }
    }
    self.numbered = numbered
  }
}

extension PyTree {
  /// Whether the tree has no leaves.
  fileprivate var isEmpty: Bool { leaves.isEmpty }
}
