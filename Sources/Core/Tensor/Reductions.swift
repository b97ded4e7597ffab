// Sums, means, extrema and contractions.

/// Σ over `axes`; over all when none are named.
public func sum(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
  try reduced(.sum, x, axes, keepDims)
}

/// ∏ over `axes`; over all when none are named.
public func prod(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
  try reduced(.prod, x, axes, keepDims)
}

/// The largest over `axes`; ties share the tangent; NaN if any is.
public func max(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
  try reduced(.max, nonEmpty(x, axes, "max"), axes, keepDims)
}

/// The smallest over `axes`; ties share the tangent; NaN if any is.
public func min(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
  try reduced(.min, nonEmpty(x, axes, "min"), axes, keepDims)
}

/// Σ x / n over `axes`.
public func mean(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
  try sum(x, axes: axes, keepDims: keepDims) / count(x, axes)
}

/// The variance Σ (x − mean)² / (n − ddof) over `axes`, in two passes; biased unless told otherwise.
public func `var`(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, ddof: Int = 0
) throws -> Tensor {
  let centered = try x - mean(x, axes: axes, keepDims: true)
  let squares = try sum(square(centered), axes: axes, keepDims: keepDims)
  return try squares / (count(x, axes) - Double(ddof))
}

/// √var.
public func std(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, ddof: Int = 0
) throws -> Tensor {
  try sqrt(`var`(x, axes: axes, keepDims: keepDims, ddof: ddof))
}

/// √Σ x² over `axes`; the derivative at 0 is NaN, as in JAX.
public func norm(_ x: Tensor, axes: [Int]? = nil) throws -> Tensor {
  try sqrt(sum(x * x, axes: axes))
}

/// The first index of the largest along `axis`; the first NaN if there is one.
public func argmax(_ x: Tensor, axis: Int, _ dtype: DType = .i32) throws -> Tensor {
  try argReduced(.max, x, axis, dtype)
}

/// The first index of the smallest along `axis`; the first NaN if there is one.
public func argmin(_ x: Tensor, axis: Int, _ dtype: DType = .i32) throws -> Tensor {
  try argReduced(.min, x, axis, dtype)
}

/// Σ over the contracting axes, for each index of the batch axes.
public func dotGeneral(_ x: Tensor, _ y: Tensor, _ numbers: DotDimensionNumbers) throws -> Tensor {
  try bind1(.dotGeneral(numbers), [x, y])
}

/// The matrix product of the last two axes; vectors are rows on the left and columns on the right;
/// leading axes broadcast. `x: [..., m, k]`, `y: [..., k, n]` → `[..., m, n]`.
public func matmul(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  try require(
    x.rank > 0 && y.rank > 0,
    "matmul requires ndim at least 1, got \(pythonTuple(x.shape)), \(pythonTuple(y.shape)).")
  let contracting = ([x.rank - 1], [max(0, y.rank - 2)])
  guard x.rank > 2 && y.rank > 1 || y.rank > 2 else {
    return try dotGeneral(x, y, DotDimensionNumbers(contracting: contracting))
  }
  return try batchedMatmul(x, y)
}

private func batchedMatmul(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  if y.rank == 2 {
    return try dotGeneral(x, y, DotDimensionNumbers(contracting: ([x.rank - 1], [0])))
  }
  if x.rank == 1 { return try squeeze(batchedMatmul(expandDims(x, 0), y), [-2]) }
  let batch = try broadcastShapes("matmul", Array(x.shape.dropLast(2)), Array(y.shape.dropLast(2)))
  let (l, r) = try (
    broadcast(x, to: batch + x.shape.suffix(2)), broadcast(y, to: batch + y.shape.suffix(2))
  )
  let axes = Array(batch.indices)
  return try dotGeneral(
    l, r,
    DotDimensionNumbers(
      contracting: ([batch.count + 1], [batch.count]), batch: (axes, axes)))
}

/// The largest over `axes`, −∞ over nothing.
func maxOrLowest(_ x: Tensor, axes: [Int]) throws -> Tensor { try reduced(.max, x, axes, false) }

/// `x`, if there is something to reduce along every one of `axes`.
private func nonEmpty(_ x: Tensor, _ axes: [Int]?, _ name: String) throws -> Tensor {
  let axes = try canonical(axes ?? Array(x.shape.indices), rank: x.rank)
  try require(
    axes.allSatisfy { x.shape[$0] > 0 },
    "zero-size array to reduction operation \(name) which has no identity, got shape "
      + "\(pythonTuple(x.shape)) and axes \(pythonTuple(axes))")
  return x
}

private func reduced(
  _ op: Reduction, _ x: Tensor, _ axes: [Int]?, _ keepDims: Bool
) throws -> Tensor {
  let axes = try canonical(axes ?? Array(x.shape.indices), rank: x.rank)
  let result = axes.isEmpty ? x : try bind1(.reduce(op, axes: axes), [x])
  guard keepDims else { return result }
  let kept = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
  return try broadcastInDim(
    result, shape: kept, dims: x.shape.indices.filter { !axes.contains($0) })
}

private func argReduced(
  _ op: ArgReduction, _ x: Tensor, _ axis: Int, _ dtype: DType
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  return try bind1(.argReduce(op, axis: axis, indexDType: dtype), [x])
}

/// How many elements a reduction over `axes` combines.
private func count(_ x: Tensor, _ axes: [Int]?) throws -> Double {
  let axes = try canonical(axes ?? Array(x.shape.indices), rank: x.rank)
  return Double(axes.reduce(1) { $0 * x.shape[$1] })
}
