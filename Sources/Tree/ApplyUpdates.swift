// Parameters plus updates, in two flavours that differ in dtypes (rule TE-04).

public import Core

/// What a parameter and its update become.
public enum UpdateStyle: Sendable {
  /// p + u in the wider of both dtypes, and no update keeps the parameter: `eqx.apply_updates`.
  case equinox
  /// p + u cast to the parameter's dtype, and every tensor needs an update: `optax.apply_updates`.
  case optax
}

/// `tree` with each update added to its leaf.
/// - Throws: `TreeError.mismatch` if the structures differ, `.wrongKind` for an update of a leaf that
///   is no tensor, `.missing` in Optax's style for a tensor without an update, `.badArgument` for one
///   whose shape does not fit.
public func applyUpdates<T: PyTree>(
  _ tree: T, _ updates: LeafMap<T, Tensor?>, style: UpdateStyle = .equinox
) throws -> T {
  let (leaves, definition) = tree.flatten()
  if definition != updates.structure { throw structureMismatch(tree, updates.like) }
  return try tree.unflatten(
    leaves.indices.map { i in
      switch (leaves[i], updates.values[i], style) {
      case (.tensor(let p), let u?, .equinox): .tensor(try sum(p, u, at: tree.leafPaths[i]))
      case (.tensor(let p), let u?, .optax):
        .tensor(try sum(p, u, at: tree.leafPaths[i]).asType(p.dtype))
      case (let leaf, nil, .equinox): leaf
      case (_, nil, .optax): throw TreeError.missing(tree.leafPaths[i])
      case (let leaf, .some, _):
        throw TreeError.wrongKind(tree.leafPaths[i], expected: leaf.kind, got: .tensor)
      }
    })
}

/// p + u in the dtype that JAX promotes both to, where it is one of ours.
private func sum(
  _ p: Tensor, _ u: Tensor, at path: @autoclosure () -> TreePath
) throws -> Tensor {
  let dtype = promoted(p.dtype, u.dtype)
  do { return try p.asType(dtype) + u.asType(dtype) } catch let error as TraceError {
    throw TreeError.badArgument("\(path().place): \(error)")
  }
}
