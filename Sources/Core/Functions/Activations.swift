// The activations of `jax.nn`, operation by operation, with its conventions at the kinks
// (SEMANTICS 2.13; formulas in docs/Fixtures.md).

/// max(x, 0); the derivative is 0 at 0 and at NaN. (`jax.nn.relu`)
public func relu(_ x: Tensor) throws -> Tensor {
  let custom = CustomJVP(name: "relu", function: { try maximum($0[0], real(0, $0[0])) }) {
    x, _, dx in
    try selectTensors(greater(x[0], real(0, x[0])), dx[0], zeros(like: dx[0]))
  }
  return try custom([x])[0]
}

/// min(max(x, 0), 6); the derivative is 0 at both kinks. (`jax.nn.relu6`)
public func relu6(_ x: Tensor) throws -> Tensor {
  let custom = CustomJVP(
    name: "relu6", function: { try minimum(maximum($0[0], real(0, $0[0])), real(6, $0[0])) }
  ) { x, _, dx in
    let inside = try logicalAnd(greater(x[0], real(0, x[0])), less(x[0], real(6, x[0])))
    return try selectTensors(inside, dx[0], zeros(like: dx[0]))
  }
  return try custom([x])[0]
}

/// x where x ≥ 0, else slope · x.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) throws -> Tensor {
  try selectTensors(greaterOrEqual(x, real(0, x)), x, slope * x)
}

/// x cut to [−1, 1]; the derivative is 1 at both ends.
public func hardTanh(_ x: Tensor) throws -> Tensor {
  let one = try ones(like: x)
  let low = try selectTensors(less(x, real(-1, x)), -one, x)
  return try selectTensors(greater(x, real(1, x)), one, low)
}

/// x where x > 0, else α(eˣ − 1).
public func elu(_ x: Tensor, alpha: Double = 1) throws -> Tensor {
  let isPositive = try greater(x, real(0, x))
  let safe = try selectTensors(isPositive, zeros(like: x), x)
  return try selectTensors(isPositive, x, alpha * expm1(safe))
}

/// 1/(1 + e⁻ˣ).
public func sigmoid(_ x: Tensor) throws -> Tensor { try logistic(x) }

/// x/(1 + e⁻ˣ), also called swish.
public func silu(_ x: Tensor) throws -> Tensor { try x * logistic(x) }

/// ln(1 + eˣ).
public func softplus(_ x: Tensor) throws -> Tensor { try logaddexp(x, zeros(like: x)) }

/// x · ½(1 + tanh(√(2/π)(x + 0.044715 x³))), or x·Φ(x) by `erfc` when not approximate.
///
/// The approximation is JAX's default: 0.841192 at 1, where the exact value is 0.8413447.
public func gelu(_ x: Tensor, approximate: Bool = true) throws -> Tensor {
  guard approximate else {
    return try (0.5 * x) * erfc(-x * real(0.5.squareRoot(), x))
  }
  let inner = try real(0.7978845608028654, x) * (x + 0.044715 * integerPow(x, 3))
  return try x * (0.5 * (1 + tanh(inner)))
}
