// Loops that run as long as a condition on their carry holds.
//
// How often is known only when they run, so nothing can be kept per step: forward mode carries the
// tangents along, reverse mode is an error.

extension WhileLoop {
  private var consts: Int { conditionConstCount + bodyConstCount }

  /// `all`, one entry per operand, as the operands of the condition, without the carry.
  private func ofCondition<T>(_ all: [T]) -> [T] { Array(all.prefix(conditionConstCount)) }
  /// `all` as the operands of the body, without the carry.
  private func ofBody<T>(_ all: [T]) -> [T] {
    Array(all.dropFirst(conditionConstCount).prefix(bodyConstCount))
  }
  private func carry<T>(_ all: [T]) -> [T] { Array(all.dropFirst(consts)) }

  private func with(
    _ condition: Subprogram, _ body: Subprogram, bodyConstCount: Int? = nil,
    conditionConstCount: Int? = nil
  ) -> Primitive {
    .higherOrder(
      .whileLoop(
        WhileLoop(
          condition: condition, body: body,
          conditionConstCount: conditionConstCount ?? self.conditionConstCount,
          bodyConstCount: bodyConstCount ?? self.bodyConstCount)))
  }

  func types(_ ins: [ShapedArray]) throws -> [ShapedArray] {
    let carry = carry(ins)
    try requireOperands("while", condition, ofCondition(ins) + carry)
    try requireOperands("while", body, ofBody(ins) + carry)
    try require(
      condition.jaxpr.outAvals == [ShapedArray(.bool)],
      "cond_fun must return a boolean scalar, but got output type(s) "
        + "\(condition.jaxpr.outAvals)")
    try requireCarry("while_loop", carry, body.jaxpr.outAvals)
    return carry
  }

  /// The least flags of the carry that include `start` and are kept by a step.
  private func fixpoint(
    _ start: [Bool], _ step: ([Bool]) throws -> [Bool]
  ) throws -> [Bool] {
    var flags = start
    while true {
      let grown = zip(flags, try step(flags)).map { $0 || $1 }
      if grown == flags { return flags }
      flags = grown
    }
  }

  func jvp(_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    let bodyFlags = ofBody(dx).map { $0 != nil }
    let flags = try fixpoint(carry(dx).map { $0 != nil }) {
      try body.jvp(bodyFlags + $0, instantiated: $0).perturbed
    }
    let derived = try body.jvp(bodyFlags + flags, instantiated: flags).program
    let tangents = try zip(zip(carry(x), carry(dx)), flags).compactMap { pair, isPerturbed in
      isPerturbed ? try pair.1 ?? zeros(like: pair.0) : nil
    }
    let places = Array(0..<body.jaxpr.invars.count)
    let ins = interleaved(
      [Array(places.prefix(bodyConstCount)), Array(places.dropFirst(bodyConstCount))],
      [bodyFlags, flags])
    let bodyTangents = ofBody(dx).compactMap(\.self)
    let outs = try bind(
      with(
        condition.ignoring(tangents.map(\.aval)),
        derived.reordered(ins: ins, outs: Array(derived.jaxpr.outs.indices)),
        bodyConstCount: bodyConstCount + bodyTangents.count),
      ofCondition(x) + ofBody(x) + bodyTangents + carry(x) + tangents)
    return (Array(outs.prefix(flags.count)), scattered(Array(outs.dropFirst(flags.count)), flags))
  }

  /// The known part of the carry runs by itself, if the condition needs no more; the whole loop is
  /// written down for the rest.
  func partiallyEvaluated(_ x: [Tensor], _ staging: Staging) throws -> [Tensor]? {
    let unknown = x.map { staging.owned($0) != nil }
    let bodyFlags = ofBody(unknown)
    let flags = try fixpoint(carry(unknown)) {
      try body.partial(unknown: bodyFlags + $0, instantiated: $0).isUnknown
    }
    let conditionUnknown = ofCondition(unknown) + flags
    let conditionParts = try condition.partial(unknown: conditionUnknown, instantiated: [false])
    if conditionParts.isUnknown[0] { return nil }
    let bodyParts = try body.partial(unknown: bodyFlags + flags, instantiated: flags)
    let isKnown = (ofCondition(unknown) + bodyFlags + flags).map { !$0 }
    let known = try staging.evaluate(
      with(
        conditionParts.essential, bodyParts.essential,
        bodyConstCount: bodyFlags.count { !$0 },
        conditionConstCount: ofCondition(unknown).count { !$0 }), chosen(x, isKnown))
    let all = try staging.record(with(condition, body), x)
    return HigherOrder.merged(known, chosen(all, flags), flags)
  }

  /// A condition that differs between examples goes on while any of them does; an example that is
  /// done keeps its carry.
  func batched(
    _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
  ) throws -> [(values: Tensor, isMapped: Bool)] {
    func conditionMapped(_ carry: [Bool]) throws -> Bool {
      try condition.batched(ofCondition(mapped) + carry, instantiated: [false], batching).isMapped[
        0]
    }
    let flags = try fixpoint(carry(mapped)) { flags in
      try conditionMapped(flags)
        ? flags.map { _ in true }
        : body.batched(ofBody(mapped) + flags, instantiated: flags, batching).isMapped
    }
    let batchedBody = try body.batched(ofBody(mapped) + flags, instantiated: flags, batching)
    let batchedCondition = try condition.batched(
      ofCondition(mapped) + flags, instantiated: [false], batching)
    let start = try zip(zip(carry(x), carry(mapped)), flags).map { pair, isNeeded in
      isNeeded && !pair.1 ? try repeated(pair.0, batching.size) : pair.0
    }
    let loop =
      batchedCondition.isMapped[0]
      ? try masked(batchedCondition.program, batchedBody.program)
      : with(batchedCondition.program, batchedBody.program)
    // A masked body asks the condition too, so it reads what the condition reads.
    let again = batchedCondition.isMapped[0] ? ofCondition(x) : []
    let outs = try bind(loop, ofCondition(x) + again + ofBody(x) + start)
    return zip(outs, flags).map { ($0, $1) }
  }

  private func masked(_ condition: Subprogram, _ body: Subprogram) throws -> Primitive {
    let avals = condition.jaxpr.inAvals
    let any = try makeJaxpr { [try bind1(.reduce(.or, axes: [0]), [condition($0)[0]])] }(avals)
    let count = conditionConstCount
    let step = try makeJaxpr { x in
      let carry = x.dropFirst(count + bodyConstCount)
      let goesOn = try condition(Array(x[..<count]) + carry)[0]
      return try zip(carry, body(Array(x.dropFirst(count)))).map { old, new in
        try bind1(.selectN, [spread(goesOn, over: new), old, new])
      }
    }(Array(avals[..<count]) + body.jaxpr.inAvals)
    return with(Subprogram(any), Subprogram(step), bodyConstCount: count + bodyConstCount)
  }
}

extension Subprogram {
  /// The same program with further operands that it does not read.
  fileprivate func ignoring(_ more: [ShapedArray]) -> Subprogram {
    Subprogram(
      Jaxpr(
        constvars: jaxpr.constvars, consts: jaxpr.consts,
        invars: jaxpr.invars + more.map { Var($0) },
        eqns: jaxpr.eqns, outs: jaxpr.outs))
  }
}
