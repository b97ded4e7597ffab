// The transpose rule of each primitive that is linear in some operands: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.
//
// A primitive that is not linear in its `.linear` operands throws; it never returns zero.

/// An operand of a linear program.
enum LinearInput {
  /// What the program is linear in; only its type is known.
  case linear(ShapedArray)
  case known(Tensor)
}

/// The cotangents of the linear operands of `p`, from those of its results (nil for a zero one).
/// - Throws: `TraceError.noRule` when `p` is not linear in them.
func transposeRule(_ p: Primitive, _ cts: [Tensor?], _ ins: [LinearInput]) throws -> [Tensor?] {
  // The cotangent of the result, for a primitive that has one.
  guard let ct = cts.compactMap(\.self).first else { return ins.map { _ in nil } }
  return switch (p, ins.first, ins.last) {
  case (.unary(.neg), _, _): [try -ct]
  case (.unary(.copy), _, _): [ct]
  case (.convertElementType, .linear(let x), _): [try bind1(.convertElementType(x.dtype), [ct])]
  case (.binary(let op), .some(let x), .some(let y)): try binaryTranspose(p, op, ct, x, y)
  case (.selectN, .known(let which), _): try selectTranspose(which, ct, ins)
  case (.broadcastInDim(_, let dims), .linear(let x), _):
    [try broadcastTranspose(ct, dims: dims, to: x)]
  case (.reshape, .linear(let x), _), (.squeeze, .linear(let x), _):
    [try bind1(.reshape(x.shape), [ct])]
  case (.transpose(let permutation), _, _): [try bind1(.transpose(inverse(permutation)), [ct])]
  case (.rev, _, _), (.reducePrecision, _, _): [try bind1(p, [ct])]
  case (.collective(let op, let axisName), _, _): [try collectiveTranspose(op, axisName, ct)]
  case (.concatenate(let dim), _, _): try concatenateTranspose(ct, ins, dim)
  case (.slice(let start, let limit, let strides), .linear(let x), _):
    [try sliceTranspose(ct, to: x, start: start, limit: limit, strides: strides)]
  case (.pad(let config), .some(let x), .some(let value)): try padTranspose(ct, x, value, config)
  case (.reduce(.sum, let axes), .linear(let x), _):
    [try spread(ct, over: axes, of: x)]
  case (.dotGeneral(let numbers), .linear(let x), .known(let y)):
    [try dotTranspose(ct, known: y, linear: x, numbers.viewedFromLhs, linearIsLhs: true), nil]
  case (.dotGeneral(let numbers), .known(let x), .linear(let y)):
    [nil, try dotTranspose(ct, known: x, linear: y, numbers.viewedFromRhs, linearIsLhs: false)]
  case (.convGeneralDilated(let c), .some(let x), .some(let y)): try convTranspose(p, c, ct, x, y)
  case (.reduceWindow(.sum, let window), .linear(let x), _):
    [try windowSumTranspose(ct, to: x, window)]
  case (.selectAndScatterAdd(let selection, let window), .linear, .known(let x)):
    [try scatterSelectedTranspose(selection, window, ct, x), nil]
  case (.selectAndGatherAdd(let selection, let window), .linear, .known(let x)):
    [try gatherSelectedTranspose(selection, window, ct, x), nil]
  case (.cumulative(.sum, let axis, let reverse), _, _):
    [try bind1(.cumulative(.sum, axis: axis, reverse: !reverse), [ct])]
  case (.sort(let dimension, let keys), _, _):
    try sortTranspose(cts, ins, dimension, numKeys: keys)
  case (.split(let sizes, let axis), .linear(let x), _):
    [try splitTranspose(cts, x, sizes, axis)]
  case (.dynamicSlice, .linear(let x), _): try dynamicSliceTranspose(ct, to: x, ins.dropFirst())
  case (.dynamicUpdateSlice, _, _): try dynamicUpdateSliceTranspose(ct, ins)
  case (.gather(let parameters), .linear(let x), .known(let indices)):
    try gatherTranspose(ct, to: x, indices, parameters)
  case (.scatter(let op, let parameters), _, _): try scatterTranspose(op, ct, ins, parameters)
  case (.higherOrder(let op), _, _): try op.transposed(cts, ins)
  case (.unary, _, _), (.integerPow, _, _), (.polygamma, _, _), (.binary, _, _), (.compare, _, _),
    (.selectN, _, _), (.clamp, _, _), (.convertElementType, _, _), (.broadcastInDim, _, _),
    (.reshape, _, _), (.squeeze, _, _), (.slice, _, _), (.pad, _, _), (.iota, _, _),
    (.reduce, _, _), (.argReduce, _, _), (.dotGeneral, _, _),
    (.axisIndex, _, _), (.convGeneralDilated, _, _), (.reduceWindow, _, _),
    (.selectAndScatterAdd, _, _),
    (.selectAndGatherAdd, _, _), (.cumulative, _, _), (.bitcastConvertType, _, _), (.topK, _, _),
    (.split, _, _), (.threefry2x32, _, _), (.dynamicSlice, _, _), (.gather, _, _):
    throw notLinear(p)
  }
}

