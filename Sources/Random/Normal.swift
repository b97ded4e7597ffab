// Normal numbers: the inverse of the distribution function, applied to uniform ones.

public import Core

extension Key {
  /// Standard normal numbers, `dtype[shape…]`: √2·erf⁻¹(u) with u uniform in (−1, 1).
  public func normal(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    try erfInv(uniform(shape, dtype, from: dtype.aboveMinusOne, to: 1)) * 2.0.squareRoot()
  }

  /// Standard normal numbers between `from` and `to`, `dtype[shape…]`.
  ///
  /// √2·erf⁻¹(u) with u uniform in [erf(from/√2), erf(to/√2)), kept inside the open interval.
  public func truncatedNormal(
    _ shape: [Int] = [], _ dtype: DType = .f32, from: Double, to: Double
  ) throws -> Tensor {
    let (root, low, high) = (2.0.squareRoot(), Tensor(from, dtype), Tensor(to, dtype))
    // The limits carry the errors of erf: how the draw is rounded matters no more.
    let u = try uniform(shape, from: erf(low / root), to: erf(high / root), rounding: .separate)
    let infinity = Tensor(.infinity, dtype)
    return try minimum(
      maximum(erfInv(u) * root, nextafter(low, infinity)), nextafter(high, -infinity))
  }
}

extension DType {
  /// −1 + 2⁻²⁴ (f64: −1 + 2⁻⁵³): the smallest number above −1.
  var aboveMinusOne: Double {
    switch self {
    case .f32: Double(Float(-1).nextUp)
    case .f64, .i32, .u32, .bool: (-1.0).nextUp
    }
  }
}
