// The types of operations that read or write windows at computed places.
//
// The constraints are XLA's, in the order and the words in which JAX states them.

func dynamicSliceType(
  _ x: ShapedArray, _ starts: [ShapedArray], sizes: [Int]
) throws -> ShapedArray {
  try require(
    starts.count == x.rank && sizes.count == x.rank,
    "Length of slice indices must match number of operand dimensions (\(starts.count) vs "
      + "\(pythonTuple(x.shape)))")
  try require(
    zip(x.shape, sizes).allSatisfy { $0 >= $1 },
    "slice slice_sizes must be less than or equal to operand shape, got slice_sizes "
      + "\(pythonTuple(sizes)) for operand shape \(pythonTuple(x.shape)).")
  try require(
    sizes.allSatisfy { $0 >= 0 },
    "slice slice_sizes must be greater than or equal to zero, got slice_sizes of "
      + "\(pythonTuple(sizes)).")
  try requireStarts("dynamic_slice", starts)
  return x.with(shape: sizes)
}

func dynamicUpdateSliceType(
  _ x: ShapedArray, _ update: ShapedArray, _ starts: [ShapedArray]
) throws -> ShapedArray {
  try require(
    x.rank == update.rank,
    "dynamic_update_slice update must have the same rank as operand, got update shape "
      + "\(pythonTuple(update.shape)) for operand shape \(pythonTuple(x.shape)).")
  try require(
    starts.count == x.rank,
    "dynamic_update_slice start_indices must have length equal to the rank of operand, got "
      + "\(starts.count) indices for operand shape \(pythonTuple(x.shape)).")
  try require(
    zip(x.shape, update.shape).allSatisfy { $0 >= $1 },
    "dynamic_update_slice update shape must be smaller than operand shape, got update shape "
      + "\(pythonTuple(update.shape)) for operand shape \(pythonTuple(x.shape)).")
  try requireSameDTypes("dynamic_update_slice", x, update)
  try requireStarts("dynamic_update_slice", starts)
  return x
}

private func requireStarts(_ name: String, _ starts: [ShapedArray]) throws {
  let got = starts.map { $0.dtype.longName }.joined(separator: ", ")
  try require(
    starts.allSatisfy { $0.rank == 0 },
    "start_indices arguments to \(name) must be scalars, got shapes "
      + starts.map { pythonTuple($0.shape) }.joined(separator: ", "))
  try require(
    starts.allSatisfy { $0.dtype.isInteger && $0.dtype == starts[0].dtype },
    "index arguments to \(name) must be integers of the same type, got: \(got)")
}

private func requireSameDTypes(_ name: String, _ x: ShapedArray, _ y: ShapedArray) throws {
  try require(
    x.dtype == y.dtype,
    "lax.\(name) requires arguments to have the same dtypes, got \(x.dtype.longName), "
      + "\(y.dtype.longName).")
}

func gatherType(
  _ x: ShapedArray, _ indices: ShapedArray, _ p: GatherParameters
) throws -> ShapedArray {
  try require(indices.dtype.isInteger, "indices must have an integer type")
  try requireIndexVector(.gather, indices)
  let d = p.numbers
  try requireAxes(
    d.offsetDims, rank: d.offsetDims.count + indices.rank - 1, "gather", "offset_dims")
  try requireWindows(x, indices, d, .gather)
  try requireSliceSizes(x, indices, p)
  var (window, batch) = (
    d.windowAxes(rank: x.rank).map { p.sliceSizes[$0] }[...], indices.shape.dropLast()
  )
  let shape = (0..<d.offsetDims.count + indices.rank - 1).map { axis in
    d.offsetDims.contains(axis) ? window.removeFirst() : batch.removeFirst()
  }
  return x.with(shape: shape)
}

