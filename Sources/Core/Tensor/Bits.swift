// Operations on bits, as `lax` has them.

/// x · 2ʸ without the bits that leave on the left; 0 from y = 32 on.
public func shiftLeft(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.binary(.shiftLeft), [x, y])
}

/// The bits of x moved right by y, zeros following.
public func shiftRightLogical(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.binary(.shiftRightLogical), [x, y])
}

/// The bits of x moved right by y, copies of the highest bit following.
public func shiftRightArithmetic(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.binary(.shiftRightArithmetic), [x, y])
}

/// The number of the dtype that follows x on the way to y. It has no derivative, as in JAX.
public func nextafter(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.binary(.nextafter), [x, y])
}

/// How many bits are set.
public func populationCount(_ x: Tensor) throws -> Tensor { try unary(.populationCount, x) }

/// How many bits before the highest set one.
public func clz(_ x: Tensor) throws -> Tensor { try unary(.clz, x) }

/// The same bits as another dtype of equal width; the derivative is zero.
public func bitcastConvertType(_ x: Tensor, _ dtype: DType) throws -> Tensor {
  try bind1(.bitcastConvertType(dtype), [x])
}

/// One block of Threefry-2x32 per element: the two words of the counter under the key, all `u32`.
public func threefry2x32(
  key: (Tensor, Tensor), counter: (Tensor, Tensor)
) throws -> (Tensor, Tensor) {
  let words = try bind(.threefry2x32, [key.0, key.1, counter.0, counter.1])
  return (words[0], words[1])
}
