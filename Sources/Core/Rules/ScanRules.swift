// Loops of known length: the body runs once per index, handing its carry on.
//
// A carry has a tangent (is unknown, is mapped) if it starts with one or any step gives it one, so
// those flags are least fixpoints over the body.

extension Scan {
  private var invars: Range<Int> { 0..<body.jaxpr.invars.count }
  private var carries: Range<Int> { constCount..<(constCount + carryCount) }

  /// `all`, one entry per operand, as (consts, carry, xs).
  private func sections<T>(_ all: [T]) -> [[T]] {
    [
      Array(all[..<carries.lowerBound]), Array(all[carries]), Array(all[carries.upperBound...]),
    ]
  }

  /// For each result of the body whether it is a carry and `flags`, one per carry, says so.
  private func ofCarries(_ flags: [Bool]) -> [Bool] {
    body.jaxpr.outs.indices.map { $0 < carryCount && flags[$0] }
  }

  private func with(
    _ body: Subprogram, constCount: Int, carryCount: Int, reverse: Bool? = nil
  ) -> Primitive {
    .higherOrder(
      .scan(
        Scan(
          body: body, length: length, reverse: reverse ?? self.reverse, constCount: constCount,
          carryCount: carryCount)))
  }

  func types(_ ins: [ShapedArray]) throws -> [ShapedArray] {
    let sections = sections(ins)
    for x in sections[2] {
      try require(
        x.shape.first == length,
        "scan of length \(length) requires that leading axis of each x, got \(x)")
    }
    let items = sections[2].map { $0.with(shape: Array($0.shape.dropFirst())) }
    try requireOperands("scan", body, sections[0] + sections[1] + items)
    let outs = body.jaxpr.outAvals
    try requireCarry("scan", sections[1], Array(outs.prefix(carryCount)))
    return outs.prefix(carryCount)
      + outs.dropFirst(carryCount).map { $0.with(shape: [length] + $0.shape) }
  }

  /// The least flags of all operands that include `start` and are kept by `step` from carries in to
  /// carries out.
  private func fixpoint(
    _ start: [Bool], _ step: (_ all: [Bool], _ carries: [Bool]) throws -> [Bool]
  ) throws -> [Bool] {
    var flags = start
    while true {
      let grown = try step(flags, Array(flags[carries])).prefix(carryCount)
      if Array(grown) == Array(flags[carries]) { return flags }
      flags.replaceSubrange(carries, with: zip(flags[carries], grown).map { $0 || $1 })
    }
  }

  func jvp(_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    let perturbed = try fixpoint(dx.map { $0 != nil }) { all, carries in
      try body.jvp(all, instantiated: ofCarries(carries)).perturbed
    }
    let derived = try body.jvp(perturbed, instantiated: ofCarries(Array(perturbed[carries])))
    let tangents = try zip(zip(x, dx), perturbed).compactMap { pair, isPerturbed in
      isPerturbed ? try pair.1 ?? zeros(like: pair.0) : nil
    }
    // The body takes and gives (values, tangents); scan wants both of each section together.
    let ins = interleaved(sections(Array(invars)), sections(perturbed))
    let outs = interleaved(
      [Array(0..<carryCount), Array(carryCount..<body.jaxpr.outs.count)],
      [
        Array(derived.perturbed.prefix(carryCount)), Array(derived.perturbed.dropFirst(carryCount)),
      ])
    let all = x + tangents
    let results = try bind(
      with(
        derived.program.reordered(ins: ins, outs: outs),
        constCount: constCount + perturbed.prefix(constCount).count { $0 },
        carryCount: carryCount + perturbed[carries].count { $0 }), ins.map { all[$0] })
    let restored = inverse(outs).map { results[$0] }
    let count = body.jaxpr.outs.count
    return (
      Array(restored.prefix(count)),
      scattered(Array(restored.dropFirst(count)), derived.perturbed)
    )
  }

  /// Known steps run first and stack what they leave; the unknown ones are written down.
  func partiallyEvaluated(_ x: [Tensor], _ staging: Staging) throws -> [Tensor]? {
    let unknown = try fixpoint(x.map { staging.owned($0) != nil }) { all, carries in
      try body.partial(unknown: all, instantiated: ofCarries(carries)).isUnknown
    }
    let parts = try body.partial(
      unknown: unknown, instantiated: ofCarries(Array(unknown[carries])))
    let isKnown = unknown.map { !$0 }
    let knownConsts = isKnown.prefix(constCount).count { $0 }
    let residuals = ScanResiduals(parts, constCount: knownConsts, carries: carries)
    let operands = chosen(x, isKnown)
    let results = try staging.evaluate(
      with(
        residuals.step, constCount: knownConsts, carryCount: isKnown[carries].count { $0 }),
      operands)
    let once = try staging.evaluate(residuals.once, Array(operands.prefix(knownConsts)))
    let count = parts.isUnknown.count { !$0 }
    let values = residuals.values(x, once, Array(results.dropFirst(count)))
    let staged = try record(parts, values, residuals.isConst, x, unknown, staging)
    return HigherOrder.merged(Array(results.prefix(count)), staged, parts.isUnknown)
  }

