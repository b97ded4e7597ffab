// Reading and writing along one axis: `lax`'s `…_in_dim` functions and `jnp.take_along_axis`.

/// The elements of `x` along `axis` that `indices` name, each line by itself; the other axes of both
/// broadcast.
///
/// A negative index counts from the end; one out of range gives NaN (see `gather`) unless the mode
/// says otherwise.
public func takeAlongAxis(
  _ x: Tensor, _ indices: Tensor, axis: Int, mode: GatherMode? = nil
) throws -> Tensor {
  try require(
    indices.dtype.isInteger,
    "take_along_axis indices must be of integer type, got \(indices.dtype.longName)")
  try require(
    indices.rank == x.rank,
    "indices and arr must have the same number of dimensions; \(indices.rank) vs. \(x.rank)")
  let axis = try canonical([axis], rank: x.rank)[0]
  func without(_ shape: [Int], _ extent: Int) -> [Int] {
    shape.enumerated().map { $0 == axis ? extent : $1 }
  }
  let common = try broadcastShapes(
    "take_along_axis", without(x.shape, 1), without(indices.shape, 1))
  let lines = try broadcast(x, to: without(common, x.shape[axis]))
  let counted = try broadcast(
    fromFront(indices, x.shape[axis]), to: without(common, indices.shape[axis]))
  let others = x.shape.indices.filter { $0 != axis }
  let numbers = GatherDimensionNumbers(
    offsetDims: [], collapsedSliceDims: [axis], startIndexMap: [axis],
    operandBatchingDims: others, startIndicesBatchingDims: others)
  return try gather(
    lines, indexVectors([counted]), numbers, sliceSizes: x.shape.map { _ in 1 }, mode: mode)
}

/// `x[from ..< to]` on one axis in steps of `stride`; bounds may be absent or negative.
public func sliceInDim(
  _ x: Tensor, from: Int? = nil, to: Int? = nil, stride: Int = 1, axis: Int = 0
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  let n = x.shape[axis]
  func bound(_ i: Int) -> Int { Swift.max(i < 0 ? i + n : i, 0) }
  var (start, limit, strides) = (x.shape.map { _ in 0 }, x.shape, x.shape.map { _ in 1 })
  (start[axis], limit[axis], strides[axis]) = (bound(from ?? 0), bound(to ?? n), stride)
  return try slice(x, start: start, limit: limit, strides: strides)
}

/// The element `index` of one axis, which stays with extent 1 unless told otherwise.
/// - Throws: `TraceError.illTyped` when the index is out of range.
public func indexInDim(
  _ x: Tensor, _ index: Int, axis: Int = 0, keepDims: Bool = true
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  let n = x.shape[axis]
  try require(
    (-n..<n).contains(index), "index \(index) is out of bounds for axis \(axis) with size \(n)")
  let first = index < 0 ? index + n : index
  let kept = try sliceInDim(x, from: first, to: first + 1, axis: axis)
  return keepDims ? kept : try squeeze(kept, [axis])
}

/// The element of one axis that a computed `index` names, moved inside like the start of
/// `dynamicSlice`; the axis stays with extent 1 unless told otherwise.
public func dynamicIndexInDim(
  _ x: Tensor, _ index: Tensor, axis: Int = 0, keepDims: Bool = true
) throws -> Tensor {
  let kept = try dynamicSliceInDim(x, index, size: 1, axis: axis)
  return keepDims ? kept : try squeeze(kept, [axis])
}

/// `size` elements of one axis from a computed `start`, moved inside like that of `dynamicSlice`.
public func dynamicSliceInDim(
  _ x: Tensor, _ start: Tensor, size: Int, axis: Int = 0
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  let sizes = x.shape.enumerated().map { $0 == axis ? size : $1 }
  return try dynamicSlice(x, starts(start, axis, x.rank), sizes: sizes)
}

/// `x` with `update` at a computed `start` of one axis, moved inside like that of `dynamicSlice`.
public func dynamicUpdateSliceInDim(
  _ x: Tensor, _ update: Tensor, _ start: Tensor, axis: Int = 0
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  return try dynamicUpdateSlice(x, update, starts(start, axis, x.rank))
}

/// `x` with `update` as the element of one axis that a computed `index` names; the update may lack
/// that axis.
public func dynamicUpdateIndexInDim(
  _ x: Tensor, _ update: Tensor, _ index: Tensor, axis: Int = 0
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  let whole = try update.rank == x.rank ? update : expandDims(update, axis)
  try require(
    whole.rank == x.rank && whole.shape[axis] == 1,
    "dynamic_update_index_in_dim requires an update of extent 1 along axis \(axis), got shape "
      + "\(pythonTuple(update.shape)) for an operand of shape \(pythonTuple(x.shape))")
  return try dynamicUpdateSliceInDim(x, whole, index, axis: axis)
}

/// `start` on one axis, 0 on the others.
private func starts(_ start: Tensor, _ axis: Int, _ rank: Int) -> [Tensor] {
  (0..<rank).map { $0 == axis ? start : Tensor(0, start.dtype) }
}
