// The tangents of operations at computed places. Indices carry none.
//
// Conventions are JAX's (0.10.2): of several updates that set one element the one that stays has the
// whole tangent; the extrema of a scatter share it among all that attain them; a product is
// differentiated in its updates only where the caller promises that indices are unique.

/// dy = the same windows of dx, zeros where a window is filled.
func gatherTangent(_ p: GatherParameters, _ indices: Tensor, _ dx: Tensor) throws -> Tensor {
  var p = p
  if case .fill = p.mode { p.mode = .fill(FillValue(0)) }
  return try bind1(.gather(p), [dx, indices])
}

func scatterTangent(
  _ op: ScatterCombination, _ p: ScatterParameters, _ x: [Tensor], _ y: Tensor, _ dx: [Tensor?]
) throws -> Tensor? {
  let (operand, indices, updates) = (x[0], x[1], x[2])
  guard dx[0] != nil || dx[2] != nil else { return nil }
  let (dOperand, dUpdates) = try (dx[0] ?? zeros(like: operand), dx[2] ?? zeros(like: updates))
  switch op {
  case .add: return try bind1(.scatter(.add, p), [dOperand, indices, dUpdates])
  case .set where p.uniqueIndices:
    return try bind1(.scatter(.set, p), [dOperand, indices, dUpdates])
  case .set: return try lastWriterTangent(p, indices, dOperand, dUpdates)
  case .mul:
    return try plus(
      dx[0].map { try bind1(.scatter(.mul, p), [$0, indices, updates]) },
      dx[2].map { try productTangent(p, operand, indices, $0) })
  case .min, .max: return try extremumTangent(p, x, y, dOperand, dUpdates)
  }
}

/// Numbers the windows from 1, scatters the numbers, and lets through those that are found again.
/// What is left is a scatter-add, whose transpose needs no promise.
private func lastWriterTangent(
  _ p: ScatterParameters, _ indices: Tensor, _ dOperand: Tensor, _ dUpdates: Tensor
) throws -> Tensor {
  let numbered = dUpdates.shape.enumerated().map { axis, extent in
    p.numbers.updateWindowDims.contains(axis) ? 1 : extent
  }
  let count = numbered.reduce(1, *)
  let flat = try bind1(.iota(.u32, shape: [count], dim: 0), [])
  let numbers = try broadcast(
    reshape(flat + Tensor(1, .u32), numbered), to: dUpdates.shape)
  let nobody = try zeros(dOperand.shape, .u32)
  let winners = try bind1(.scatter(.set, p), [nobody, indices, numbers])
  let found = try bind1(
    .gather(p.inverse(of: dOperand.shape, dUpdates.shape, fill: 0)), [winners, indices])
  let kept = try selectTensors(equal(winners, nobody), dOperand, zeros(like: dOperand))
  let written = try selectTensors(equal(numbers, found), dUpdates, zeros(like: dUpdates))
  return try bind1(.scatter(.add, p), [kept, indices, written])
}

/// x · scatter-add(0, dUpdates): each element of x meets at most one update.
private func productTangent(
  _ p: ScatterParameters, _ x: Tensor, _ indices: Tensor, _ dUpdates: Tensor
) throws -> Tensor {
  try requireUniqueProducts(p)
  return try x * bind1(.scatter(.add, p), [zeros(like: x), indices, dUpdates])
}

func requireUniqueProducts(_ p: ScatterParameters) throws {
  guard p.uniqueIndices else {
    throw TraceError.unsupported(
      "scatter_mul gradients are only implemented if `unique_indices=True`")
  }
}

/// With n updates (and perhaps x itself) that attain the extremum y, each has 1/n of the tangent.
private func extremumTangent(
  _ p: ScatterParameters, _ x: [Tensor], _ y: Tensor, _ dOperand: Tensor, _ dUpdates: Tensor
) throws -> Tensor {
  let (operand, indices, updates) = (x[0], x[1], x[2])
  // A window outside reads NaN, which equals nothing: its weight in the updates is 0, and what it would
  // change is dropped again.
  let inverse = p.inverse(of: operand.shape, updates.shape, fill: .nan)
  func taken(_ t: Tensor) throws -> Tensor { try bind1(.gather(inverse), [t, indices]) }
  func summed(_ u: Tensor) throws -> Tensor {
    try taken(bind1(.scatter(.add, p), [zeros(like: operand), indices, u]))
  }
  let target = try taken(y)
  let zero = try zeros(like: updates)
  let wins = try equal(updates, target)
  let stays = try equal(taken(operand), target)
  let winners = try summed(selectTensors(wins, ones(like: updates), zero))
  let shared = try 1.0 / (winners + 1)
  let updateWeight = try selectTensors(wins, selectTensors(stays, shared, 1.0 / winners), zero)
  let operandWeight = try (selectTensors(stays, shared, zero) - 1) / summed(ones(like: updates))
  let change = try taken(dOperand) * operandWeight + dUpdates * updateWeight
  return try bind1(.scatter(.add, p), [dOperand, indices, change])
}

extension ScatterParameters {
  /// The gather of the windows that this scatter writes.
  func inverse(of x: [Int], _ updates: [Int], fill: Double) -> GatherParameters {
    let outside: GatherMode =
      switch mode {
      case .clip: .clip
      case .drop: .fill(FillValue(fill))
      // What is dropped when the promise is broken must not be read either.
      case .promiseInBounds: .fill(FillValue(fill))
      }
    return GatherParameters(
      numbers.gather, sliceSizes: numbers.windowSizes(x, updates), mode: outside,
      indicesAreSorted: indicesAreSorted, uniqueIndices: uniqueIndices)
  }
}