private func requireSliceSizes(
  _ x: ShapedArray, _ indices: ShapedArray, _ p: GatherParameters
) throws {
  let (d, sizes) = (p.numbers, p.sliceSizes)
  try require(
    sizes.count == x.rank,
    "Gather op must have one slice size for every input dimension; got: len(slice_sizes)="
      + "\(sizes.count), input_shape.rank=\(x.rank)")
  try require(
    sizes.count
      == d.offsetDims.count + d.collapsedSliceDims.count + d.operandBatchingDims.count,
    "All components of the offset index in a gather op must either be a offset dimension or "
      + "explicitly collapsed/batching; got len(slice_sizes)=\(sizes.count), output_slice_sizes="
      + "\(pythonTuple(d.offsetDims)), collapsed_slice_dims="
      + "\(pythonTuple(d.collapsedSliceDims)), operand_batching_dims="
      + "\(pythonTuple(d.operandBatchingDims)).")
  for (axis, size) in sizes.enumerated() {
    try require(
      size >= 0 && (size <= x.shape[axis] || indices.size == 0),
      "Slice size at index \(axis) in gather op is out of range, must be within [0, "
        + "\(x.shape[axis]) + 1), got \(size).")
  }
  for (position, axis) in d.collapsedSliceDims.enumerated() {
    try require(
      sizes[axis] == 1,
      "Gather op can only collapse slice dims with bound 1, but bound is \(sizes[axis]) for index "
        + "\(axis) at position \(position).")
  }
  for (position, axis) in d.operandBatchingDims.enumerated() {
    try require(
      sizes[axis] <= 1,
      "Gather op can only have operand batching dims with bound 0/1, but bound is "
        + "\(sizes[axis]) for index \(axis) at position \(position).")
  }
}

func scatterType(
  _ op: ScatterCombination, _ ins: [ShapedArray], _ p: ScatterParameters
) throws -> ShapedArray {
  let (x, indices, updates) = (ins[0], ins[1], ins[2])
  try require(indices.dtype.isInteger, "indices must have an integer type")
  try requireSameDTypes("scatter", x, updates)
  try require(
    x.dtype != .bool || (op != .add && op != .mul),
    "\(op.rawValue) does not accept dtype bool at position 0. Accepted dtypes at position 0 are "
      + "subtypes of integer, floating, complexfloating.")
  try requireIndexVector(.scatter, indices)
  let d = p.numbers
  let rank = indices.rank - 1 + d.updateWindowDims.count
  try require(
    updates.rank == rank, "Updates tensor must be of rank \(rank); got \(updates.rank).")
  try requireAxes(d.updateWindowDims, rank: rank, "scatter", "update_window_dims")
  try requireWindows(x, indices, d.gather, .scatter)
  try requireUpdates(x, indices, updates, d)
  return x
}

private func requireUpdates(
  _ x: ShapedArray, _ indices: ShapedArray, _ updates: ShapedArray, _ d: ScatterDimensionNumbers
) throws {
  let windowAxes = d.gather.windowAxes(rank: x.rank)
  try require(
    windowAxes.count == d.updateWindowDims.count,
    "Scatter op has window of size "
      + "\(d.updateWindowDims.count + x.rank - windowAxes.count); doesn't match operand of rank "
      + "\(x.rank).")
  for (axis, own) in zip(d.updateWindowDims, windowAxes) {
    try require(
      updates.shape[axis] <= x.shape[own],
      "Bounds of the window dimensions of updates must not exceed the bounds of the corresponding "
        + "dimensions of operand. For dimension \(axis), updates bound is "
        + "\(updates.shape[axis]), operand bound is \(x.shape[own]).")
  }
  let batchAxes = updates.shape.indices.filter { !d.updateWindowDims.contains($0) }
  for (axis, bound) in zip(batchAxes, indices.shape) {
    try require(
      updates.shape[axis] == bound,
      "Bounds of the scatter dimensions of updates must be the same as the bounds of the "
        + "corresponding dimensions of scatter indices. For scatter dimension \(axis), updates "
        + "bound is \(updates.shape[axis]), indices bound is \(bound).")
  }
}

private func requireIndexVector(_ words: WindowWords, _ indices: ShapedArray) throws {
  try require(
    indices.rank > 0,
    "\(words.name) index leaf dimension must be within [0, rank(indices) + 1). rank(indices) is 0 "
      + "and \(words.op) index leaf dimension is -1.")
}

/// What JAX calls the parts of the dimension numbers in one of the two operations.
private struct WindowWords {
  let op: String
  let name: String
  let map: String
  let collapsed: String
  let indicesBatching: String

