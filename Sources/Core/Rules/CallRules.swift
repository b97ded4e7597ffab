// Calls: jit, checkpoint, and functions that bring a derivative of their own.
//
// A transformed call is a call of the transformed program, so what was compiled as one stays so.

extension Call {
  func types(_ ins: [ShapedArray]) throws -> [ShapedArray] {
    try requireOperands("a call", program, ins)
    return program.jaxpr.outAvals
  }

  /// The same kind of call of another program.
  private func with(_ program: Subprogram) -> Primitive {
    .higherOrder(.call(Call(kind: kind, program: program)))
  }

  func jvp(_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    switch kind {
    case .customJVP(let rule): return try rule.checked(x, dx, program.jaxpr.outAvals)
    case .customVJP(let rule): return try rule.linearized(x, dx, program.jaxpr.outAvals)
    case .jit, .checkpoint:
      let perturbed = dx.map { $0 != nil }
      let derived = try program.jvp(
        perturbed, instantiated: program.jaxpr.outs.map { _ in false })
      let all = try bind(with(derived.program), x + dx.compactMap(\.self))
      let count = derived.perturbed.count
      return (Array(all.prefix(count)), scattered(Array(all.dropFirst(count)), derived.perturbed))
    }
  }

  /// jit: what is known runs now and hands its residuals over. checkpoint: what is unknown runs
  /// again from the operands. A custom rule that nobody asked for by now is not needed any more.
  func partiallyEvaluated(_ x: [Tensor], _ staging: Staging) throws -> [Tensor]? {
    let unknown = x.map { staging.owned($0) != nil }
    let none = program.jaxpr.outs.map { _ in false }
    switch kind {
    case .customJVP, .customVJP: return try under(staging) { try program(x) }
    case .jit:
      let parts = try program.partial(unknown: unknown, instantiated: none)
      let known = try staging.evaluate(with(parts.brief), chosen(x, unknown.map { !$0 }))
      let count = parts.isUnknown.count { !$0 }
      var made = known[count...]
      let residuals = parts.forwarded.map { $0.map { x[$0] } ?? made.removeFirst() }
      let staged = try staging.record(with(parts.unknown), residuals + chosen(x, unknown))
      return HigherOrder.merged(Array(known.prefix(count)), staged, parts.isUnknown)
    case .checkpoint:
      let parts = try program.partial(unknown: unknown, instantiated: none)
      let known = try staging.evaluate(with(parts.essential), chosen(x, unknown.map { !$0 }))
      let again = program.jaxpr.pruned(outs: chosen(program.jaxpr.outs, parts.isUnknown))
      let staged = try staging.record(with(Subprogram(again)), x)
      return HigherOrder.merged(known, staged, parts.isUnknown)
    }
  }

  func batched(
    _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
  ) throws -> [(values: Tensor, isMapped: Bool)] {
    let rule: Kind
    switch kind {
    case .jit, .checkpoint: rule = kind
    case .customJVP(let own): rule = .customJVP(own.mapped(mapped, batching))
    case .customVJP(let own): rule = .customVJP(own.mapped(mapped, batching))
    }
    let isCustom = rule != kind
    let derived = try program.batched(
      mapped, instantiated: program.jaxpr.outs.map { _ in isCustom }, batching)
    let outs = try bind(
      .higherOrder(.call(Call(kind: rule, program: derived.program))), x)
    return zip(outs, derived.isMapped).map { ($0, $1) }
  }

  func transposed(_ cts: [Tensor?], _ ins: [LinearInput]) throws -> [Tensor?] {
    let isLinear = ins.isLinear
    let transpose = try program.transposed(linear: isLinear)
    let all = try ins.known + instantiated(cts, program.jaxpr.outAvals)
    switch kind {
    case .jit, .checkpoint: return scattered(try bind(with(transpose), all), isLinear)
    case .customJVP, .customVJP: return scattered(try transpose(all), isLinear)
    }
  }
}
