// vmap: tensors that stand for one value per index of a mapped axis.
//
// The mapped axis of a batched tensor is always axis 0 of what it holds. Collectives over this
// interpreter's axis name end here: they become operations on that axis.

struct Batching: Interpreter {
  let token = Token()
  let outer: any Interpreter
  let size: Int
  let axisName: String?

  /// `values[i]` for each i of axis 0.
  func batched(_ values: Tensor) -> Tensor {
    let example = values.aval.with(shape: Array(values.shape.dropFirst()))
    return Tensor(aval: example, value: .batched(token, values: values))
  }

  /// What `t` holds, and whether its axis 0 is mapped here.
  func split(_ t: Tensor) -> (values: Tensor, isMapped: Bool) {
    if case .batched(let owner, let values) = t.value, owner === token { return (values, true) }
    return (t, false)
  }

  func interpret(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    // The rules see operands with a mapped axis in front; the type of the example is checked here.
    _ = try typingRule(p, inputs.map(\.aval))
    let (values, mapped) = (inputs.map { split($0).values }, inputs.map { split($0).isMapped })
    return try under(outer) {
      if case .higherOrder(let op) = p {
        return try op.batched(values, mapped, self).map {
          $0.isMapped ? batched($0.values) : $0.values
        }
      }
      if let own = try collective(p, values, mapped) { return [own] }
      guard mapped.contains(true) else { return try bind(p, values) }
      return try batchingRule(p, values, mapped: mapped, size: size).map(batched)
    }
  }

  /// The result, if `p` is a collective over this axis.
  private func collective(_ p: Primitive, _ x: [Tensor], _ mapped: [Bool]) throws -> Tensor? {
    switch p {
    case .axisIndex(let name) where name == axisName:
      return batched(try bind1(.iota(.i32, shape: [size], dim: 0), []))
    case .collective(let op, let name) where name == axisName:
      let result = try resolved(op, x[0], isMapped: mapped[0], size)
      return result.isMapped ? batched(result.values) : result.values
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .compare, .selectN, .clamp,
      .convertElementType,
      .broadcastInDim, .reshape, .transpose, .squeeze, .concatenate, .slice, .rev, .pad, .iota,
      .reduce, .argReduce, .dotGeneral, .collective,
      .axisIndex, .convGeneralDilated, .reduceWindow, .selectAndScatterAdd,
      .selectAndGatherAdd, .cumulative, .bitcastConvertType, .sort,
      .topK, .split, .threefry2x32, .dynamicSlice,
      .dynamicUpdateSlice, .gather, .scatter, .higherOrder:
      return nil
    }
  }
}
