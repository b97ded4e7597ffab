// Leaves that are whole nodes: `is_leaf` of JAX (rules PT-03, FI-09).

/// Whether the node is a nil.
public func isNone(_ node: any PyTree) -> Bool { node.treeDef.entries == [.none] }

extension PyTree {
  /// The nodes where `isLeaf` holds, whole and not looked into, and elsewhere the leaves.
  public func nodes(
    where isLeaf: (any PyTree) -> Bool
  ) -> [(path: TreePath, node: any PyTree)] {
    withoutActuallyEscaping(isLeaf) { isLeaf in
      let visitor = FieldVisitor(isLeaf: isLeaf)
      var copy = self
      visitor.walk(&copy)
      return visitor.nodes
    }
  }
}

/// The leaves that `keep` keeps; where `isLeaf` holds the whole node is kept or dropped.
public func filter<T: PyTree>(
  _ tree: T, isLeaf: (any PyTree) -> Bool, _ keep: (any PyTree) throws -> Bool
) rethrows -> PartialTree<T> {
  try partition(tree, isLeaf: isLeaf, keep).0
}

/// The tree as the leaves that `keep` keeps, and the others; where `isLeaf` holds the whole node is
/// kept or dropped.
public func partition<T: PyTree>(
  _ tree: T, isLeaf: (any PyTree) -> Bool, _ keep: (any PyTree) throws -> Bool
) rethrows -> (PartialTree<T>, PartialTree<T>) {
  let spec = try tree.nodes(where: isLeaf).flatMap { _, node in
    let keeps = try keep(node)
    return node.leaves.map { _ in keeps }
  }
  let whole = LeafMap<T, Leaf>(like: tree) { $0 }
  let pairs = Array(zip(whole.values, spec))
  return (
    PartialTree<T>(whole.skeleton, pairs.map { leaf, keeps in keeps ? leaf : nil }),
    PartialTree<T>(whole.skeleton, pairs.map { leaf, keeps in keeps ? nil : leaf })
  )
}
