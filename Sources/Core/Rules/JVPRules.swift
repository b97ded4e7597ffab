// The JVP rule of each primitive: y = p(x), and dy from x, y and dx.
//
// `nil` is a symbolic zero. Formulas and conventions at hard points are those of JAX 0.10.2
// (SEMANTICS 2.13); constants are real numbers, rounded only by the backend that runs them.

/// The results of `p` at `x` and their tangents along `dx`.
/// - Throws: `TraceError.noRule` where JAX has no rule: never a zero instead.
func jvpRule(
  _ p: Primitive, _ x: [Tensor], _ dx: [Tensor?]
) throws -> (outs: [Tensor], tangents: [Tensor?]) {
  if case .higherOrder(let op) = p { return try op.jvp(x, dx) }
  let y = try bind(p, x)
  guard y.contains(where: \.dtype.isInexact) else { return (y, y.map { _ in nil }) }
  return (y, try tangentRule(p, x, y, dx))
}

/// One tangent per result; `y` are the results.
private func tangentRule(
  _ p: Primitive, _ x: [Tensor], _ y: [Tensor], _ dx: [Tensor?]
) throws -> [Tensor?] {
  switch p {
  case .unary(let op): [try dx[0].flatMap { try unaryTangent(op, x[0], y[0], $0) }]
  case .integerPow(let n): [try dx[0].flatMap { try integerPowTangent(n, x[0], $0) }]
  case .polygamma(let order):
    [try dx[0].map { try $0 * bind1(.polygamma(order: order + 1), [x[0]]) }]
  case .binary(let op): [try binaryTangent(op, x[0], x[1], y[0], dx[0], dx[1])]
  case .selectN: [try selectTangent(x, dx)]
  case .clamp: [try clampTangent(x, dx)]
  case .compare, .argReduce, .iota, .axisIndex: [nil]
  case .convertElementType, .reducePrecision, .broadcastInDim, .reshape, .transpose, .squeeze,
    .slice, .rev,
    .reduce(.sum, _), .reduceWindow(.sum, _):
    [try dx[0].map { try bind1(p, [$0]) }]
  case .concatenate, .pad: [try bind1(p, zip(dx, x).map { try $0 ?? zeros(like: $1) })]
  case .reduce(.max, let axes), .reduce(.min, let axes):
    [try dx[0].map { try extremumTangent(x[0], y[0], axes, $0) }]
  case .reduce(.prod, let axes):
    [try dx[0].map { try jvp({ try productTree($0, axes) }, x[0], $0).tangent }]
  case .reduce(.and, _), .reduce(.or, _), .reduce(.xor, _): [nil]
  case .reduceWindow(.max, let window):
    [try dx[0].map { try windowExtremumTangent(.ge, window, x[0], $0) }]
  case .reduceWindow(.min, let window):
    [try dx[0].map { try windowExtremumTangent(.le, window, x[0], $0) }]
  case .selectAndScatterAdd, .selectAndGatherAdd: [try dx[0].map { try bind1(p, [$0, x[1]]) }]
  case .dotGeneral, .convGeneralDilated:
    [try plus(dx[0].map { try bind1(p, [$0, x[1]]) }, dx[1].map { try bind1(p, [x[0], $0]) })]
  case .collective(let op, _): [try dx[0].map { try collectiveTangent(p, op, $0) }]
  case .cumulative(let op, let axis, let reverse):
    [try dx[0].map { try cumulativeTangent(op, axis, reverse: reverse, x[0], $0) }]
  case .bitcastConvertType, .threefry2x32: [nil]
  case .sort(let dimension, let keys): try sortTangents(x, dx, dimension, numKeys: keys)
  case .topK(let k, let axis): [try dx[0].map { try topKTangent(x[0], $0, k, axis) }, nil]
  case .split: try dx[0].map { try bind(p, [$0]) } ?? y.map { _ in nil }
  case .dynamicSlice: [try dx[0].map { try bind1(p, [$0] + x.dropFirst()) }]
  case .dynamicUpdateSlice:
    [try bind1(p, zip(dx, x).prefix(2).map { try $0 ?? zeros(like: $1) } + x.dropFirst(2))]
  case .gather(let parameters): [try dx[0].map { try gatherTangent(parameters, x[1], $0) }]
  case .scatter(let op, let parameters): [try scatterTangent(op, parameters, x, y[0], dx)]
  case .higherOrder: preconditionFailure("\(p.name) differentiates its own programs")
  }
}

