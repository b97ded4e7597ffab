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

/// What `take` does with an index out of range.
public enum TakeMode: Sendable, Hashable, CaseIterable {
  /// It gives a fill value.
  case fill
  /// It takes the nearest; a negative index is out of range.
  case clip
  /// It counts on from the other end, round and round.
  case wrap
}

/// The slices of `x` along `axis` (of the flat `x` if nil) that `indices` name, in their shape.
///
/// A negative index counts from the end. An index out of range gives `fillValue`, NaN if nil (see
/// `gather`), unless the mode says otherwise. `x: [a…, n, b…]`, `indices: [i…]` → `[a…, i…, b…]`.
public func take(
  _ x: Tensor, _ indices: Tensor, axis: Int? = nil, mode: TakeMode = .fill,
  fillValue: Double? = nil
) throws -> Tensor {
  guard let given = axis else {
    return try take(
      reshape(x, [x.aval.size]), indices, axis: 0, mode: mode, fillValue: fillValue)
  }
  let axis = try canonical([given], rank: x.rank)[0]
  let n = x.shape[axis]
  try require(
    n > 0 || indices.aval.size == 0, "cannot do a non-empty jnp.take() from an empty axis.")
  var sizes = x.shape
  sizes[axis] = 1
  let before = Array(0..<axis)
  let after = (axis..<x.rank - 1).map { $0 + indices.rank }
  let numbers = GatherDimensionNumbers(
    offsetDims: before + after, collapsedSliceDims: [axis], startIndexMap: [axis])
  return try gather(
    x, indexVectors([mode.counted(indices, n)]), numbers, sliceSizes: sizes,
    mode: mode.gather(fillValue, x.dtype))
}

extension TakeMode {
  /// Where `indices` lie on an axis of extent `n`.
  fileprivate func counted(_ indices: Tensor, _ n: Int) throws -> Tensor {
    let fromFront = try fromFront(indices, n)
    return switch self {
    case .fill: fromFront
    case .clip: indices
    case .wrap: try remainder(indices, Tensor(Double(n), indices.dtype))
    }
  }

  fileprivate func gather(_ fill: Double?, _ dtype: DType) -> GatherMode {
    switch self {
    case .fill: .fill(fill.map { FillValue($0) } ?? FillValue(of: dtype))
    case .clip, .wrap: .clip
    }
  }
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
