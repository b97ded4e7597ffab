// Reverse mode: the linear program, read backwards with the transpose rules.

/// `f` at `primals`, and its pullback: cotangents of the floating-point results to cotangents of
/// the primals.
public func vjp(
  _ f: ([Tensor]) throws -> [Tensor], _ primals: [Tensor]
) throws -> (outs: [Tensor], pullback: @Sendable ([Tensor]) throws -> [Tensor]) {
  let (outs, linear) = try linearize(f, primals)
  return (
    outs,
    { cotangents in
      try requireTypes("the pullback", linear.jaxpr.outAvals, cotangents)
      return try backwardPass(linear.jaxpr, cotangents)
    }
  )
}

/// The cotangents of the inputs of a linear jaxpr, from those of its outputs.
func backwardPass(_ linear: Jaxpr, _ cotangents: [Tensor]) throws -> [Tensor] {
  let known = Dictionary(uniqueKeysWithValues: zip(linear.constvars, linear.consts))
  var pending: [Var: Tensor] = [:]
  func accumulate(_ atom: Atom, _ ct: Tensor?) throws {
    guard let v = atom.variable, known[v] == nil, let ct else { return }
    try require(
      ct.aval == v.aval, "a transpose rule gave a cotangent \(ct.aval) for a variable \(v.aval)")
    pending[v] = try plus(pending[v], ct)
  }
  for (atom, ct) in zip(linear.outs, cotangents) { try accumulate(atom, ct) }
  for eqn in linear.eqns.reversed() {
    let cts = eqn.outs.map { pending.removeValue(forKey: $0) }
    guard cts.contains(where: { $0 != nil }) else { continue }
    let inputs = eqn.ins.map { linearInput($0, known) }
    for (atom, ct) in zip(eqn.ins, try transposeRule(eqn.primitive, cts, inputs)) {
      try accumulate(atom, faulted(ct, eqn.primitive))
    }
  }
  return try linear.invars.map { v in
    try pending[v] ?? full(v.aval.shape, 0, v.aval.dtype)
  }
}

private func linearInput(_ atom: Atom, _ known: [Var: Tensor]) -> LinearInput {
  switch atom {
  case .literal(let l): .known(Tensor(constant: l.value, l.dtype))
  case .variable(let v): known[v].map { .known($0) } ?? .linear(v.aval)
  }
}

private func faulted(_ ct: Tensor?, _ p: Primitive) throws -> Tensor? {
  guard let fault = Context.fault else { return ct }
  return try fault.applied(to: ct, rule: .transpose, p)
}
