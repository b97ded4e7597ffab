// Vectorisation: one program for one example, run for all of them at once.

/// `f` for each index of the mapped axes.
///
/// - Parameters:
///   - inAxes: for each argument the axis to map, or `nil` to share it; axis 0 for all when empty.
///   - outAxes: for each result where the mapped axis goes, `nil` only if no example differs;
///     axis 0 for all when empty.
///   - axisName: a name under which `psum`, `pmax`, `pmean` and `axisIndex` reach the axis.
///   - axisSize: the extent, needed only when nothing is mapped.
public func vmap(
  _ f: @escaping ([Tensor]) throws -> [Tensor], inAxes: [Int?] = [], outAxes: [Int?] = [],
  axisName: String? = nil, axisSize: Int? = nil
) -> ([Tensor]) throws -> [Tensor] {
  vmap(
    f, inAxes: inAxes, outAxesAfterwards: { outAxes }, axisName: axisName, axisSize: axisSize)
}

/// `f` for each index of the mapped axes; where results go is asked once `f` was called.
package func vmap(
  _ f: @escaping ([Tensor]) throws -> [Tensor], inAxes: [Int?],
  outAxesAfterwards: @escaping () throws -> [Int?], axisName: String?, axisSize: Int?
) -> ([Tensor]) throws -> [Tensor] {
  { xs in
    let axes = inAxes.isEmpty ? xs.map { _ in 0 } : inAxes
    let size = try mappedSize(xs, axes, axisSize)
    let fronted = try zip(xs, axes).map { x, axis in try axis.map { try moveAxis(x, $0, 0) } ?? x }
    let batching = Batching(outer: Context.interpreter, size: size, axisName: axisName)
    let inputs = zip(fronted, axes).map { x, axis in axis == nil ? x : batching.batched(x) }
    let outs = try withAxis(axisName, size) { try under(batching) { try f(inputs) } }
    let outAxes = try outAxesAfterwards()
    let targets = outAxes.isEmpty ? outs.map { _ in 0 } : outAxes
    guard targets.count == outs.count else {
      throw TraceError.badArgument(
        "vmap out_axes has \(targets.count) entries for \(outs.count) outputs")
    }
    return try zip(outs, targets).map { try placed(batching.split($0), at: $1, size) }
  }
}

/// `f` for each index of axis 0, collected along axis 0.
public func vmap(
  _ f: @escaping (Tensor) throws -> Tensor, axisName: String? = nil
) -> (Tensor) throws -> Tensor {
  { x in try vmap({ [try f($0[0])] }, axisName: axisName)([x])[0] }
}

/// `x` with axis `from` moved to `to`, the others in order.
public func moveAxis(_ x: Tensor, _ from: Int, _ to: Int) throws -> Tensor {
  let axes = try canonical([from, to], rank: x.rank)
  var permutation = x.shape.indices.filter { $0 != axes[0] }
  permutation.insert(axes[0], at: axes[1])
  return try transposed(x, permutation)
}

private func withAxis<R>(_ name: String?, _ size: Int, _ body: () throws -> R) rethrows -> R {
  guard let name else { return try body() }
  var sizes = Context.axisSizes
  sizes[name] = size
  return try Context.$axisSizes.withValue(sizes, operation: body)
}

/// The common extent of the mapped axes.
private func mappedSize(_ xs: [Tensor], _ axes: [Int?], _ axisSize: Int?) throws -> Int {
  guard xs.count == axes.count else {
    throw TraceError.badArgument("vmap in_axes has \(axes.count) entries for \(xs.count) arguments")
  }
  var sizes = axisSize.map { [$0] } ?? []
  for case (let x, let axis?) in zip(xs, axes) {
    guard (-x.rank..<x.rank).contains(axis) else {
      throw TraceError.badArgument(
        "vmap was requested to map its argument along axis \(axis), which implies that its rank "
          + "should be at least \(axis < 0 ? -axis : axis + 1), but is only \(x.rank) "
          + "(its shape is \(pythonTuple(x.shape)))")
    }
    sizes.append(x.shape[axis < 0 ? axis + x.rank : axis])
  }
  guard let first = sizes.first else {
    throw TraceError.badArgument("vmap must have at least one mapped argument, or an axisSize")
  }
  guard sizes.allSatisfy({ $0 == first }) else {
    throw TraceError.badArgument(
      "vmap got inconsistent sizes for array axes to be mapped: \(sizes)")
  }
  return first
}

private func placed(
  _ out: (values: Tensor, isMapped: Bool), at axis: Int?, _ size: Int
) throws -> Tensor {
  switch (out.isMapped, axis) {
  case (false, nil): return out.values
  case (true, nil):
    throw TraceError.badArgument(
      "at vmap out_axes, got axis spec None but output was batched on axis 0")
  case (true, let axis?): return try moveAxis(out.values, 0, axis)
  case (false, let axis?):
    let x = out.values
    let repeated = try broadcastInDim(
      x, shape: [size] + x.shape, dims: x.shape.indices.map { $0 + 1 })
    return try moveAxis(repeated, 0, axis)
  }
}
