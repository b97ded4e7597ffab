// vmap of functions from trees to trees, with an axis for each leaf.

import Core

/// Which axis of each tensor of an argument is mapped; nil shares the tensor.
public enum VmapAxes<T: PyTree>: Sendable {
  /// One axis for all tensors.
  case all(Int?)
  /// An axis for each leaf.
  case leaves(LeafMap<T, Int?>)

  fileprivate func axes(of tree: T) throws -> [Int?] {
    switch self {
    case .all(let axis): return tree.leaves.map { _ in axis }
    case .leaves(let map):
      if tree.treeDef != map.structure { throw structureMismatch(tree, map.like) }
      return map.values
    }
  }
}

/// `f` for each index of axis 0 of every tensor of its arguments, collected along axis 0.
///
/// Leaves that are no tensors are shared, and come back as they are.
public func filterVmap<each A: PyTree, R: PyTree>(
  axisName: String? = nil, _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    let axes = Tuple(repeat each arguments).leaves.map { _ -> Int? in 0 }
    return try mapped(f, axes, axisName, repeat each arguments)
  }
}

/// `f` for each index of the mapped axes of its arguments, collected along axis 0.
public func filterVmap<each A: PyTree, R: PyTree>(
  inAxes: repeat VmapAxes<each A>, axisName: String? = nil,
  _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    var axes: [Int?] = []
    for (one, argument) in repeat (each inAxes, each arguments) {
      axes += try one.axes(of: argument)
    }
    return try mapped(f, axes, axisName, repeat each arguments)
  }
}

private func mapped<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R, _ axes: [Int?], _ axisName: String?,
  _ arguments: repeat each A
) throws -> R {
  let inputs = Unpacked(Tuple(repeat each arguments), where: isArray)
  let slot = Slot<Unpacked<R>>()
  let all = vmap(
    { xs in
      let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
      slot.store(result)
      return result.tensors
    }, inAxes: inputs.positions.map { axes[$0] }, axisName: axisName)
  let outs = try all(inputs.tensors)
  return try slot.value().packed(outs)
}
