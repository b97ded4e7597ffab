// Training or inference: one switch per layer, all of them thrown at once (DO-08).

public import Tree

/// `tree` with every property called `inference` set to `value`, at any depth.
public func inferenceMode<T: PyTree>(_ tree: T, _ value: Bool = true) -> T {
  let switched = tree.flattenWithPaths().map { path, leaf in
    if case .bool = leaf, path.keys.last == .attribute("inference") { return Leaf.bool(value) }
    return leaf
  }
  do {
    return try tree.unflatten(switched)
  } catch {
    preconditionFailure("a Bool in the place of a Bool: \(error)")
  }
}
