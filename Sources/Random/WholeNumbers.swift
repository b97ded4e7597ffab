// Truth values and whole numbers.
//
// A whole number of `span` values is the remainder of a number of twice as many bits as the type has
// (JAX: higher·2ⁿ + lower, by remainders, in words of n bits). With n = 32 the product of remainders
// wraps once span > 2¹⁶, and higher no longer counts; with n = 64 nothing wraps for any span of ours,
// so the remainder of the whole 128-bit number is the answer, digit by digit in exact f64.

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

  /// Whole numbers of `from ..< to`, `dtype[shape…]`; `from` if there are none.
  ///
  /// With `x64` as JAX draws an `int64`, its default once 64-bit types are enabled: other numbers.
  /// Limits beyond the dtype are moved to its ends.
  public func randint(
    _ shape: [Int] = [], from: Int, to: Int, dtype: DType = .i32, x64: Bool = false
  ) throws -> Tensor {
    let ends = try dtype.wholeRange()
    let low = Swift.max(ends.lowerBound, Swift.min(from, ends.upperBound))
    let high = Swift.max(ends.lowerBound, Swift.min(to, ends.upperBound + 1))
    let span = Swift.max(1, high - low)
    let offset = try x64 ? offset64(shape, Tensor(Double(span), .f64)) : offset32(shape, span)
    return try bitcastConvertType(offset, dtype) + Double(low)
  }

  /// Whole numbers of `from ..< to`, `i32` or `u32`; the limits broadcast to `shape`.
  public func randint(
    _ shape: [Int], from: Tensor, to: Tensor, x64: Bool = false
  ) throws -> Tensor {
    let one = Tensor(1, .u32)
    let distance = try bitcastConvertType(to - from, .u32)
    let span = try `where`(lessOrEqual(to, from), one, distance)
    let offset = try x64 ? offset64(shape, span.asType(.f64)) : offset32(shape, span)
    return try from + bitcastConvertType(offset, from.dtype)
  }

  private func offset32(_ shape: [Int], _ span: Int) throws -> Tensor {
    // 2³² wraps to 0, and XLA's remainder by 0 is the dividend: the lower word as it is.
    if span > UInt32.max { return try split().1.bits(shape) }
    return try offset32(shape, Tensor(Double(span), .u32))
  }

  /// (higher·2³² + lower) mod span by remainders of 32 bits, wrapping as JAX's do.
  private func offset32(_ shape: [Int], _ span: Tensor) throws -> Tensor {
    let (first, second) = try split()
    let half = try rem(Tensor(65536, .u32), span)
    let multiplier = try rem(half * half, span)
    let higher = try rem(first.bits(shape), span) * multiplier
    return try rem(higher + rem(second.bits(shape), span), span)
  }

  /// The remainder of four words by `span`, an f64 of at most 2³²: each step stays below 2⁴⁹.
  private func offset64(_ shape: [Int], _ span: Tensor) throws -> Tensor {
    let (first, second) = try split()
    let (high, low) = (try first.bits64(shape), try second.bits64(shape))
    let words = [high.upper, high.lower, low.upper, low.lower]
    let digits = try words.flatMap { word in
      [
        try shiftRightLogical(word, Tensor(16, .u32)),
        try logicalAnd(word, Tensor(65535, .u32)),
      ]
    }
    let zero = try zeros(shape, .f64)
    return try digits.reduce(zero) { rest, digit in
      try rem(rest * 65536 + digit.asType(.f64), span)
    }.asType(.u32)
  }
}

extension DType {
  /// What a whole-number dtype holds.
  fileprivate func wholeRange() throws -> ClosedRange<Int> {
    switch self {
    case .i32: return Int(Int32.min)...Int(Int32.max)
    case .u32: return 0...Int(UInt32.max)
    case .f32, .f64, .bool:
      throw TraceError.badArgument("randint only accepts integer dtypes, got \(longName)")
    }
  }
}
