// The types of elementwise operations: which dtypes they take, which shapes meet.

func requireInexact(_ name: String, _ x: ShapedArray) throws {
  try require(
    x.dtype.isInexact,
    "\(name) does not accept dtype \(x.dtype.longName). Accepted dtypes are subtypes of floating.")
}

/// A format narrower than any of ours, or not: bits that an operand lacks are not asked for.
func reducePrecisionType(
  _ x: ShapedArray, _ exponentBits: Int, _ mantissaBits: Int
) throws -> ShapedArray {
  try requireInexact("reduce_precision", x)
  try require(
    exponentBits >= 1, "reduce_precision: exponent_bits must be positive; got \(exponentBits)")
  try require(
    mantissaBits >= 0, "reduce_precision: mantissa_bits must be non-negative; got \(mantissaBits)")
  return x
}

func requireInteger(_ name: String, _ x: ShapedArray) throws {
  try require(
    x.dtype.isInteger,
    "\(name) does not accept dtype \(x.dtype.longName). Accepted dtypes are subtypes of integer.")
}

func requireNumber(_ name: String, _ x: ShapedArray) throws {
  try require(
    x.dtype != .bool,
    "\(name) does not accept dtype bool. Accepted dtypes are subtypes of integer, floating.")
}

func unaryType(_ op: Unary, _ x: ShapedArray) throws -> ShapedArray {
  switch op {
  case .copy, .stopGradient: return x
  case .neg, .sign, .square:
    try requireNumber(op.printedName, x)
    return x
  case .abs:
    try require(
      x.dtype.isInexact || x.dtype == .i32,
      "abs does not accept dtype \(x.dtype.longName). "
        + "Accepted dtypes are subtypes of floating, signedinteger.")
    return x
  case .not:
    try require(
      !x.dtype.isInexact,
      "not does not accept dtype \(x.dtype.longName). "
        + "Accepted dtypes are subtypes of integer, bool.")
    return x
  case .populationCount, .clz:
    try requireInteger(op.rawValue, x)
    return x
  case .isFinite:
    try requireInexact("is_finite", x)
    return x.with(dtype: .bool)
  case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2, .expm1,
    .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
    .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma:
    try requireInexact(op.printedName, x)
    return x
  }
}

func integerPowType(_ n: Int, _ x: ShapedArray) throws -> ShapedArray {
  try requireNumber("integer_pow", x)
  try require(
    x.dtype.isInexact || n >= 0,
    "Integers cannot be raised to negative powers, got integer_pow(\(x), \(n))")
  return x
}

func binaryType(_ op: Binary, _ x: ShapedArray, _ y: ShapedArray) throws -> ShapedArray {
  let result = try broadcastType(op.rawValue, x, y)
  switch op {
  case .max, .min: break
  case .add, .sub, .mul, .addAny, .div, .rem: try requireNumber(op.rawValue, x)
  case .pow, .atan2, .nextafter: try requireInexact(op.rawValue, x)
  case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic: try requireInteger(op.rawValue, x)
  case .and, .or, .xor:
    try require(
      !x.dtype.isInexact,
      "\(op.rawValue) does not accept dtype \(x.dtype.longName). "
        + "Accepted dtypes are subtypes of integer, bool.")
  }
  return result
}

/// JAX's strict promotion: nothing is converted unasked.
func requireSameDType(
  _ name: String, _ x: ShapedArray, _ y: ShapedArray, advice: String = ""
) throws {
  try require(
    x.dtype == y.dtype,
    "lax.\(name) requires arguments to have the same dtypes, got \(x.dtype.longName), "
      + "\(y.dtype.longName).\(advice)")
}

/// Two operands of one dtype whose shapes are equal, or one of which is a scalar.
func broadcastType(_ name: String, _ x: ShapedArray, _ y: ShapedArray) throws -> ShapedArray {
  try requireSameDType(name, x, y, advice: " Convert one with asType(_:).")
  try require(
    x.shape == y.shape || x.rank == 0 || y.rank == 0,
    "\(name) got incompatible shapes for broadcasting: "
      + "\(pythonTuple(x.shape)), \(pythonTuple(y.shape)).")
  return x.rank == 0 ? y : x
}

func selectType(_ ins: [ShapedArray]) throws -> ShapedArray {
  let (which, cases) = (ins[0], ins.dropFirst())
  try require(
    !which.dtype.isInexact,
    "select `which` must be boolean or integer type, got \(which.dtype.longName).")
  try require(
    which.dtype != .bool || cases.count <= 2,
    "select with boolean `which` cannot have > 2 cases.")
  let first = ins[1]
  try require(
    cases.allSatisfy { $0.shape == first.shape },
    "select cases must have the same shapes, got "
      + cases.map { pythonTuple($0.shape) }.joined(separator: ", ") + ".")
  try require(
    cases.allSatisfy { $0.dtype == first.dtype },
    "lax.select_n requires cases to have the same dtypes, got "
      + cases.map { $0.dtype.longName }.joined(separator: ", "))
  try require(
    which.rank == 0 || which.shape == first.shape,
    "select `which` must be scalar or have the same shape as cases, got `which` shape "
      + "\(pythonTuple(which.shape)) but case shape \(pythonTuple(first.shape)).")
  return first
}

func clampType(lower: ShapedArray, x: ShapedArray, upper: ShapedArray) throws -> ShapedArray {
  try require(
    lower.dtype == x.dtype && upper.dtype == x.dtype,
    "lax.clamp requires arguments to have the same dtypes, got \(lower.dtype.longName), "
      + "\(x.dtype.longName), \(upper.dtype.longName).")
  for (name, bound) in [("min", lower), ("max", upper)] {
    try require(
      bound.rank == 0 || bound.shape == x.shape,
      "clamp requires \(name).shape == operand.shape or \(name).shape == (), got "
        + "\(name).shape=\(pythonTuple(bound.shape)), operand.shape=\(pythonTuple(x.shape)).")
  }
  return x
}
