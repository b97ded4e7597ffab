// Types and tangents of cumulative reductions: y[k] = x[0] op … op x[k].
//
// The sum is linear. The others are differentiated as JAX does it: as an associative scan, whose
// tree decides how the tangent is shared where elements tie (SEMANTICS 2.13).

func cumulativeType(_ op: Cumulative, _ x: ShapedArray, _ axis: Int) throws -> ShapedArray {
  try require(axis >= 0, "XLA operations do not allow negative axes")
  try require(
    axis < x.rank, "axis \(axis) is out of bounds for array of shape \(pythonTuple(x.shape))")
  switch op {
  case .logsumexp: try requireInexact("cumlogsumexp", x)
  case .sum, .prod, .max, .min:
    try require(
      x.dtype != .bool,
      "cum\(op.rawValue) does not accept dtype bool. Accepted dtypes are subtypes of number.")
  }
  return x
}

/// dy for y = op over every prefix of x.
func cumulativeTangent(
  _ op: Cumulative, _ axis: Int, reverse: Bool, _ x: Tensor, _ dx: Tensor
) throws -> Tensor {
  let combine: (Tensor, Tensor) throws -> Tensor
  switch op {
  case .sum: return try bind1(.cumulative(.sum, axis: axis, reverse: reverse), [dx])
  case .prod: combine = { try $0 * $1 }
  case .max: combine = { try maximum($0, $1) }
  case .min: combine = { try minimum($0, $1) }
  case .logsumexp: combine = { try logaddexp($0, $1) }
  }
  return try jvp({ try scanned($0, axis, reverse: reverse, combine) }, x, dx).tangent
}

/// Every prefix of `x` along `axis` combined, or every suffix when `reverse`.
private func scanned(
  _ x: Tensor, _ axis: Int, reverse: Bool, _ combine: (Tensor, Tensor) throws -> Tensor
) throws -> Tensor {
  reverse
    ? try rev(scanned(rev(x, [axis]), axis, combine), [axis]) : try scanned(x, axis, combine)
}

/// Neighbours are combined in pairs and those pairs scanned, which gives every odd prefix; an even
/// prefix is the odd one before it and one element more (Blelloch, Prefix sums, 1990).
private func scanned(
  _ x: Tensor, _ axis: Int, _ combine: (Tensor, Tensor) throws -> Tensor
) throws -> Tensor {
  let n = x.shape[axis]
  guard n > 1 else { return x }
  func every(_ start: Int, _ limit: Int, by step: Int) throws -> Tensor {
    try strided(x, axis, start, limit, by: step)
  }
  let odd = try scanned(
    combine(every(0, n - 1, by: 2), every(1, n, by: 2)), axis, combine)
  let rest = try every(Swift.min(2, n), n, by: 2)
  let before = try slice(odd, axis: axis, from: 0, to: rest.shape[axis])
  let even = try concatenate([every(0, 1, by: 1), combine(before, rest)], axis: axis)
  return try spaced(even, axis, 0, n) + spaced(odd, axis, 1, n)
}

private func strided(
  _ x: Tensor, _ axis: Int, _ start: Int, _ limit: Int, by step: Int
) throws -> Tensor {
  var (starts, limits, steps) = (x.shape.map { _ in 0 }, x.shape, x.shape.map { _ in 1 })
  (starts[axis], limits[axis], steps[axis]) = (start, limit, step)
  return try slice(x, start: starts, limit: limits, strides: steps)
}

/// `x` at every other index from `first` on of `n` zeros.
private func spaced(_ x: Tensor, _ axis: Int, _ first: Int, _ n: Int) throws -> Tensor {
  var padding = x.shape.map { _ in PaddingConfig(0, 0) }
  padding[axis] = PaddingConfig(first, n - first - (2 * x.shape[axis] - 1), 1)
  return try bind1(.pad(padding), [x, real(0, x)])
}