  static let gather = WindowWords(
    op: "gather", name: "Gather", map: "start_index_map", collapsed: "collapsed_slice_dims",
    indicesBatching: "start_indices_batching_dims")
  static let scatter = WindowWords(
    op: "scatter", name: "Scatter", map: "scatter_dims_to_operand_dims",
    collapsed: "inserted_window_dims", indicesBatching: "scatter_indices_batching_dims")
}

/// The constraints that both operations put on the axes of the operand and of the indices.
private func requireWindows(
  _ x: ShapedArray, _ indices: ShapedArray, _ d: GatherDimensionNumbers, _ words: WindowWords
) throws {
  let components = indices.shape[indices.rank - 1]
  try require(
    d.startIndexMap.count == components,
    "\(words.name) op has \(d.startIndexMap.count) elements in \(words.map) and the bound "
      + "of dimension index_vector_dim=\(indices.rank - 1) of indices is \(components). These two "
      + "numbers must be equal.")
  for (position, axis) in d.startIndexMap.enumerated() {
    try require(
      x.shape.indices.contains(axis),
      "Invalid \(words.map); domain is [0, \(x.rank)), got: \(position)->\(axis).")
  }
  try requireUnrepeated(d.startIndexMap, words.op, words.map)
  try requireAxes(d.collapsedSliceDims, rank: x.rank, words.op, words.collapsed)
  try requireAxes(d.operandBatchingDims, rank: x.rank, words.op, "operand_batching_dims")
  for (dims, name) in [(d.collapsedSliceDims, words.collapsed), (d.startIndexMap, words.map)] {
    try require(
      Set(dims).isDisjoint(with: d.operandBatchingDims),
      "\(name) and operand_batching_dims in \(words.op) op must be disjoint; got: "
        + "\(pythonTuple(dims)) and \(pythonTuple(d.operandBatchingDims)).")
  }
  try requireBatching(x, indices, d, words)
}

private func requireBatching(
  _ x: ShapedArray, _ indices: ShapedArray, _ d: GatherDimensionNumbers, _ words: WindowWords
) throws {
  let name = words.name
  try requireUnrepeated(d.startIndicesBatchingDims, words.op, words.indicesBatching)
  try requireInside(d.startIndicesBatchingDims, indices.rank, words.op, words.indicesBatching)
  try require(
    !d.startIndicesBatchingDims.contains(indices.rank - 1),
    "\(name) op cannot have the index vector dimension as a batching dimension; got "
      + "\(pythonTuple(d.startIndicesBatchingDims)).")
  try require(
    d.operandBatchingDims.count == d.startIndicesBatchingDims.count,
    "\(name) op requires equal numbers of operand_batching_dims and \(words.indicesBatching), got "
      + "\(pythonTuple(d.operandBatchingDims)) and \(pythonTuple(d.startIndicesBatchingDims)).")
  let own = d.operandBatchingDims.map { x.shape[$0] }
  let others = d.startIndicesBatchingDims.map { indices.shape[$0] }
  try require(
    own == others,
    "\(name) op requires operand batching dimensions and indices batching dimensions to have the "
      + "same shape, got \(pythonTuple(own)) and \(pythonTuple(others)).")
}

/// Sorted axes in range, none twice.
private func requireAxes(_ dims: [Int], rank: Int, _ op: String, _ name: String) throws {
  try require(
    dims == dims.sorted(), "\(name) in \(op) op must be sorted; got \(pythonTuple(dims))")
  try requireInside(dims, rank, op, name)
  try requireUnrepeated(dims, op, name)
}

private func requireInside(_ dims: [Int], _ rank: Int, _ op: String, _ name: String) throws {
  for dim in dims {
    try require(
      (0..<rank).contains(dim),
      "Invalid \(name) set in \(op) op; valid range is [0, \(rank)); got: \(dim).")
  }
}

private func requireUnrepeated(_ dims: [Int], _ op: String, _ name: String) throws {
  try require(
    Set(dims).count == dims.count,
    "\(name) in \(op) op must not repeat; got: \(pythonTuple(dims)).")
}