  /// Writes down the unknown steps: their body reads (residuals, operands), in that order.
  private func record(
    _ parts: PartialProgram, _ residuals: [Tensor], _ isConst: [Bool], _ x: [Tensor],
    _ unknown: [Bool], _ staging: Staging
  ) throws -> [Tensor] {
    let operands = sections(unknown).map { $0.count { $0 } }
    let first = residuals.count
    let ins =
      isConst.indices.filter { isConst[$0] } + (first..<(first + operands[0] + operands[1]))
      + isConst.indices.filter { !isConst[$0] }
      + ((first + operands[0] + operands[1])..<(first + operands.reduce(0, +)))
    let all = residuals + chosen(x, unknown)
    let body = parts.unknown.reordered(ins: ins, outs: Array(parts.unknown.jaxpr.outs.indices))
    return try staging.record(
      with(
        body, constCount: isConst.count { $0 } + operands[0], carryCount: operands[1]),
      ins.map { all[$0] })
  }

  func batched(
    _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
  ) throws -> [(values: Tensor, isMapped: Bool)] {
    let flags = try fixpoint(mapped) { all, carries in
      try body.batched(all, instantiated: ofCarries(carries), batching).isMapped
    }
    let derived = try body.batched(
      flags, instantiated: ofCarries(Array(flags[carries])), batching)
    let operands = try x.indices.map { place in
      if carries.upperBound <= place { return mapped[place] ? try swapLeading(x[place]) : x[place] }
      return flags[place] && !mapped[place] ? try repeated(x[place], batching.size) : x[place]
    }
    let outs = try bind(
      with(derived.program, constCount: constCount, carryCount: carryCount), operands)
    return try outs.indices.map { place in
      let isStacked = place >= carryCount && derived.isMapped[place]
      return (isStacked ? try swapLeading(outs[place]) : outs[place], derived.isMapped[place])
    }
  }

  /// Runs backwards: the cotangent of the carry is carried, that of the consts summed up on the way.
  func transposed(_ cts: [Tensor?], _ ins: [LinearInput]) throws -> [Tensor?] {
    let flags = sections(ins.isLinear)
    let transpose = try body.transposed(
      linear: flags[0] + flags[1].map { _ in true } + flags[2])
    let known = (sections(ins)[0].known, sections(ins)[2].known)
    let bodyIns = body.jaxpr.inAvals
    let summed = chosen(Array(bodyIns.prefix(constCount)), flags[0])
    let step = try transposedStep(
      transpose, knownConsts: known.0.count, knownItems: known.1.count, summed: summed)
    let start = try summed.map { try full($0.shape, 0, $0.dtype) }
    let outs = try types(ins.map(\.aval))
    let all = try instantiated(cts, outs)
    let results = try bind(
      with(
        step, constCount: known.0.count, carryCount: summed.count + carryCount, reverse: !reverse),
      known.0 + start + all + known.1)
    let (consts, rest) = (results.prefix(summed.count), results.dropFirst(summed.count))
    let carry = zip(rest, flags[1]).map { $1 ? $0 : nil }
    return scattered(Array(consts), flags[0]) + carry
      + scattered(Array(rest.dropFirst(carryCount)), flags[2])
  }

  /// (known consts, sums, cts of the carry, cts of ys, known xs) ↦ (sums, cts of the carry, cts of xs).
  private func transposedStep(
    _ transpose: Subprogram, knownConsts: Int, knownItems: Int, summed: [ShapedArray]
  ) throws -> Subprogram {
    let avals = transpose.jaxpr.inAvals
    let consts = Array(avals.prefix(knownConsts))
    let items = Array(avals.dropFirst(knownConsts).prefix(knownItems))
    let cts = Array(avals.dropFirst(knownConsts + knownItems))
    let jaxpr = try makeJaxpr { x in
      let sums = x[knownConsts..<(knownConsts + summed.count)]
      let rest = Array(x[(knownConsts + summed.count)...])
      let results = try transpose(
        Array(x[..<knownConsts] + rest[cts.count...] + rest[..<cts.count]))
      let added = try zip(sums, results).map { try bind1(.binary(.addAny), [$0, $1]) }
      return added + results.dropFirst(summed.count)
    }(consts + summed + cts + items)
    return Subprogram(jaxpr)
  }
}

/// The two leading axes exchanged.
private func swapLeading(_ x: Tensor) throws -> Tensor {
  try transposed(x, [1, 0] + Array(2..<x.rank))
}

/// For sections of places and flags, the places of values followed in each section by those of
/// their tangents, which stand behind all values in the order of the flags.
func interleaved(_ places: [[Int]], _ flags: [[Bool]]) -> [Int] {
  var tangent = places.joined().count
  return zip(places, flags).flatMap { places, flags in
    let tangents = flags.filter { $0 }.indices.map { tangent + $0 }
    tangent += tangents.count
    return places + tangents
  }
}
