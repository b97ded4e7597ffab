// Uniform numbers, bit for bit as JAX draws them.
//
// f: random bits under the exponent of 1, minus 1: a multiple of 2⁻²³ (f64: 2⁻⁵²) in [0, 1). Then
// max(from, f·(to − from) + from), everything in the dtype. JAX writes a product and a sum, and XLA
// compiles them, where the processor can, to one operation that rounds once: so does every call of
// jax.random.uniform that is not under disable_jit. Both answers are here, under `UniformRounding`.

public import Core

/// How the product and the sum of f·(to − from) + from are rounded.
public enum UniformRounding: Sendable {
  /// Once, after the sum: what jax.random.uniform returns on processors with fused multiply-add.
  case fused
  /// Each by itself: what JAX's source says, and what it returns op by op.
  case separate
}

extension Key {
  /// Numbers drawn uniformly from `[from, to)`, `dtype[shape…]`.
  public func uniform(
    _ shape: [Int] = [], _ dtype: DType = .f32, from: Double = 0, to: Double = 1,
    rounding: UniformRounding = .fused
  ) throws -> Tensor {
    let unit = try unitInterval("uniform", shape, dtype)
    // f·1 + 0 is f.
    if from == 0 && to == 1 { return unit }
    let limits = Limits(from, to, dtype)
    let affine =
      switch rounding {
      case .fused where !limits.isRoundedOnce: try limits.fused(unit)
      case .fused, .separate: try unit * limits.span + limits.low
      }
    return try maximum(Tensor(limits.low, dtype), affine)
  }

  /// Numbers drawn uniformly from `[from, to)`; the limits, of one floating-point dtype, broadcast
  /// to `shape`.
  public func uniform(
    _ shape: [Int], from: Tensor, to: Tensor, rounding: UniformRounding = .fused
  ) throws -> Tensor {
    let unit = try unitInterval("uniform", shape, from.dtype)
    let span = try to - from
    let separate = try unit * span + from
    let affine =
      switch rounding {
      case .fused: try separate + correction(unit, span, from, separate)
      case .separate: separate
      }
    guard affine.shape == shape else {
      throw TraceError.badArgument(
        "uniform parameter shapes must be broadcast-compatible with shape argument, and the result "
          + "of broadcasting the shapes must equal the shape argument, but got "
          + "\(pythonTuple(affine.shape)) for shape \(pythonTuple(shape))")
    }
    return try maximum(from, affine)
  }

  /// What `separate` lacks to f·span + from rounded once: the two are neighbours, so that difference
  /// and sum are exact. It has no tangent; the derivative is that of the formula.
  private func correction(
    _ unit: Tensor, _ span: Tensor, _ from: Tensor, _ separate: Tensor
  ) throws -> Tensor {
    let difference = try stopGradient(fusedMultiplyAdd(unit, span, from) - separate)
    // Where both overflow there is no difference.
    return try `where`(isFinite(difference), difference, zeros(like: difference))
  }

  /// f in [0, 1).
  private func unitInterval(_ name: String, _ shape: [Int], _ dtype: DType) throws -> Tensor {
    switch dtype {
    case .f32:
      let mantissa = try shiftRightLogical(bits(shape), Tensor(9, .u32))
      let one = Tensor(Double(Float(1).bitPattern), .u32)
      return try bitcastConvertType(logicalOr(mantissa, one), .f32) - 1
    case .f64:
      // The upper 52 of 64 bits: 32 of one word and 20 of the other. Both terms and their sum, a
      // multiple of 2⁻⁵² below 1, are exact.
      let (upper, lower) = try bits64(shape)
      let rest = try shiftRightLogical(lower, Tensor(12, .u32)).asType(.f64)
      return try upper.asType(.f64) * 0x1p-32 + rest * 0x1p-52
    case .i32, .u32, .bool:
      throw TraceError.badArgument(
        "dtype argument to `\(name)` must be a float dtype, got \(dtype.longName)")
    }
  }
}

/// The limits of a uniform draw, rounded to its dtype.
private struct Limits {
  let low: Double
  let high: Double
  let span: Double
  private let dtype: DType

  init(_ from: Double, _ to: Double, _ dtype: DType) {
    self.dtype = dtype
    switch dtype {
    case .f32:
      (low, high) = (Double(Float(from)), Double(Float(to)))
      span = Double(Float(to) - Float(from))
    case .f64, .i32, .u32, .bool: (low, high, span) = (from, to, to - from)
    }
  }

  /// Whether two roundings are one: nothing is added, or the product is exact.
  var isRoundedOnce: Bool { low == 0 || span.magnitude.significand == 1 }

  /// f·span + low, rounded once.
  func fused(_ unit: Tensor) throws -> Tensor {
    switch dtype {
    case .f32 where isExactInDouble:
      return try (unit.asType(.f64) * span + low).asType(.f32)
    case .f32, .f64, .i32, .u32, .bool:
      return try fusedMultiplyAdd(unit, Tensor(span, dtype), Tensor(low, dtype))
    }
  }

  /// Whether f·span + low fits the 53 bits of a double for every f: it is a multiple of the smaller
  /// of 2⁻²³ ulp(span) and ulp(low), and no larger than |low| + |span|.
  private var isExactInDouble: Bool {
    let quantum = Swift.min(0x1p-23 * Double(Float(span).ulp), Double(Float(low).ulp))
    return low.magnitude + span.magnitude < 0x1p53 * quantum
  }
}
