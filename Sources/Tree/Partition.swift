// A tree in two halves, and halves in one tree: filter, partition, combine (rules FI-02 to FI-09).
//
// A half is a `LeafMap` of optional leaves: nil where the other half has the leaf.

/// A tree some of whose leaves are elsewhere.
public typealias PartialTree<T: PyTree> = LeafMap<T, Leaf?>

/// The leaves that `keep` keeps.
public func filter<T: PyTree>(_ tree: T, _ keep: (Leaf) throws -> Bool) rethrows -> PartialTree<T> {
  try LeafMap(like: tree) { try keep($0) ? $0 : nil }
}

/// The tree as the leaves that `keep` keeps, and the others.
public func partition<T: PyTree>(
  _ tree: T, _ keep: (Leaf) throws -> Bool
) rethrows -> (PartialTree<T>, PartialTree<T>) {
  let leaves = tree.leaves
  return try split(Skeleton(tree), leaves) { try keep(leaves[$0]) }
}

/// The tree as the leaves where `spec` holds true, and the others.
/// - Throws: `TreeError.mismatch` if the spec was made for another structure.
public func partition<T: PyTree>(
  _ tree: T, by spec: LeafMap<T, Bool>
) throws -> (PartialTree<T>, PartialTree<T>) {
  let skeleton = Skeleton(tree)
  try PartialTree<T>(skeleton, []).requireSameStructure(as: spec)
  return split(skeleton, tree.leaves) { spec.values[$0] }
}

private func split<T: PyTree>(
  _ skeleton: Skeleton<T>, _ leaves: [Leaf], _ keep: (Int) throws -> Bool
) rethrows -> (PartialTree<T>, PartialTree<T>) {
  var (kept, others) = ([Leaf?](), [Leaf?]())
  kept.reserveCapacity(leaves.count)
  others.reserveCapacity(leaves.count)
  for (i, leaf) in leaves.enumerated() {
    let keeps = try keep(i)
    kept.append(keeps ? leaf : nil)
    others.append(keeps ? nil : leaf)
  }
  return (LeafMap(skeleton, kept), LeafMap(skeleton, others))
}

/// The whole tree: at each leaf the first half that has one.
/// - Throws: `TreeError.mismatch` if the structures differ, `.missing` where no half has a leaf.
public func combine<T: PyTree>(
  _ first: PartialTree<T>, _ others: PartialTree<T>...
) throws -> T {
  for other in others { try first.requireSameStructure(as: other) }
  let leaves = try first.values.enumerated().map { i, leaf in
    if let leaf { return leaf }
    for other in others { if let leaf = other.values[i] { return leaf } }
    throw TreeError.missing(first.paths[i])
  }
  return try first.like.unflatten(leaves)
}
