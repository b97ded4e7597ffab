// Batching of convolutions and windows, as JAX 0.10.2 does it: a mapped axis goes into the batch,
// into the output features, or, when both operands have it, into the groups.

/// A mapped axis in front of the operands of a convolution, `size` > 0 examples.
func batchedConv(
  _ x: [Tensor], _ mapped: [Bool], _ size: Int, _ c: Convolution
) throws -> Tensor {
  guard size > 0 else { return try emptyConv(x, mapped, c) }
  switch (mapped[0], mapped[1]) {
  case (true, true): return try convOfBoth(x[0], x[1], size, c)
  case (true, false): return try convOfLhs(x[0], x[1], size, c)
  case (false, _): return try convOfRhs(x[0], x[1], size, c)
  }
}

private func emptyConv(_ x: [Tensor], _ mapped: [Bool], _ c: Convolution) throws -> Tensor {
  let avals = zip(x, mapped).map { tensor, isMapped in
    isMapped ? tensor.aval.with(shape: Array(tensor.shape.dropFirst())) : tensor.aval
  }
  let example = try convType(avals[0], avals[1], c)
  return try full([0] + example.shape, 0, example.dtype)
}

/// The examples are further groups.
private func convOfBoth(
  _ lhs: Tensor, _ rhs: Tensor, _ size: Int, _ c: Convolution
) throws -> Tensor {
  let d = c.dimensionNumbers
  var grouped = c
  let intoBatch = c.batchGroupCount > 1
  if intoBatch { grouped.batchGroupCount *= size } else { grouped.featureGroupCount *= size }
  let result = try bind1(
    .convGeneralDilated(grouped),
    [
      mergeAxis(lhs, 0, into: d.lhsSpec[intoBatch ? 0 : 1]),
      mergeAxis(rhs, 0, into: d.rhsSpec[0]),
    ])
  return try inFront(splitAxis(result, d.outSpec[1], into: size), d.outSpec[1])
}

/// The examples are further members of the batch, inside each batch group.
private func convOfLhs(
  _ lhs: Tensor, _ rhs: Tensor, _ size: Int, _ c: Convolution
) throws -> Tensor {
  let (from, to) = (c.dimensionNumbers.lhsSpec[0], c.dimensionNumbers.outSpec[0])
  let merged = try mergedInsideGroups(lhs, from, c.batchGroupCount)
  let result = try bind1(.convGeneralDilated(c), [merged, rhs])
  return try inFront(splitAxis(result, to, into: size), to)
}

/// The examples are further output features, inside each group.
private func convOfRhs(
  _ lhs: Tensor, _ rhs: Tensor, _ size: Int, _ c: Convolution
) throws -> Tensor {
  let (from, to) = (c.dimensionNumbers.rhsSpec[0], c.dimensionNumbers.outSpec[1])
  let groups = max(c.featureGroupCount, c.batchGroupCount)
  let merged = try mergedInsideGroups(rhs, from, groups)
  let result = try bind1(.convGeneralDilated(c), [lhs, merged])
  guard groups > 1 else { return try inFront(splitAxis(result, to, into: size), to) }
  // (group, example, feature): the groups go back in front of the features.
  let split = try splitAxis(splitAxis(result, to, into: groups), to + 1, into: size)
  return try inFront(mergeAxis(split, to, into: to + 1), to)
}

/// The mapped axis 0 of `x` put into axis `axis` of the example: (group, example, rest).
private func mergedInsideGroups(_ x: Tensor, _ axis: Int, _ groups: Int) throws -> Tensor {
  guard groups > 1 else { return try mergeAxis(x, 0, into: axis) }
  let split = try splitAxis(x, axis + 1, into: groups)
  return try mergeAxis(mergeAxis(split, 0, into: axis + 1), axis, into: axis)
}

/// `x` with `axis` moved in front.
private func inFront(_ x: Tensor, _ axis: Int) throws -> Tensor {
  try transposed(x, [axis] + (0..<x.rank).filter { $0 != axis })
}
