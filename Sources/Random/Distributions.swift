// Distributions that are a function of uniform or normal numbers, in JAX's order of operations.
//
// Parameters are rounded to the dtype, as JAX rounds Python numbers. Only the uniform numbers are
// fixed bit for bit; what a logarithm makes of them is within the bound of the logarithm.

public import Core

extension Key {
  /// Exponential numbers, `dtype[shape…]`: −ln(1 − u).
  public func exponential(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    try -log1p(-uniform(shape, dtype))
  }

  /// Gumbel numbers, `dtype[shape…]`: −ln(−ln u) with u in (0, 1).
  public func gumbel(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    try -log(-log(uniform(shape, dtype, from: dtype.leastNormal)))
  }

  /// Laplace numbers, `dtype[shape…]`: sign(u)·ln(1 − |u|) with u in (−1, 1).
  public func laplace(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    let u = try uniform(shape, dtype, from: dtype.aboveMinusOne)
    return try sign(u) * log1p(-abs(u))
  }

  /// Logistic numbers, `dtype[shape…]`: ln u − ln(1 − u) with u in (0, 1).
  public func logistic(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    let u = try uniform(shape, dtype, from: dtype.leastNormal)
    return try log(u) - log1p(-u)
  }

  /// Cauchy numbers, `dtype[shape…]`: tan π(u − ½) with u in (0, 1).
  public func cauchy(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    let u = try uniform(shape, dtype, from: dtype.ulpOfOne)
    return try tan(.pi * (u - 0.5))
  }

  /// Rayleigh numbers, `dtype[shape…]`: scale·√(−2 ln u).
  public func rayleigh(
    _ shape: [Int] = [], _ dtype: DType = .f32, scale: Double = 1
  ) throws -> Tensor {
    try scale * sqrt(log(uniform(shape, dtype)) * -2)
  }

  /// Maxwell numbers, `dtype[shape…]`: the length of three normal numbers.
  public func maxwell(_ shape: [Int] = [], _ dtype: DType = .f32) throws -> Tensor {
    try norm(normal(shape + [3], dtype), axes: [-1])
  }

  /// Weibull numbers, `dtype[shape…]`: scale·(−ln(1 − u))^(1/concentration).
  public func weibullMin(
    _ shape: [Int] = [], _ dtype: DType = .f32, scale: Double, concentration: Double
  ) throws -> Tensor {
    try pow(exponential(shape, dtype), Tensor(1 / concentration, dtype)) * scale
  }

  /// Pareto numbers ≥ 1, `dtype[shape…]`: eˣ with x exponential of rate `b`.
  public func pareto(_ shape: [Int] = [], _ dtype: DType = .f32, b: Double) throws -> Tensor {
    try exp(exponential(shape, dtype) / b)
  }

  /// Log-normal numbers, `dtype[shape…]`: eˣ with x normal of deviation `sigma`.
  public func lognormal(
    _ shape: [Int] = [], _ dtype: DType = .f32, sigma: Double = 1
  ) throws -> Tensor {
    try exp(normal(shape, dtype) * sigma)
  }

  /// How many trials of probability `p` until one succeeds, `i32[shape…]`: ⌊ln u / ln(1 − p)⌋ + 1,
  /// in `drawing`.
  public func geometric(
    _ shape: [Int] = [], p: Double, drawing: DType = .f32
  ) throws -> Tensor {
    let u = try uniform(shape, drawing)
    // ln 0 would be infinite: 0 is taken for 1.
    let safe = try `where`(equal(u, zeros(like: u)), ones(like: u), u)
    return try (floor(log(safe) / log1p(-Tensor(p, drawing))) + 1).asType(.i32)
  }
}

extension DType {
  /// The least normal number.
  var leastNormal: Double {
    switch self {
    case .f32: Double(Float.leastNormalMagnitude)
    case .f64, .i32, .u32, .bool: .leastNormalMagnitude
    }
  }

  /// The distance from 1 to the next number.
  var ulpOfOne: Double {
    switch self {
    case .f32: Double(Float.ulpOfOne)
    case .f64, .i32, .u32, .bool: .ulpOfOne
    }
  }
}
