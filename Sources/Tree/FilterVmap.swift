// vmap of functions from trees to trees, with an axis for each leaf.

import Core

/// Which axis of each tensor of an argument is mapped, or where that of a result goes; nil shares the
/// tensor between all examples.
public enum VmapAxes<T: PyTree>: Sendable {
  /// One axis for all tensors.
  case all(Int?)
  /// An axis for each leaf.
  case leaves(LeafMap<T, Int?>)
  /// The axis that a function gives to each leaf.
  case each(@Sendable (Leaf) -> Int?)

  fileprivate func axes(of tree: T) throws -> [Int?] {
    switch self {
    case .all(let axis): return tree.leaves.map { _ in axis }
    case .each(let axis): return tree.leaves.map(axis)
    case .leaves(let map):
      if tree.treeDef != map.structure { throw structureMismatch(tree, map.like) }
      return map.values
    }
  }
}

/// `f` for each index of axis 0 of every tensor of its arguments, collected along `outAxes`.
///
/// Leaves that are no tensors are shared, and come back as they are.
/// - Parameters:
///   - outAxes: where the mapped axis of each result goes; nil only if no example differs.
///   - axisName: a name under which `psum`, `pmean` and others reach the axis.
public func filterVmap<each A: PyTree, R: PyTree>(
  outAxes: VmapAxes<R> = .all(0), axisName: String? = nil,
  _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    let axes = Tuple(repeat each arguments).leaves.map { _ -> Int? in 0 }
    return try mapped(f, axes, outAxes, axisName, nil, repeat each arguments)
  }
}

/// `f` for each index of the mapped axes of its arguments, collected along `outAxes`.
/// - Parameters:
///   - inAxes: for each argument which axis of its tensors is mapped.
///   - outAxes: where the mapped axis of each result goes; nil only if no example differs.
///   - axisName: a name under which `psum`, `pmean` and others reach the axis.
///   - axisSize: the extent, needed only when nothing is mapped.
public func filterVmap<each A: PyTree, R: PyTree>(
  inAxes: repeat VmapAxes<each A>, outAxes: VmapAxes<R> = .all(0), axisName: String? = nil,
  axisSize: Int? = nil, _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    var axes: [Int?] = []
    for (one, argument) in repeat (each inAxes, each arguments) {
      axes += try one.axes(of: argument)
    }
    return try mapped(f, axes, outAxes, axisName, axisSize, repeat each arguments)
  }
}

private func mapped<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R, _ axes: [Int?], _ outAxes: VmapAxes<R>,
  _ axisName: String?, _ axisSize: Int?, _ arguments: repeat each A
) throws -> R {
  let inputs = Unpacked(Tuple(repeat each arguments), where: isArray)
  let slot = Slot<Unpacked<R>>()
  let all = vmap(
    { xs in
      let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
      slot.store(result)
      return result.tensors
    }, inAxes: inputs.positions.map { axes[$0] },
    outAxesAfterwards: {
      let result = try slot.value()
      let axes = try outAxes.axes(of: result.tree)
      return result.positions.map { axes[$0] }
    }, axisName: axisName, axisSize: axisSize)
  let outs = try all(inputs.tensors)
  return try slot.value().packed(outs)
}
