// What an example says to the others along the axis that `vmap(axisName:)` named.
//
// All of them throw `TraceError.unboundAxis` where no enclosing `vmap` has given the name.

/// The extent of the named axis.
public func axisSize(_ axisName: String) throws -> Int {
  guard let size = Context.axisSizes[axisName] else { throw TraceError.unboundAxis(axisName) }
  return size
}

/// Σ over the axis that `vmap(axisName:)` named.
public func psum(_ x: Tensor, axisName: String) throws -> Tensor {
  try bind1(.collective(.psum, axisName: axisName), [x])
}

/// The largest over the named axis; not differentiable, as in JAX.
public func pmax(_ x: Tensor, axisName: String) throws -> Tensor {
  try bind1(.collective(.pmax, axisName: axisName), [x])
}

/// The smallest over the named axis; not differentiable, as in JAX.
public func pmin(_ x: Tensor, axisName: String) throws -> Tensor {
  try bind1(.collective(.pmin, axisName: axisName), [x])
}

/// The mean over the named axis: psum(x) / size.
public func pmean(_ x: Tensor, axisName: String) throws -> Tensor {
  try psum(x, axisName: axisName) / Double(axisSize(axisName))
}

/// This example's index along the named axis, `i32[]`.
public func axisIndex(_ axisName: String) throws -> Tensor {
  try bind1(.axisIndex(axisName: axisName), [])
}

/// The operands of all examples: along a new axis of the result, or, `tiled`, joined along one that
/// is there. A negative axis counts from the end of the result.
public func allGather(
  _ x: Tensor, axisName: String, axis: Int = 0, tiled: Bool = false
) throws -> Tensor {
  let size = try axisSize(axisName)
  let axis = axis < 0 ? axis + (tiled ? x.rank : x.rank + 1) : axis
  return try bind1(
    .collective(.allGather(axis: axis, size: size, tiled: tiled), axisName: axisName), [x])
}

/// The sum over the named axis, of which each example keeps its index along `axis`, or, `tiled`, its
/// section of it.
public func psumScatter(
  _ x: Tensor, axisName: String, axis: Int = 0, tiled: Bool = false
) throws -> Tensor {
  let size = try axisSize(axisName)
  let axis = axis < 0 ? axis + x.rank : axis
  return try bind1(
    .collective(.reduceScatter(axis: axis, size: size, tiled: tiled), axisName: axisName), [x])
}

/// The operand of example `source` for example `target`, for each pair; the pairs permute the axis.
public func ppermute(
  _ x: Tensor, axisName: String, permutation: [(source: Int, target: Int)]
) throws -> Tensor {
  let pairs = permutation.map { Collective.Exchange($0.source, $0.target) }
  return try bind1(.collective(.ppermute(pairs), axisName: axisName), [x])
}
