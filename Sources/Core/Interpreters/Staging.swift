// Tracing: operations on staged tensors become equations.
//
// With `outer`, operations on values that this staging does not own run there at once: partial
// evaluation, which is how `linearize` separates the linear program from the known values.

/// Records equations. Confined to the task that traces, hence `@unchecked`.
final class Staging: Interpreter, @unchecked Sendable {
  let token = Token()
  private let outer: (any Interpreter)?
  private var eqns: [Eqn] = []
  private var constvars: [Var] = []
  private var consts: [Tensor] = []
  private var hoisted: [Var: Var] = [:]

  init(outer: (any Interpreter)? = nil) { self.outer = outer }

  /// A new variable and the tensor that stands for it.
  func variable(_ aval: ShapedArray) -> (Var, Tensor) {
    let v = Var(aval)
    return (v, Tensor(aval: aval, value: .staged(token, v)))
  }

  func interpret(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    if let outer = evaluator(of: inputs) { return try under(outer) { try bind(p, inputs) } }
    if outer != nil, case .higherOrder(let op) = p,
      let results = try op.partiallyEvaluated(inputs, self)
    {
      return results
    }
    return try record(p, inputs)
  }

  /// Writes the equation down.
  func record(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    let outs = try typingRule(p, inputs.map(\.aval)).map(variable)
    eqns.append(Eqn(outs: outs.map(\.0), primitive: p, ins: inputs.map(atom)))
    return outs.map(\.1)
  }

  /// Applies `p` outside this partial evaluation, which knows all of `inputs`; nothing runs for
  /// no result.
  func evaluate(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    if try typingRule(p, inputs.map(\.aval)).isEmpty { return [] }
    return try outside { try bind(p, inputs) }
  }

  /// Runs `jaxpr` outside this partial evaluation, which knows all of `inputs`.
  func evaluate(_ jaxpr: Jaxpr, _ inputs: [Tensor]) throws -> [Tensor] {
    try outside { try evalJaxpr(jaxpr, inputs) }
  }

  private func outside<R>(_ body: () throws -> R) rethrows -> R {
    guard let outer else { preconditionFailure("only a partial evaluation knows values") }
    return try under(outer, body)
  }

  /// Who evaluates operations on `inputs` at once: the interpreter outside a partial evaluation, if
  /// it stages none of them.
  func evaluator(of inputs: [Tensor]) -> (any Interpreter)? {
    inputs.contains { owned($0) != nil } ? nil : outer
  }

  /// The jaxpr of everything recorded.
  func finish(_ invars: [Var], _ outs: [Tensor]) -> Jaxpr {
    let outs = outs.map(atom)
    return Jaxpr(constvars: constvars, consts: consts, invars: invars, eqns: eqns, outs: outs)
  }

  /// The variable that `t` stands for, if it is one of this staging.
  func owned(_ t: Tensor) -> Var? {
    if case .staged(let owner, let v) = t.value, owner === token { v } else { nil }
  }

  /// A known scalar is written into the program; any other foreign tensor becomes a constvar.
  private func atom(_ t: Tensor) -> Atom {
    if let v = owned(t) { return .variable(v) }
    if case .constant(let real) = t.value {
      return .literal(Literal(value: real, dtype: t.dtype))
    }
    if t.rank == 0, case .known(let storage) = t.value {
      return .literal(Literal(value: storage.exact[0], dtype: t.dtype))
    }
    return .variable(constvar(t))
  }

  /// The variable bound to a foreign tensor; one per variable of another staging.
  private func constvar(_ t: Tensor) -> Var {
    if case .staged(_, let foreign) = t.value, let known = hoisted[foreign] { return known }
    let v = Var(t.aval)
    constvars.append(v)
    consts.append(t)
    if case .staged(_, let foreign) = t.value { hoisted[foreign] = v }
    return v
  }
}
