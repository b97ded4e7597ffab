// How large a model is: the numbers that its tensors hold.
//
// Every tensor counts, trained or not: whoever asks for the trained ones asks a part of the tree.

internal import Core

extension PyTree {
  /// How many numbers the tensors of the tree hold.
  public var parameterCount: Int { leaves.reduce(0) { $0 + ($1.tensor?.aval.size ?? 0) } }
}

extension LeafMap where Value == Leaf? {
  /// How many numbers the tensors of this part of a tree hold.
  public var parameterCount: Int { values.reduce(0) { $0 + ($1?.tensor?.aval.size ?? 0) } }
}
