// The types of operations that combine elements: reductions and dot_general.

func reduceType(_ op: Reduction, _ x: ShapedArray, _ axes: [Int]) throws -> ShapedArray {
  let shape = try shapeWithout(axes, x)
  switch op {
  case .sum, .prod:
    try require(
      x.dtype != .bool,
      "reduce_\(op.rawValue) does not accept dtype bool. Accepted dtypes are subtypes of number.")
  case .and, .or, .xor:
    try require(
      !x.dtype.isInexact,
      "logical reduction requires operand dtype bool or int, got \(x.dtype.longName).")
  case .max, .min: break
  }
  return x.with(shape: shape)
}

private func shapeWithout(_ axes: [Int], _ x: ShapedArray) throws -> [Int] {
  try require(
    Set(axes).count == axes.count, "duplicate value in 'axes' of reduction: \(pythonTuple(axes))")
  try require(
    axes.allSatisfy(x.shape.indices.contains),
    "reduction axes \(pythonTuple(axes)) contains out-of-bounds indices for "
      + "\(x.dtype.longName)\(x.shape).")
  return x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }
}

func argReduceType(
  _ op: ArgReduction, _ x: ShapedArray, _ axis: Int, _ dtype: DType
) throws -> ShapedArray {
  try require(
    x.shape.indices.contains(axis),
    "Invalid axis \(axis) for operand shape \(pythonTuple(x.shape))")
  try require(
    x.shape[axis] > 0,
    "arg\(op.rawValue) is undefined along an axis of extent 0, got shape \(pythonTuple(x.shape))")
  try require(
    dtype.isInteger, "index_dtype must be an integer type, but got \(dtype.longName).")
  return ShapedArray(dtype, try shapeWithout([axis], x))
}

func dotGeneralType(
  _ lhs: ShapedArray, _ rhs: ShapedArray, _ d: DotDimensionNumbers
) throws -> ShapedArray {
  try requireSameDType("dot_general", lhs, rhs)
  try require(
    lhs.dtype != .bool, "dot_general does not accept dtype bool. Accepted dtypes are numbers.")
  try requirePairs("batch", (d.lhsBatch, lhs), (d.rhsBatch, rhs))
  try requirePairs("contracting", (d.lhsContracting, lhs), (d.rhsContracting, rhs))
  for (batch, contracting) in [(d.lhsBatch, d.lhsContracting), (d.rhsBatch, d.rhsContracting)] {
    try require(
      Set(batch).isDisjoint(with: contracting),
      "dot_general requires batch dimensions and contracting dimensions to be disjoint, got batch "
        + "\(pythonTuple(batch)) and contracting \(pythonTuple(contracting)).")
  }
  return lhs.with(
    shape: d.lhsBatch.map { lhs.shape[$0] }
      + d.lhsFree(rank: lhs.rank).map { lhs.shape[$0] }
      + d.rhsFree(rank: rhs.rank).map { rhs.shape[$0] })
}

private func requirePairs(
  _ kind: String, _ lhs: (axes: [Int], aval: ShapedArray), _ rhs: (axes: [Int], aval: ShapedArray)
) throws {
  for (axes, aval) in [lhs, rhs] {
    try require(
      axes.allSatisfy(aval.shape.indices.contains) && Set(axes).count == axes.count,
      "dot_general requires \(kind) dimensions to be distinct axes of the operand, got "
        + "\(pythonTuple(axes)) for shape \(pythonTuple(aval.shape)).")
  }
  let (l, r) = (lhs.axes.map { lhs.aval.shape[$0] }, rhs.axes.map { rhs.aval.shape[$0] })
  try require(
    l == r,
    "dot_general requires \(kind) dimensions to have the same shape, got \(pythonTuple(l)) and "
      + "\(pythonTuple(r)).")
}