/// The sum of two tangents, either of which may be zero.
func plus(_ a: Tensor?, _ b: Tensor?) throws -> Tensor? {
  guard let a, let b else { return a ?? b }
  return try bind1(.binary(.addAny), [a, b])
}

/// xⁿ → n xⁿ⁻¹ dx.
private func integerPowTangent(_ n: Int, _ x: Tensor, _ dx: Tensor) throws -> Tensor? {
  switch n {
  case 0: nil
  case 1: dx
  case 2: try dx * (2 * x)
  default: try dx * (real(Double(n), x) * bind1(.integerPow(n - 1), [x]))
  }
}

/// The tangent of the chosen case.
private func selectTangent(_ x: [Tensor], _ dx: [Tensor?]) throws -> Tensor {
  let cases = try zip(x, dx).dropFirst().map { try $1 ?? zeros(like: $0) }
  return try bind1(.selectN, [x[0]] + cases)
}

/// lower < x < upper passes dx; at the bounds themselves the tangent is 0 (lax.clamp, not jnp.clip).
private func clampTangent(_ x: [Tensor], _ dx: [Tensor?]) throws -> Tensor? {
  let (lower, operand, upper) = (x[0], x[1], x[2])
  func where_(_ mask: Tensor, _ d: Tensor) throws -> Tensor {
    try selectTensors(
      broadcast(mask, to: operand.shape), broadcast(d, to: operand.shape), zeros(like: operand))
  }
  let throughLower = try dx[0].map {
    try where_(logicalAnd(greater(lower, operand), less(lower, upper)), $0)
  }
  let throughX = try dx[1].map {
    try where_(logicalAnd(greater(operand, lower), less(operand, upper)), $0)
  }
  let throughUpper = try dx[2].map { try where_(less(upper, operand), $0) }
  return try plus(plus(throughLower, throughX), throughUpper)
}

/// The mean of dx over the elements that attain the extremum (k-way ties share, 1/k each).
private func extremumTangent(
  _ x: Tensor, _ y: Tensor, _ axes: [Int], _ dx: Tensor
) throws -> Tensor {
  let kept = x.shape.indices.filter { !axes.contains($0) }
  let spread = try bind1(.broadcastInDim(shape: x.shape, dims: kept), [y])
  let attains = try bind1(.convertElementType(dx.dtype), [bind1(.compare(.eq), [x, spread])])
  let count = try bind1(.reduce(.sum, axes: axes), [attains])
  return try bind1(.reduce(.sum, axes: axes), [dx * attains]) / count
}

/// ∏ x over `axes` by halving: a tree of products, whose derivative needs no division by x.
private func productTree(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
  guard let axis = axes.max() else { return x }
  var x = x
  while x.shape[axis] > 1 {
    let n = x.shape[axis]
    let half = (n + 1) / 2
    let low = try slice(x, axis: axis, from: 0, to: half)
    let high = try slice(x, axis: axis, from: half, to: n)
    var padding = x.shape.map { _ in PaddingConfig(0, 0) }
    padding[axis] = PaddingConfig(0, half - (n - half))
    x = try low * bind1(.pad(padding), [high, real(1, x)])
  }
  let rest = axes.filter { $0 != axis }
  if x.shape[axis] == 0 {
    return try productTree(
      full(x.shape.enumerated().filter { $0.offset != axis }.map(\.element), 1, x.dtype), rest)
  }
  return try productTree(bind1(.squeeze([axis]), [x]), rest)
}
