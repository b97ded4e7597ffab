// The tangents of elementwise functions: one line each, y = f(x).

/// dy for y = op(x); `nil` where the derivative is zero everywhere it exists.
func unaryTangent(_ op: Unary, _ x: Tensor, _ y: Tensor, _ dx: Tensor) throws -> Tensor? {
  switch op {
  case .sign, .floor, .ceil, .roundAwayFromZero, .roundToEven, .isFinite, .not, .stopGradient: nil
  case .populationCount, .clz: nil
  case .neg, .copy: try bind1(.unary(op), [dx])
  case .abs: try selectTensors(greaterOrEqual(x, real(0, x)), dx, -dx)
  case .square: try dx * (2 * x)
  case .sqrt: try dx * (0.5 / y)
  case .rsqrt: try dx * (-0.5 * (y / x))
  case .cbrt: try dx * (Tensor(constant: 1 / DoubleDouble(3), x.dtype) * integerPow(y, -2))
  case .exp: try dx * y
  case .exp2: try Tensor(constant: .ln2, x.dtype) * (dx * y)
  case .expm1: try dx * (y + 1)
  case .log: try dx / x
  case .log1p: try dx / (x + 1)
  case .logistic: try dx * (y * (1 - y))
  case .sin: try dx * cos(x)
  case .cos: try -(dx * sin(x))
  case .tan: try dx * (1 + square(y))
  case .asin: try dx * rsqrt(1 - square(x))
  case .acos: try dx * -rsqrt(1 - square(x))
  case .atan: try dx / (1 + square(x))
  case .sinh: try dx * cosh(x)
  case .cosh: try dx * sinh(x)
  case .tanh: try (dx + dx * y) * (1 - y)
  case .asinh: try dx * rsqrt(square(x) + 1)
  case .acosh: try dx * rsqrt(square(x) - 1)
  case .atanh: try integerPow(1 + x, -1) * (dx / (1 - x))
  case .erf: try Tensor(constant: .twoOverSqrtPi, x.dtype) * (dx * exp(-square(x)))
  case .erfc: try Tensor(constant: -.twoOverSqrtPi, x.dtype) * (dx * exp(-square(x)))
  case .erfInv: try Tensor(constant: .sqrtPiOverTwo, x.dtype) * (dx * exp(square(y)))
  case .lgamma: try dx * digamma(x)
  case .digamma: try dx * bind1(.polygamma(order: 1), [x])
  }
}

/// dz for z = op(x, y), from dx and dy.
func binaryTangent(
  _ op: Binary, _ x: Tensor, _ y: Tensor, _ z: Tensor, _ dx: Tensor?, _ dy: Tensor?
) throws -> Tensor? {
  func sum(
    _ alongX: (Tensor) throws -> Tensor, _ alongY: (Tensor) throws -> Tensor
  ) throws -> Tensor? {
    // A scalar operand meets every element: its tangent is spread to the shape of the result.
    let tx = try dx.map { try broadcast(alongX($0), to: z.shape) }
    let ty = try dy.map { try broadcast(alongY($0), to: z.shape) }
    return try plus(tx, ty)
  }
  return switch op {
  case .add, .addAny: try sum({ $0 }, { $0 })
  case .sub: try sum({ $0 }, { try -$0 })
  case .mul: try sum({ try $0 * y }, { try x * $0 })
  case .div: try sum({ try $0 / y }, { try (-$0 * x) * integerPow(y, -2) })
  case .rem: try sum({ $0 }, { try -$0 * (sign(x / y) * floor(abs(x / y))) })
  case .pow:
    try sum(
      { try $0 * (y * pow(x, y - 1)) },
      { try $0 * (log(selectTensors(equal(x, real(0, x)), full(x.shape, 1, x.dtype), x)) * z) })
  case .atan2:
    try sum(
      { try $0 * (y / (square(x) + square(y))) }, { try $0 * (-x / (square(x) + square(y))) })
  case .max, .min: try sum({ try $0 * share(x, y, z) }, { try $0 * share(y, x, z) })
  case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic: nil
  // JAX has no rule either.
  case .nextafter: throw TraceError.noRule(transformation: "JVP", primitive: op.rawValue)
  }
}

/// The share of x in z = max(x, y) or min(x, y): 1, 0, or ½ at a tie.
private func share(_ x: Tensor, _ y: Tensor, _ z: Tensor) throws -> Tensor {
  let one = try full(z.shape, 1, z.dtype)
  let isX = try selectTensors(equal(x, z), one, zeros(like: z))
  let ways = try selectTensors(equal(y, z), full(z.shape, 2, z.dtype), one)
  return try isX / ways
}
