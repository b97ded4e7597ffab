// Division that rounds down, as NumPy and JAX have it; `/` and `rem` round towards zero.

/// x / y rounded down (`jnp.floor_divide`). For whole numbers n // 0 is −1 + (n > 0 ? −1 : 0), which
/// is XLA's choice on a processor and nobody's promise (SEMANTICS AD-3).
public func floorDivide(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  switch x.dtype {
  case .u32: return try x / y
  case .i32, .bool:
    let isInexact = try logicalAnd(notEqual(sign(x), sign(y)), isNonzero(rem(x, y)))
    let quotient = try x / y
    return try selectTensors(isInexact, quotient - 1, quotient)
  case .f32, .f64:
    let remainder = try rem(x, y)
    let quotient = try (x - remainder) / y
    let isBelow = try logicalAnd(isNonzero(remainder), notEqual(sign(y), sign(remainder)))
    return try roundAwayFromZero(selectTensors(isBelow, quotient - 1, quotient))
  }
}

/// x − y · floorDivide(x, y): the remainder with the sign of y (`jnp.remainder`); 0 for a whole
/// number divided by 0.
public func remainder(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  let divisor =
    try y.dtype.isInteger ? selectTensors(equal(y, zeros(like: y)), ones(like: y), y) : y
  let towardsZero = try rem(x, divisor)
  let zero = real(0, towardsZero)
  let signsDiffer = try notEqual(less(towardsZero, zero), less(divisor, zero))
  let isBelow = try logicalAnd(signsDiffer, isNonzero(towardsZero))
  return try selectTensors(isBelow, towardsZero + divisor, towardsZero)
}

private func isNonzero(_ x: Tensor) throws -> Tensor { try notEqual(x, real(0, x)) }
