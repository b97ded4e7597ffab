// The transposes of operations at computed places: what was read is written, what was written read.

func dynamicSliceTranspose(
  _ ct: Tensor, to x: ShapedArray, _ starts: ArraySlice<LinearInput>
) throws -> [Tensor?] {
  let starts = try starts.map { try $0.value(of: "dynamic_slice") }
  let zero = try zeros(x.shape, x.dtype)
  return [try bind1(.dynamicUpdateSlice, [zero, ct] + starts)] + starts.map { _ in nil }
}

/// x gets `ct` but for the window, the update gets the window.
func dynamicUpdateSliceTranspose(_ ct: Tensor, _ ins: [LinearInput]) throws -> [Tensor?] {
  let starts = try ins.dropFirst(2).map { try $0.value(of: "dynamic_update_slice") }
  let update = ins[1].aval
  let toOperand: Tensor? =
    if case .linear = ins[0] {
      try bind1(.dynamicUpdateSlice, [ct, zeros(update.shape, update.dtype)] + starts)
    } else { nil }
  let toUpdate: Tensor? =
    if case .linear = ins[1] {
      try bind1(.dynamicSlice(sizes: update.shape), [ct] + starts)
    } else { nil }
  return [toOperand, toUpdate] + starts.map { _ in nil }
}

func gatherTranspose(
  _ ct: Tensor, to x: ShapedArray, _ indices: Tensor, _ p: GatherParameters
) throws -> [Tensor?] {
  let mode: ScatterMode =
    switch p.mode {
    case .clip: .clip
    case .fill: .drop
    case .promiseInBounds: .promiseInBounds
    }
  let scatter = ScatterParameters(
    ScatterDimensionNumbers(p.numbers), mode: mode, indicesAreSorted: p.indicesAreSorted,
    uniqueIndices: p.uniqueIndices)
  return [try bind1(.scatter(.add, scatter), [zeros(x.shape, x.dtype), indices, ct]), nil]
}

func scatterTranspose(
  _ op: ScatterCombination, _ ct: Tensor, _ ins: [LinearInput], _ p: ScatterParameters
) throws -> [Tensor?] {
  let indices = try ins[1].value(of: "scatter")
  let (x, updates) = (ins[0], ins[2])
  let inverse = p.inverse(of: x.aval.shape, updates.aval.shape, fill: 0)
  func taken(_ t: Tensor) throws -> Tensor { try bind1(.gather(inverse), [t, indices]) }
  var (toOperand, toUpdates): (Tensor?, Tensor?)
  switch (op, x, updates) {
  case (.add, _, _):
    if case .linear = x { toOperand = ct }
    if case .linear = updates { toUpdates = try taken(ct) }
  case (.set, _, _):
    try requireUnique(p)
    if case .linear = x {
      let nothing = try zeros(updates.aval.shape, updates.aval.dtype)
      toOperand = try bind1(.scatter(.set, p), [ct, indices, nothing])
    }
    if case .linear = updates { toUpdates = try taken(ct) }
  case (.mul, .linear, .known(let factor)):
    toOperand = try bind1(.scatter(.mul, p), [ct, indices, factor])
  case (.mul, .known(let x), .linear):
    try requireUniqueProducts(p)
    toUpdates = try taken(ct * x)
  case (.mul, _, _), (.min, _, _), (.max, _, _): throw notLinear(.scatter(op, p))
  }
  return [toOperand, nil, toUpdates]
}

private func requireUnique(_ p: ScatterParameters) throws {
  guard p.uniqueIndices else {
    throw TraceError.unsupported(
      "scatter transpose is only implemented where unique_indices=True")
  }
}

extension LinearInput {
  /// The type, known or not.
  var aval: ShapedArray {
    switch self {
    case .linear(let aval): aval
    case .known(let x): x.aval
    }
  }

  /// The value of an operand in which `name` is never linear.
  fileprivate func value(of name: String) throws -> Tensor {
    guard case .known(let x) = self else {
      throw TraceError.noRule(transformation: "transpose", primitive: name)
    }
    return x
  }
}
