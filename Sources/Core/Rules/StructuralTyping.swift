// The types of operations that move data: broadcast, reshape, transpose, slice, pad, ….

func broadcastInDimType(_ x: ShapedArray, shape: [Int], dims: [Int]) throws -> ShapedArray {
  let got =
    "got operand of shape \(pythonTuple(x.shape)), target broadcast shape \(pythonTuple(shape)), "
    + "broadcast_dimensions \(pythonTuple(dims))"
  try require(
    shape.allSatisfy { $0 >= 0 },
    "broadcast_in_dim shape must have every element be nonnegative, got \(pythonTuple(shape)).")
  try require(
    dims.count == x.rank,
    "broadcast_in_dim broadcast_dimensions must have length equal to operand ndim; \(got)")
  try require(
    dims.allSatisfy(shape.indices.contains),
    "broadcast_in_dim broadcast_dimensions must be a subset of output dimensions; \(got)")
  try require(
    zip(dims, dims.dropFirst()).allSatisfy { $0 < $1 },
    "broadcast_in_dim broadcast_dimensions must be strictly increasing; \(got)")
  try require(
    zip(dims, x.shape).allSatisfy { shape[$0] == $1 || $1 == 1 },
    "broadcast_in_dim operand dimension sizes must either be 1, or be equal to their "
      + "corresponding dimensions in the target broadcast shape; \(got)")
  return x.with(shape: shape)
}

func reshapeType(_ x: ShapedArray, _ shape: [Int]) throws -> ShapedArray {
  try require(
    shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == x.size,
    "reshape total size must be unchanged, got new_sizes \(pythonTuple(shape)) for shape "
      + "\(pythonTuple(x.shape)).")
  return x.with(shape: shape)
}

func transposeType(_ x: ShapedArray, _ permutation: [Int]) throws -> ShapedArray {
  try require(
    permutation.sorted() == Array(0..<x.rank),
    "transpose permutation isn't a permutation of operand dimensions, got permutation "
      + "\(pythonTuple(permutation)) for operand shape \(pythonTuple(x.shape)).")
  return x.with(shape: permutation.map { x.shape[$0] })
}

func squeezeType(_ x: ShapedArray, _ dims: [Int]) throws -> ShapedArray {
  try require(
    dims.allSatisfy(x.shape.indices.contains) && Set(dims).count == dims.count,
    "squeeze dimensions must be unique axes of the operand, got \(pythonTuple(dims)) for shape "
      + "\(pythonTuple(x.shape)).")
  try require(
    dims.allSatisfy { x.shape[$0] == 1 },
    "cannot select an axis to squeeze out which has size not equal to one, got "
      + "shape=\(pythonTuple(x.shape)) and dimensions=\(pythonTuple(dims))")
  return x.with(shape: x.shape.indices.filter { !dims.contains($0) }.map { x.shape[$0] })
}

func concatenateType(_ ins: [ShapedArray], _ dim: Int) throws -> ShapedArray {
  let shapes = ins.map { pythonTuple($0.shape) }.joined(separator: ", ")
  let first = ins[0]
  try require(
    ins.allSatisfy { $0.rank == first.rank },
    "Cannot concatenate arrays with different numbers of dimensions: got \(shapes).")
  try require(
    first.shape.indices.contains(dim),
    "concatenate dimension out of bounds: dimension \(dim) for shapes \(shapes).")
  try require(
    ins.allSatisfy { $0.dtype == first.dtype },
    "lax.concatenate requires arguments to have the same dtypes, got "
      + ins.map { $0.dtype.longName }.joined(separator: ", "))
  func others(_ a: ShapedArray) -> [Int] {
    a.shape.indices.filter { $0 != dim }.map { a.shape[$0] }
  }
  try require(
    ins.allSatisfy { others($0) == others(first) },
    "Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
      + "concatenated: concatenating along dimension \(dim) for shapes \(shapes).")
  var shape = first.shape
  shape[dim] = ins.reduce(0) { $0 + $1.shape[dim] }
  return first.with(shape: shape)
}

func sliceType(
  _ x: ShapedArray, start: [Int], limit: [Int], strides: [Int]
) throws -> ShapedArray {
  let got =
    "got start_indices \(pythonTuple(start)), limit_indices \(pythonTuple(limit)), "
    + "strides \(pythonTuple(strides)) for operand shape \(pythonTuple(x.shape))."
  try require(
    [start.count, limit.count, strides.count].allSatisfy { $0 == x.rank },
    "slice indices must have length equal to the number of dimensions of the operand, \(got)")
  try require(
    x.shape.indices.allSatisfy { 0 <= start[$0] && start[$0] <= limit[$0] },
    "slice limit_indices must be greater than or equal to start_indices, which must be "
      + "nonnegative, \(got)")
  try require(
    zip(limit, x.shape).allSatisfy { $0 <= $1 },
    "slice limit_indices must be less than or equal to operand shape, \(got)")
  try require(strides.allSatisfy { $0 > 0 }, "slice strides must be positive, \(got)")
  return x.with(
    shape: x.shape.indices.map { (limit[$0] - start[$0] + strides[$0] - 1) / strides[$0] })
}

func revType(_ x: ShapedArray, _ dims: [Int]) throws -> ShapedArray {
  try require(
    Set(dims).count == dims.count, "rev dimensions must be unique, got \(pythonTuple(dims)).")
  try require(
    dims.allSatisfy(x.shape.indices.contains),
    "rev dimensions must all be less than operand ndim, got dimensions \(pythonTuple(dims)) for "
      + "operand shape \(pythonTuple(x.shape)).")
  return x
}

func padType(
  _ x: ShapedArray, value: ShapedArray, _ config: [PaddingConfig]
) throws -> ShapedArray {
  try require(
    x.dtype == value.dtype,
    "pad operand and padding_value must be same dtype: got \(x.dtype.longName) and "
      + "\(value.dtype.longName).")
  try require(
    value.rank == 0, "padding_value must be a scalar; got shape \(pythonTuple(value.shape)).")
  try require(
    config.count == x.rank,
    "length of padding_config must equal the number of axes of operand, got \(config.count) for "
      + "operand shape \(pythonTuple(x.shape))")
  try require(
    config.allSatisfy { $0.interior >= 0 },
    "interior padding in padding_config must be nonnegative, got padding_config "
      + "\(config.map { ($0.low, $0.high, $0.interior) })")
  let shape = zip(x.shape, config).map { extent, c in
    c.low + c.high + extent + max(0, extent - 1) * c.interior
  }
  try require(
    shape.allSatisfy { $0 >= 0 },
    "dimension size after padding is not at least 0, got result dimensions "
      + "\(pythonTuple(shape)) for operand shape \(pythonTuple(x.shape)).")
  return x.with(shape: shape)
}

func iotaType(_ dtype: DType, _ shape: [Int], _ dim: Int) throws -> ShapedArray {
  try require(dtype != .bool, "iota does not accept dtype bool. Accepted dtypes are numbers.")
  try require(
    shape.allSatisfy { $0 >= 0 },
    "iota shape must have every element be nonnegative, got \(pythonTuple(shape)).")
  try require(
    shape.indices.contains(dim),
    "iota dimension must be between 0 and len(shape), got dimension=\(dim) for shape "
      + "\(pythonTuple(shape))")
  return ShapedArray(dtype, shape)
}
