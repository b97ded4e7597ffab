// The batching rule of each primitive: the same operation with a mapped axis 0 in front.
//
// `x[i]` has its mapped axis in front when `mapped[i]`; every result has it in front. At least one
// operand is mapped. For each element the arithmetic is that of the unbatched operation, in the
// same order, so on the reference vmap equals the loop bit for bit.

/// The results of `p` on operands some of which are mapped along axis 0, of extent `size`.
func batchingRule(
  _ p: Primitive, _ x: [Tensor], mapped: [Bool], size: Int
) throws -> [Tensor] {
  func shifted(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
  switch p {
  case .unary, .integerPow, .polygamma, .reducePrecision, .convertElementType:
    return [try bind1(p, x)]
  case .collective(let op, let axisName):
    return [try bind1(.collective(op.withLeadingAxis, axisName: axisName), x)]
  case .binary, .compare, .clamp, .selectN:
    return [try bind1(p, aligned(p, x, mapped, size))]
  case .broadcastInDim(let shape, let dims):
    return [try bind1(.broadcastInDim(shape: [size] + shape, dims: [0] + shifted(dims)), x)]
  case .reshape(let shape): return [try bind1(.reshape([size] + shape), x)]
  case .transpose(let permutation): return [try bind1(.transpose([0] + shifted(permutation)), x)]
  case .squeeze(let dims): return [try bind1(.squeeze(shifted(dims)), x)]
  case .concatenate(let dim):
    return [try bind1(.concatenate(dim + 1), allMapped(x, mapped, size))]
  case .slice(let start, let limit, let strides):
    return [try bind1(.slice(start: [0] + start, limit: [size] + limit, strides: [1] + strides), x)]
  case .rev(let dims): return [try bind1(.rev(shifted(dims)), x)]
  case .pad(let config): return [try batchedPad(x, mapped, size, config)]
  case .reduce(let op, let axes): return [try bind1(.reduce(op, axes: shifted(axes)), x)]
  case .argReduce(let op, let axis, let dtype):
    return [try bind1(.argReduce(op, axis: axis + 1, indexDType: dtype), x)]
  case .dotGeneral(let numbers): return [try batchedDot(x[0], x[1], mapped, numbers)]
  case .convGeneralDilated(let c): return [try batchedConv(x, mapped, size, c)]
  case .reduceWindow(let op, let window):
    return [try bind1(.reduceWindow(op, window.withLeadingAxis), x)]
  case .selectAndScatterAdd(let selection, let window):
    return [
      try bind1(
        .selectAndScatterAdd(selection, window.withLeadingAxis), allMapped(x, mapped, size))
    ]
  case .selectAndGatherAdd(let selection, let window):
    return [
      try bind1(.selectAndGatherAdd(selection, window.withLeadingAxis), allMapped(x, mapped, size))
    ]
  case .cumulative(let op, let axis, let reverse):
    return [try bind1(.cumulative(op, axis: axis + 1, reverse: reverse), x)]
  case .bitcastConvertType: return [try bind1(p, x)]
  case .sort(let dimension, let keys):
    let all = try zip(x, mapped).map { try $1 ? $0 : repeated($0, size) }
    return try bind(.sort(dimension: dimension + 1, numKeys: keys), all)
  case .topK(let k, let axis): return try bind(.topK(k, axis: axis + 1), x)
  case .split(let sizes, let axis): return try bind(.split(sizes: sizes, axis: axis + 1), x)
  case .threefry2x32: return try bind(p, aligned(p, x, mapped, size))
  case .dynamicSlice(let sizes): return [try batchedDynamicSlice(x, mapped, size, sizes)]
  case .dynamicUpdateSlice: return [try batchedDynamicUpdateSlice(x, mapped, size)]
  case .gather(let parameters): return [try batchedGather(x[0], x[1], mapped, size, parameters)]
  case .scatter(let op, let parameters):
    return [try batchedScatter(op, x, mapped, size, parameters)]
  case .iota, .axisIndex: preconditionFailure("\(p.name) has no operand to map")
  case .higherOrder: preconditionFailure("\(p.name) maps its own programs")
  }
}

/// `x` repeated along a new axis 0.
func repeated(_ x: Tensor, _ size: Int) throws -> Tensor {
  try bind1(.broadcastInDim(shape: [size] + x.shape, dims: x.shape.indices.map { $0 + 1 }), [x])
}

/// Operands that the operation needs mapped, all of them.
private func allMapped(_ x: [Tensor], _ mapped: [Bool], _ size: Int) throws -> [Tensor] {
  try zip(x, mapped).map { try $1 ? $0 : repeated($0, size) }
}

/// Elementwise operands brought to one shape `[size, …]`; a scalar that every example shares stays
/// a scalar where the operation allows one.
private func aligned(
  _ p: Primitive, _ x: [Tensor], _ mapped: [Bool], _ size: Int
) throws -> [Tensor] {
  let ranks = zip(x, mapped).map { $1 ? $0.rank - 1 : $0.rank }
  let widest = ranks.indices.max { ranks[$0] < ranks[$1] } ?? 0
  let example = mapped[widest] ? Array(x[widest].shape.dropFirst()) : x[widest].shape
  return try x.indices.map { i in
    if mapped[i] {
      return ranks[i] == example.count
        ? x[i] : try bind1(.broadcastInDim(shape: [size] + example, dims: [0]), [x[i]])
    }
    let mayStayScalar = p != .selectN || i == 0
    return ranks[i] == 0 && mayStayScalar ? x[i] : try repeated(x[i], size)
  }
}

/// A mapped padding value cannot be a scalar operand: pad with zero, then fill where nothing lies.
private func batchedPad(
  _ x: [Tensor], _ mapped: [Bool], _ size: Int, _ config: [PaddingConfig]
) throws -> Tensor {
  let operand = mapped[0] ? x[0] : try repeated(x[0], size)
  let config = [PaddingConfig(0, 0)] + config
  guard mapped[1] else { return try bind1(.pad(config), [operand, x[1]]) }
  let zero = Tensor(constant: 0, operand.dtype)
  let padded = try bind1(.pad(config), [operand, zero])
  let present = try bind1(
    .pad(config), [full(operand.shape, 1, .bool), Tensor(constant: 0, .bool)])
  let filling = try bind1(.broadcastInDim(shape: padded.shape, dims: [0]), [x[1]])
  return try selectTensors(present, padded, filling)
}

/// A mapped axis of both operands becomes a batch axis, of one operand a free axis moved in front.
private func batchedDot(
  _ lhs: Tensor, _ rhs: Tensor, _ mapped: [Bool], _ d: DotDimensionNumbers
) throws -> Tensor {
  func axes(_ own: [Int], _ isMapped: Bool) -> [Int] { isMapped ? own.map { $0 + 1 } : own }
  let both = mapped[0] && mapped[1]
  let numbers = DotDimensionNumbers(
    contracting: (axes(d.lhsContracting, mapped[0]), axes(d.rhsContracting, mapped[1])),
    batch: (
      (both ? [0] : []) + axes(d.lhsBatch, mapped[0]),
      (both ? [0] : []) + axes(d.rhsBatch, mapped[1])
    ))
  let result = try bind1(.dotGeneral(numbers), [lhs, rhs])
  if both { return result }
  // The mapped axis is the first free axis of its operand: it follows the batch axes, and for the
  // right operand the free axes of the left one.
  let lhsFree = mapped[0] ? 0 : d.lhsFree(rank: lhs.rank).count
  let position = d.lhsBatch.count + lhsFree
  return try transposed(result, [position] + (0..<result.rank).filter { $0 != position })
}
