// Forward and reverse derivatives of functions from trees to trees (rules FG-12 to FG-14).

public import Core

/// `f` at `model`, and its derivative along `tangents`, where nil is the zero tangent.
///
/// A result has no tangent, nil, if it depends on nothing that has one.
/// - Throws: `TreeError.mismatch` if the tangents belong to another structure, `TraceError` if one
///   has not the type of its primal.
public func filterJVP<M: PyTree, R: PyTree>(
  _ f: (M) throws -> R, _ model: M, _ tangents: LeafMap<M, Tensor?>
) throws -> (out: R, tangents: LeafMap<R, Tensor?>) {
  if model.treeDef != tangents.structure { throw structureMismatch(model, tangents.like) }
  for (leaf, (path, tangent)) in zip(model.leaves, zip(tangents.paths, tangents.values)) {
    try requireTangent(path, leaf, tangent)
  }
  let primals = Unpacked(model, where: isArray)
  let slot = Slot<Unpacked<R>>()
  let (outs, along) = try jvpSymbolic(
    { xs in
      let out = Unpacked(try f(primals.packed(xs)), where: isArray)
      slot.store(out)
      return out.tensors
    }, primals.tensors, primals.positions.map { tangents.values[$0] })
  let result = try slot.value()
  let out = try result.packed(outs)
  return (out, LeafMap(Skeleton(out), result.map(along).values.map { $0 ?? nil }))
}

private func requireTangent(_ path: TreePath, _ leaf: Leaf, _ tangent: Tensor?) throws {
  guard let tangent else { return }
  guard let primal = leaf.tensor, primal.dtype.isInexact else {
    throw TraceError.badArgument(
      "\(path.place): only a floating-point tensor has a tangent, and here is \(leaf.kind)"
        + (leaf.tensor.map { " \($0.aval)" } ?? ""))
  }
  guard primal.aval == tangent.aval else {
    throw TraceError.badArgument(
      "\(path.place): the tangent must have the type of the primal \(primal.aval), "
        + "got \(tangent.aval)")
  }
}

/// `f` at `model`, and its pullback: cotangents of the results, nil for zero, to those of the model.
public func filterVJP<M: PyTree, R: PyTree>(
  _ f: (M) throws -> R, _ model: M
) throws -> (out: R, pullback: (LeafMap<R, Tensor?>) throws -> Gradient<M>) {
  let parameters = Unpacked(model, where: isInexactArray)
  let slot = Slot<Unpacked<R>>()
  let (outs, pullback) = try vjp(
    { xs in
      let out = Unpacked(try f(parameters.packed(xs)), where: isArray)
      slot.store(out)
      return out.tensors
    }, parameters.tensors)
  let result = try slot.value()
  let out = try result.packed(outs)
  return (
    out,
    { cotangents in
      if out.treeDef != cotangents.structure { throw structureMismatch(out, cotangents.like) }
      let given = try zip(result.positions, outs).filter { $1.dtype.isInexact }.map {
        try cotangents.values[$0] ?? zeros(like: $1)
      }
      return parameters.map(try pullback(given))
    }
  )
}
