// Reading and writing at computed places, as `jax.lax` has it.

/// `x[starts ..< starts + sizes]`, the window moved inside where it would leave x. A negative start
/// counts from the end, as in JAX. `starts` are whole-number scalars, one per axis.
public func dynamicSlice(_ x: Tensor, _ starts: [Tensor], sizes: [Int]) throws -> Tensor {
  try bind1(.dynamicSlice(sizes: sizes), [x] + startsFromFront(starts, x.shape))
}

/// `x` with `update` in place of the window that begins at `starts`, moved and counted likewise.
public func dynamicUpdateSlice(
  _ x: Tensor, _ update: Tensor, _ starts: [Tensor]
) throws -> Tensor {
  try bind1(.dynamicUpdateSlice, [x, update] + startsFromFront(starts, x.shape))
}

/// One window of `x` per index. Windows that leave x are filled with NaN (for whole numbers with the
/// least signed and the largest unsigned number) unless the mode says otherwise.
public func gather(
  _ x: Tensor, _ indices: Tensor, _ numbers: GatherDimensionNumbers, sliceSizes: [Int],
  mode: GatherMode? = nil, uniqueIndices: Bool = false
) throws -> Tensor {
  let parameters = GatherParameters(
    numbers, sliceSizes: sliceSizes, mode: mode ?? .fill(FillValue(of: x.dtype)),
    uniqueIndices: uniqueIndices)
  return try bind1(.gather(parameters), [x, indices])
}

/// `x` with one window of `updates` combined in per index, in the order of the indices.
///
/// A product is differentiable in its updates only if `uniqueIndices` promises that no two windows
/// overlap.
public func scatter(
  _ x: Tensor, _ indices: Tensor, _ updates: Tensor, _ numbers: ScatterDimensionNumbers,
  _ combination: ScatterCombination = .set, mode: ScatterMode = .drop, uniqueIndices: Bool = false
) throws -> Tensor {
  let parameters = ScatterParameters(numbers, mode: mode, uniqueIndices: uniqueIndices)
  return try bind1(.scatter(combination, parameters), [x, indices, updates])
}

/// The slices of `x` along `axis` that `indices` name, in the shape of the indices.
///
/// A negative index counts from the end. An index out of range gives NaN (see `gather`), unless the
/// mode says otherwise. `x: [a…, n, b…]`, `indices: [i…]` → `[a…, i…, b…]`.
public func take(
  _ x: Tensor, _ indices: Tensor, axis: Int, mode: GatherMode? = nil
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  var sizes = x.shape
  sizes[axis] = Swift.min(1, x.shape[axis])
  try require(
    x.shape[axis] > 0 || indices.aval.size == 0,
    "cannot do a non-empty jnp.take() from an empty axis.")
  sizes[axis] = 1
  let before = Array(0..<axis)
  let after = (axis..<x.rank - 1).map { $0 + indices.rank }
  let numbers = GatherDimensionNumbers(
    offsetDims: before + after, collapsedSliceDims: [axis], startIndexMap: [axis])
  let counted = try mode == .clip ? indices : fromFront(indices, x.shape[axis])
  return try gather(x, indexVectors([counted]), numbers, sliceSizes: sizes, mode: mode)
}

/// Scalars of one shape as the components of index vectors: `[i…]` → `[i…, count]`.
func indexVectors(_ components: [Tensor]) throws -> Tensor {
  let columns = try components.map { try expandDims($0, -1) }
  return columns.count == 1 ? columns[0] : try concatenate(columns, axis: -1)
}

/// Negative indices counted from the end of an axis of extent `n`.
func fromFront(_ indices: Tensor, _ n: Int) throws -> Tensor {
  try require(
    indices.dtype.isInteger,
    "take requires indices of an integer dtype, got \(indices.dtype.longName)")
  guard indices.dtype == .i32 else { return indices }
  let (zero, extent) = (Tensor(0, .i32), Tensor(Double(n), .i32))
  return try selectTensors(less(indices, zero), indices + extent, indices)
}

private func startsFromFront(_ starts: [Tensor], _ shape: [Int]) throws -> [Tensor] {
  try require(
    starts.count == shape.count,
    "Length of slice indices must match number of operand dimensions (\(starts.count) vs "
      + "\(pythonTuple(shape)))")
  return try zip(starts, shape).map { try $0.dtype == .i32 ? fromFront($0, $1) : $0 }
}
