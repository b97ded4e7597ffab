// The typing rule of each primitive: the abstract values of its results, or why there are none.
//
// Messages are JAX's (0.10.2). One exhaustive switch; each family answers in its own file.

/// The types of the results of `p` applied to operands of types `ins`.
/// - Throws: `TraceError.illTyped` with what was required and what came.
public func typingRule(_ p: Primitive, _ ins: [ShapedArray]) throws -> [ShapedArray] {
  try requireArity(p, ins)
  switch p {
  case .unary(let op): return [try unaryType(op, ins[0])]
  case .integerPow(let n): return [try integerPowType(n, ins[0])]
  case .polygamma(let order):
    try require(order >= 1, "polygamma requires order at least 1, got \(order)")
    try requireInexact(p.name, ins[0])
    return [ins[0]]
  case .reducePrecision(let exponentBits, let mantissaBits):
    return [try reducePrecisionType(ins[0], exponentBits, mantissaBits)]
  case .binary(let op): return [try binaryType(op, ins[0], ins[1])]
  case .compare(let op):
    return [try broadcastType(op.rawValue, ins[0], ins[1]).with(dtype: .bool)]
  case .selectN: return [try selectType(ins)]
  case .clamp: return [try clampType(lower: ins[0], x: ins[1], upper: ins[2])]
  case .convertElementType(let dtype): return [ins[0].with(dtype: dtype)]
  case .broadcastInDim(let shape, let dims):
    return [try broadcastInDimType(ins[0], shape: shape, dims: dims)]
  case .reshape(let shape): return [try reshapeType(ins[0], shape)]
  case .transpose(let permutation): return [try transposeType(ins[0], permutation)]
  case .squeeze(let dims): return [try squeezeType(ins[0], dims)]
  case .concatenate(let dim): return [try concatenateType(ins, dim)]
  case .slice(let start, let limit, let strides):
    return [try sliceType(ins[0], start: start, limit: limit, strides: strides)]
  case .rev(let dims): return [try revType(ins[0], dims)]
  case .pad(let config): return [try padType(ins[0], value: ins[1], config)]
  case .iota(let dtype, let shape, let dim): return [try iotaType(dtype, shape, dim)]
  case .reduce(let op, let axes): return [try reduceType(op, ins[0], axes)]
  case .argReduce(let op, let axis, let dtype):
    return [try argReduceType(op, ins[0], axis, dtype)]
  case .dotGeneral(let numbers): return [try dotGeneralType(ins[0], ins[1], numbers)]
  case .convGeneralDilated(let c): return [try convType(ins[0], ins[1], c)]
  case .reduceWindow(let op, let window): return [try reduceWindowType(op, ins[0], window)]
  case .selectAndScatterAdd(_, let window):
    return [try scatterSelectedType(ins[0], ins[1], window)]
  case .selectAndGatherAdd(_, let window):
    return [try gatherSelectedType(ins[0], ins[1], window)]
  case .cumulative(let op, let axis, _): return [try cumulativeType(op, ins[0], axis)]
  case .bitcastConvertType(let dtype): return [try bitcastType(ins[0], to: dtype)]
  case .sort(let dimension, let keys): return try sortTypes(ins, dimension, numKeys: keys)
  case .topK(let k, let axis): return try topKTypes(ins[0], k, axis)
  case .split(let sizes, let axis): return try splitTypes(ins[0], sizes, axis)
  case .threefry2x32: return try threefryTypes(ins)
  case .collective(let op, let axisName): return [try collectiveType(op, axisName, ins[0])]
  case .axisIndex(let axisName):
    _ = try axisSize(axisName)
    return [ShapedArray(.i32)]
  case .dynamicSlice(let sizes):
    return [try dynamicSliceType(ins[0], Array(ins.dropFirst()), sizes: sizes)]
  case .dynamicUpdateSlice:
    return [try dynamicUpdateSliceType(ins[0], ins[1], Array(ins.dropFirst(2)))]
  case .gather(let parameters): return [try gatherType(ins[0], ins[1], parameters)]
  case .scatter(let op, let parameters): return [try scatterType(op, ins, parameters)]
  case .higherOrder(let op): return try op.types(ins)
  }
}

/// Throws `TraceError.illTyped(message)` unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  guard condition else { throw TraceError.illTyped(message()) }
}

private func requireArity(_ p: Primitive, _ ins: [ShapedArray]) throws {
  switch p {
  case .iota, .axisIndex: try require(ins.isEmpty, "\(p.name) takes no operand, got \(ins.count)")
  case .unary, .integerPow, .polygamma, .reducePrecision, .convertElementType, .broadcastInDim,
    .reshape, .transpose, .squeeze, .slice, .rev, .reduce,
    .argReduce, .collective, .reduceWindow, .cumulative,
    .bitcastConvertType, .topK, .split:
    try require(ins.count == 1, "\(p.name) takes 1 operand, got \(ins.count)")
  case .binary, .compare, .pad, .dotGeneral,
    .convGeneralDilated, .selectAndScatterAdd, .selectAndGatherAdd:
    try require(ins.count == 2, "\(p.name) takes 2 operands, got \(ins.count)")
  case .gather: try require(ins.count == 2, "gather takes 2 operands, got \(ins.count)")
  case .scatter: try require(ins.count == 3, "\(p.name) takes 3 operands, got \(ins.count)")
  case .dynamicSlice:
    try require(!ins.isEmpty, "dynamic_slice takes at least 1 operand, got 0")
  case .dynamicUpdateSlice:
    try require(
      ins.count >= 2, "dynamic_update_slice takes at least 2 operands, got \(ins.count)")
  case .clamp: try require(ins.count == 3, "clamp takes 3 operands, got \(ins.count)")
  case .selectN:
    try require(ins.count >= 2, "select must have at least one case")
  case .sort: try require(!ins.isEmpty, "Sort requires at least one operand")
  case .threefry2x32:
    try require(ins.count == 4, "threefry2x32 takes 4 operands, got \(ins.count)")
  case .higherOrder(let op):
    try require(
      ins.count == op.operandCount, "\(p.name) takes \(op.operandCount) operands, got \(ins.count)")
  case .concatenate:
    try require(!ins.isEmpty, "concatenate expects at least one operand, got 0.")
  }
}
