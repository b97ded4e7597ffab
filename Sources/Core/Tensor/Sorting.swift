// Sorting and splitting along one axis; a negative axis counts from the end.

/// `x` in rising order along `axis`, NaN last (`jnp.sort`).
public func sort(_ x: Tensor, axis: Int = -1) throws -> Tensor {
  try sort([x], dimension: axis)[0]
}

/// All operands in the order of the first `numKeys`; stable; NaN last, −0 equal to 0 (`lax.sort`).
public func sort(_ xs: [Tensor], dimension: Int = -1, numKeys: Int = 1) throws -> [Tensor] {
  let axis = try canonical([dimension], rank: xs.first?.rank ?? 0)[0]
  return try bind(.sort(dimension: axis, numKeys: numKeys), xs)
}

/// The indices that sort `x` along `axis`; equals keep their order (`jnp.argsort`).
public func argsort(_ x: Tensor, axis: Int = -1) throws -> Tensor {
  let dim = try canonical([axis], rank: x.rank)[0]
  return try sort([x, iota(.i32, x.shape, dim: dim)], dimension: dim)[1]
}

/// The `k` largest along `axis` and their indices; NaN counts as the largest, equals come in the
/// order of their indices (`lax.top_k`).
public func topK(_ x: Tensor, _ k: Int, axis: Int = -1) throws -> (values: Tensor, indices: Tensor)
{
  let found = try bind(.topK(k, axis: canonical([axis], rank: x.rank)[0]), [x])
  return (found[0], found[1])
}

/// Neighbouring sections of `x` along `axis`, of these extents (`lax.split`).
public func split(_ x: Tensor, _ sizes: [Int], axis: Int = 0) throws -> [Tensor] {
  try bind(.split(sizes: sizes, axis: canonical([axis], rank: x.rank)[0]), [x])
}
