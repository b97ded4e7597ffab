// Which leaves a transformation applies to.
//
// A mask is known when the program is written: it chooses the state's structure. It is a map of the
// tree, a prefix of it, or a question asked of each leaf.

public import Core
public import Tree

/// A Bool for every leaf of a tree.
public struct Mask: Sendable {
  /// The values for a tree, in the order of its leaves.
  let values: @Sendable (Updates) throws -> [Bool]

  /// The values of a map, for trees of its structure.
  public init<M: PyTree>(_ map: LeafMap<M, Bool>) {
    values = { tree in
      try tree.requireSameStructure(as: Updates(map.map { _ in nil }))
      return map.values
    }
  }

  /// The leaves of a smaller tree of Bools, each for all leaves that it stands for.
  public init<P: PyTree>(prefix: P) {
    values = { tree in
      try flattenUpTo(prefix, structure: tree.structure).flatMap { leaf, range in
        guard case .bool(let keeps)? = leaf else {
          throw OptimError.badArgument(
            "a mask is a tree of Bools, got \(leaf.map { "\($0.kind)" } ?? "nil")")
        }
        return Array(repeating: keeps, count: range.count)
      }
    }
  }

  /// The answers for each tensor and its path; a leaf without a tensor is not masked in.
  public init(_ includes: @escaping @Sendable (TreePath, Tensor) throws -> Bool) {
    values = { tree in
      try zip(tree.paths, tree.values).map { path, x in
        try x.map { try includes(path, $0) } ?? false
      }
    }
  }
}

extension Updates {
  /// The tensors where `mask` holds, nil elsewhere.
  func masked(_ mask: [Bool]) -> Updates {
    Updates(outline, Swift.zip(values, mask).map { $1 ? $0 : nil })
  }
}

extension Updates {
  /// These tensors where `mask` holds, those of `other` elsewhere.
  func `where`(_ mask: [Bool], else other: Updates) -> Updates {
    Updates(outline, mask.indices.map { mask[$0] ? values[$0] : other.values[$0] })
  }

  /// The parameters that have an update.
  func `where`(_ updates: Updates) throws -> Updates {
    try requireSameStructure(as: updates)
    return masked(updates.values.map { $0 != nil })
  }
}
