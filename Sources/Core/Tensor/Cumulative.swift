// Running sums, products and extrema, as `lax` has them; a negative axis counts from the end.

/// x[0] + … + x[k] along `axis`; sums from the end when `reverse`.
public func cumsum(_ x: Tensor, axis: Int = 0, reverse: Bool = false) throws -> Tensor {
  try cumulative(.sum, x, axis, reverse)
}

/// x[0] · … · x[k] along `axis`; products from the end when `reverse`.
public func cumprod(_ x: Tensor, axis: Int = 0, reverse: Bool = false) throws -> Tensor {
  try cumulative(.prod, x, axis, reverse)
}

/// The largest of x[0], …, x[k] along `axis`; NaN from the first NaN on.
public func cummax(_ x: Tensor, axis: Int = 0, reverse: Bool = false) throws -> Tensor {
  try cumulative(.max, x, axis, reverse)
}

/// The smallest of x[0], …, x[k] along `axis`; NaN from the first NaN on.
public func cummin(_ x: Tensor, axis: Int = 0, reverse: Bool = false) throws -> Tensor {
  try cumulative(.min, x, axis, reverse)
}

/// ln(exp x[0] + … + exp x[k]) along `axis`.
public func cumlogsumexp(_ x: Tensor, axis: Int = 0, reverse: Bool = false) throws -> Tensor {
  try cumulative(.logsumexp, x, axis, reverse)
}

private func cumulative(
  _ op: Cumulative, _ x: Tensor, _ axis: Int, _ reverse: Bool
) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  return try bind1(.cumulative(op, axis: axis, reverse: reverse), [x])
}

/// Whether all over `axes` hold (`lax.reduce_and`); for whole numbers bit by bit.
public func reduceAnd(_ x: Tensor, axes: [Int]? = nil) throws -> Tensor {
  try logicalReduction(.and, x, axes)
}

/// Whether any over `axes` holds (`lax.reduce_or`); for whole numbers bit by bit.
public func reduceOr(_ x: Tensor, axes: [Int]? = nil) throws -> Tensor {
  try logicalReduction(.or, x, axes)
}

/// Whether an odd number over `axes` holds (`lax.reduce_xor`); for whole numbers bit by bit.
public func reduceXor(_ x: Tensor, axes: [Int]? = nil) throws -> Tensor {
  try logicalReduction(.xor, x, axes)
}

private func logicalReduction(_ op: Reduction, _ x: Tensor, _ axes: [Int]?) throws -> Tensor {
  try bind1(.reduce(op, axes: canonical(axes ?? Array(x.shape.indices), rank: x.rank)), [x])
}
