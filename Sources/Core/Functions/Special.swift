// Two-operand functions that are built, not primitive, and their conventions at hard points.

/// min(hi, max(lo, x)); half the tangent at each bound (`jnp.clip`, not `lax.clamp`).
public func clip(_ x: Tensor, _ lo: Double, _ hi: Double) throws -> Tensor {
  try minimum(real(hi, x), maximum(real(lo, x), x))
}

/// √(x² + y²) without overflow; 0 at the origin.
public func hypot(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  let (a, b) = try (abs(x), abs(y))
  let (high, low) = try (maximum(a, b), minimum(a, b))
  let isOrigin = try equal(high, real(0, x))
  let safe = try selectTensors(isOrigin, ones(like: high), high)
  let length = try high * sqrt(1 + square(low / safe))
  let finite = try selectTensors(isOrigin, high, length)
  let isInfinite = try logicalOr(equal(a, real(.infinity, x)), equal(b, real(.infinity, x)))
  return try selectTensors(isInfinite, full(high.shape, .infinity, x.dtype), finite)
}

/// x ln y, and 0 at x = 0 whatever y is (unless NaN).
public func xlogy(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  let custom = CustomJVP(
    name: "xlogy",
    function: { xs in
      let (x, y) = (xs[0], xs[1])
      let counts = try logicalOr(notEqual(x, real(0, x)), notEqual(y, y))
      return try selectTensors(counts, x * log(y), zeros(like: x))
    },
    rule: { xs, _, dx in
      try dx[0] * log(xs[1]) + (dx[1] * xs[0]) / xs[1]
    })
  return try custom([x, y])[0]
}

/// ln(eˣ + eʸ).
public func logaddexp(_ x: Tensor, _ y: Tensor) throws -> Tensor {
  let custom = CustomJVP(
    name: "logaddexp",
    function: { xs in
      let (x, y) = (xs[0], xs[1])
      let difference = try x - y
      return try selectTensors(
        notEqual(difference, difference), x + y,
        maximum(x, y) + log1p(exp(-abs(difference))))
    },
    rule: { xs, z, dx in
      func bounded(_ u: Tensor) throws -> Tensor {
        try selectTensors(equal(u, real(.infinity, u)), zeros(like: u), u)
      }
      func part(_ u: Tensor, _ du: Tensor) throws -> Tensor {
        try du * exp(bounded(u) - bounded(z))
      }
      return try part(xs[0], dx[0]) + part(xs[1], dx[1])
    })
  return try custom([x, y])[0]
}
