// A tree as the tensors that a transformation sees, and everything else.
//
// Core transforms functions of lists of tensors. A filtered transformation takes the tensors out of
// its arguments, transforms the function of these alone, and puts the results back into trees.

import Core
import Synchronization

/// A tree whose selected tensors can be replaced.
struct Unpacked<T: PyTree> {
  let tree: T
  let leaves: [Leaf]
  /// The positions of the selected tensors among the leaves.
  let positions: [Int]
  /// The selected tensors.
  let tensors: [Tensor]

  init(_ tree: T, where isSelected: (Leaf) -> Bool) {
    self.tree = tree
    leaves = tree.leaves
    var (positions, tensors) = ([Int](), [Tensor]())
    for (i, leaf) in leaves.enumerated() {
      guard let tensor = leaf.tensor, isSelected(leaf) else { continue }
      positions.append(i)
      tensors.append(tensor)
    }
    (self.positions, self.tensors) = (positions, tensors)
  }

  /// The tree with other tensors in the selected places.
  func packed(_ tensors: [Tensor]) throws -> T {
    var leaves = leaves
    for (i, tensor) in zip(positions, tensors) { leaves[i] = .tensor(tensor) }
    return try tree.unflatten(leaves)
  }

  /// The map with `values` in the selected places and nil elsewhere.
  func map<Value: Sendable>(_ values: [Value]) -> LeafMap<T, Value?> {
    var all = [Value?](repeating: nil, count: leaves.count)
    for (i, value) in zip(positions, values) { all[i] = value }
    return LeafMap(Skeleton(tree), all)
  }
}

/// A place for what a traced function returned besides its tensors.
final class Slot<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  func store(_ value: Value) { stored.withLock { $0 = value } }

  /// - Throws: `TraceError` if the function was never called.
  func value() throws -> Value {
    guard let value = stored.withLock({ $0 }) else {
      throw TraceError.badArgument("the function was not called while it was transformed")
    }
    return value
  }
}
