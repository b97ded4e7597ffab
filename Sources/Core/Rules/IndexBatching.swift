// Batching at computed places: a mapped axis is either inside every window, or one more batch axis
// on which operand and indices run along.

/// Starts that all examples share take the whole mapped axis; others become a gather that clips.
func batchedDynamicSlice(
  _ x: [Tensor], _ mapped: [Bool], _ size: Int, _ sizes: [Int]
) throws -> Tensor {
  let starts = Array(x.dropFirst())
  guard mapped.dropFirst().contains(true) else {
    let first = Tensor(0, starts.first?.dtype ?? .i32)
    return try bind1(.dynamicSlice(sizes: [size] + sizes), [x[0], first] + starts)
  }
  let all = Array(sizes.indices)
  let p = GatherParameters(
    GatherDimensionNumbers(offsetDims: all, collapsedSliceDims: [], startIndexMap: all),
    sliceSizes: sizes, mode: .clip)
  let indices = try stacked(starts, Array(mapped.dropFirst()), size)
  return try batchedGather(x[0], indices, [mapped[0], true], size, p)
}

/// Starts that all examples share leave the operation as it is; others become a scatter that clips.
func batchedDynamicUpdateSlice(
  _ x: [Tensor], _ mapped: [Bool], _ size: Int
) throws -> Tensor {
  let starts = Array(x.dropFirst(2))
  guard mapped.dropFirst(2).contains(true) else {
    let values = try zip(x, mapped).prefix(2).map { try $1 ? $0 : repeated($0, size) }
    let first = Tensor(0, starts.first?.dtype ?? .i32)
    return try bind1(.dynamicUpdateSlice, values + [first] + starts)
  }
  let all = Array(starts.indices)
  let p = ScatterParameters(
    ScatterDimensionNumbers(
      updateWindowDims: all, insertedWindowDims: [], scatterDimsToOperandDims: all),
    mode: .clip, uniqueIndices: true)
  let indices = try stacked(starts, Array(mapped.dropFirst(2)), size)
  return try batchedScatter(.set, [x[0], indices, x[1]], [mapped[0], true, mapped[1]], size, p)
}

/// Scalars, some of them mapped, as one index vector per example: `[size, count]`.
private func stacked(_ starts: [Tensor], _ mapped: [Bool], _ size: Int) throws -> Tensor {
  let columns = try zip(starts, mapped).map { start, isMapped in
    try bind1(.broadcastInDim(shape: [size, 1], dims: isMapped ? [0] : []), [start])
  }
  return try bind1(.concatenate(1), columns)
}

func batchedGather(
  _ x: Tensor, _ indices: Tensor, _ mapped: [Bool], _ size: Int, _ p: GatherParameters
) throws -> Tensor {
  var p = p
  let d = p.numbers
  p.numbers.offsetDims = shifted(d.offsetDims)
  if mapped[0] {
    p.numbers.collapsedSliceDims = shifted(d.collapsedSliceDims)
    p.numbers.startIndexMap = shifted(d.startIndexMap)
    p.numbers.operandBatchingDims = shifted(d.operandBatchingDims)
  }
  if mapped[1] { p.numbers.startIndicesBatchingDims = shifted(d.startIndicesBatchingDims) }
  switch (mapped[0], mapped[1]) {
  case (true, true):
    p.sliceSizes.insert(Swift.min(1, size), at: 0)
    p.numbers.operandBatchingDims.insert(0, at: 0)
    p.numbers.startIndicesBatchingDims.insert(0, at: 0)
  case (true, false):
    p.sliceSizes.insert(size, at: 0)
    p.numbers.offsetDims.insert(0, at: 0)
  case (false, _):
    // Examples that read one operand may read the same place, and in any order.
    (p.uniqueIndices, p.indicesAreSorted) = (false, false)
  }
  return try bind1(.gather(p), [x, indices])
}

func batchedScatter(
  _ op: ScatterCombination, _ x: [Tensor], _ mapped: [Bool], _ size: Int, _ p: ScatterParameters
) throws -> Tensor {
  var p = p
  let d = p.numbers
  p.numbers.updateWindowDims = shifted(d.updateWindowDims)
  p.numbers.insertedWindowDims = shifted(d.insertedWindowDims)
  p.numbers.scatterDimsToOperandDims = shifted(d.scatterDimsToOperandDims)
  p.numbers.operandBatchingDims = shifted(d.operandBatchingDims)
  if mapped[1] {
    p.numbers.operandBatchingDims.insert(0, at: 0)
    p.numbers.scatterIndicesBatchingDims = [0] + shifted(d.scatterIndicesBatchingDims)
  } else {
    p.numbers.updateWindowDims.insert(0, at: 0)
  }
  let operand = mapped[0] ? x[0] : try repeated(x[0], size)
  let updates = mapped[2] ? x[2] : try repeated(x[2], size)
  return try bind1(.scatter(op, p), [operand, x[1], updates])
}

private func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