func notLinear(_ p: Primitive) -> TraceError {
  TraceError.noRule(transformation: "transpose", primitive: p.name)
}

/// The operands in which a binary operation is linear, and their cotangents.
private func binaryTranspose(
  _ p: Primitive, _ op: Binary, _ ct: Tensor, _ x: LinearInput, _ y: LinearInput
) throws -> [Tensor?] {
  switch (op, x, y) {
  case (.add, _, _), (.addAny, _, _): [try gathered(ct, x), try gathered(ct, y)]
  case (.sub, _, _): [try gathered(ct, x), try gathered(-ct, y)]
  case (.mul, .linear, .known(let y)): [try gathered(ct * y, x), nil]
  case (.mul, .known(let x), .linear): [nil, try gathered(x * ct, y)]
  case (.div, .linear, .known(let y)): [try gathered(ct / y, x), nil]
  case (.mul, _, _), (.div, _, _), (.rem, _, _), (.pow, _, _), (.atan2, _, _), (.max, _, _),
    (.min, _, _), (.and, _, _), (.or, _, _), (.xor, _, _),
    (.shiftLeft, _, _), (.shiftRightLogical, _, _), (.shiftRightArithmetic, _, _),
    (.nextafter, _, _):
    throw notLinear(p)
  }
}

/// `ct` for a linear operand: summed if the operand is a scalar that met every element.
private func gathered(_ ct: @autoclosure () throws -> Tensor, _ x: LinearInput) throws -> Tensor? {
  guard case .linear(let aval) = x else { return nil }
  let ct = try ct()
  return aval.rank == ct.rank ? ct : try sum(ct)
}

/// Each case gets `ct` where it was chosen, else 0.
private func selectTranspose(
  _ which: Tensor, _ ct: Tensor, _ ins: [LinearInput]
) throws -> [Tensor?] {
  let zero = try zeros(like: ct)
  return try [nil]
    + ins.indices.dropFirst().map { chosen in
      guard case .linear = ins[chosen] else { return nil }
      return try bind1(
        .selectN, [which] + ins.indices.dropFirst().map { $0 == chosen ? ct : zero })
    }
}

/// Contraction axes of a dot product as one operand sees them.
struct DotView {
  let contracting: (own: [Int], other: [Int])
  let batch: (own: [Int], other: [Int])
}

extension DotDimensionNumbers {
  var viewedFromLhs: DotView {
    DotView(contracting: (lhsContracting, rhsContracting), batch: (lhsBatch, rhsBatch))
  }
  var viewedFromRhs: DotView {
    DotView(contracting: (rhsContracting, lhsContracting), batch: (rhsBatch, lhsBatch))
  }
}

/// `ct` has axes (batch, lhs free, rhs free): contract it with the known operand's free axes; the
/// result has (batch, linear free, contracted in the known operand's order), put back in place.
private func dotTranspose(
  _ ct: Tensor, known: Tensor, linear x: ShapedArray, _ view: DotView, linearIsLhs: Bool
) throws -> Tensor {
  let knownFree = free(known.rank, view.contracting.other, view.batch.other)
  let ownFree = free(x.rank, view.contracting.own, view.batch.own)
  let batchCount = view.batch.own.count
  let offset = batchCount + (linearIsLhs ? ownFree.count : 0)
  let numbers = DotDimensionNumbers(
    contracting: (knownFree.indices.map { offset + $0 }, knownFree),
    batch: (Array(0..<batchCount), view.batch.other))
  let result = try bind1(.dotGeneral(numbers), [ct, known])
  let order = view.contracting.other.indices.sorted {
    view.contracting.other[$0] < view.contracting.other[$1]
  }
  let axes = view.batch.own + ownFree + order.map { view.contracting.own[$0] }
  return try transposed(result, inverse(axes))
}

private func free(_ rank: Int, _ contracting: [Int], _ batch: [Int]) -> [Int] {
  (0..<rank).filter { !contracting.contains($0) && !batch.contains($0) }
}

/// The permutation that undoes `permutation`.
package func inverse(_ permutation: [Int]) -> [Int] {
  permutation.indices.sorted { permutation[$0] < permutation[$1] }
}

/// `x` with permuted axes; `x` itself when nothing moves.
func transposed(_ x: Tensor, _ permutation: [Int]) throws -> Tensor {
  permutation == Array(0..<x.rank) ? x : try bind1(.transpose(permutation), [x])
}
