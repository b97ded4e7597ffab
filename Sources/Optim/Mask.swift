// What a transformation is told about each leaf: whether it applies there, or which of several does.
//
// It is known when the program is written, because it decides the structure of the state. It is a map of
// the tree, a prefix of it, or a question asked of each tensor. Leaves without a tensor have no answer.

public import Core
public import Tree

/// One value for every tensor of a tree.
public struct LeafChoice<Value: LeafValue>: Sendable {
  /// The values for a tree, in the order of its leaves.
  let values: @Sendable (Updates) throws -> [Value?]

  init(values: @escaping @Sendable (Updates) throws -> [Value?]) { self.values = values }

  /// The values of a map, for trees of its structure.
  public init<M: PyTree>(_ map: LeafMap<M, Value>) {
    values = { tree in
      try tree.requireSameStructure(as: Updates(map.map { _ in nil }))
      return map.values
    }
  }

  /// The leaves of a smaller tree, each for all leaves that it stands for.
  public init<P: PyTree>(prefix: P) {
    values = { tree in
      try flattenUpTo(prefix, structure: tree.structure).flatMap { leaf, range in
        guard let leaf, let value = Value(leaf) else {
          throw OptimError.badArgument(
            "each leaf of the prefix must be \(Value.leafKind), got "
              + (leaf.map { "\($0.kind)" } ?? "nil"))
        }
        return Array(repeating: value, count: range.count)
      }
    }
  }

  /// The answers for each tensor and its path.
  public init(_ answer: @escaping @Sendable (_ path: TreePath, _ x: Tensor) throws -> Value) {
    values = { tree in
      try zip(tree.paths, tree.values).map { path, x in try x.map { try answer(path, $0) } }
    }
  }
}

/// Which leaves a transformation applies to.
public typealias Mask = LeafChoice<Bool>

/// Which of several transformations applies to a leaf.
public typealias Labels = LeafChoice<String>

extension Mask {
  /// Every leaf.
  public static var all: Mask { Mask { _, _ in true } }

  /// Whether each leaf has a tensor that the mask includes.
  func holds(_ tree: Updates) throws -> [Bool] {
    try zip(values(tree), tree.values).map { $0 == true && $1 != nil }
  }
}

extension Updates {
  /// The tensors where `mask` holds, nil elsewhere.
  func masked(_ mask: [Bool]) -> Updates {
    Updates(outline, Swift.zip(values, mask).map { $1 ? $0 : nil })
  }

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

/// The parameters that have an update.
/// - Throws: `OptimError.needsParameters` if there are none.
func required(_ parameters: Updates?, for updates: Updates, _ name: String) throws -> Updates {
  guard let parameters else { throw OptimError.needsParameters(name) }
  return try parameters.where(updates)
}
