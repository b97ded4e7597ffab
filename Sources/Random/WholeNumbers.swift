// Truth values and whole numbers.

public import Core

extension Key {
  /// True with probability `p`, `bool[shape…]`: u < p, both in `dtype`.
  ///
  /// In JAX a Python number p is drawn for in f32, or in f64 once 64-bit types are enabled, which
  /// gives other values under the same key.
  public func bernoulli(
    _ p: Double = 0.5, _ shape: [Int] = [], dtype: DType = .f32
  ) throws -> Tensor {
    try less(uniform(shape, dtype), Tensor(p, dtype))
  }

  /// True with probability `p`, which is broadcast to `shape` (by default its own).
  public func bernoulli(_ p: Tensor, _ shape: [Int]? = nil) throws -> Tensor {
    try less(uniform(shape ?? p.shape, p.dtype), p)
  }

  /// −1 or 1 with equal probability, `dtype[shape…]`; the uniform numbers are drawn in `drawing`.
  public func rademacher(
    _ shape: [Int] = [], _ dtype: DType = .i32, drawing: DType = .f32
  ) throws -> Tensor {
    try bernoulli(0.5, shape, dtype: drawing).asType(dtype) * 2 - 1
  }
}
