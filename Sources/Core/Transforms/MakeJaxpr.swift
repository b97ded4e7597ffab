// Tracing a function to its jaxpr, and running a jaxpr as a function.

/// The jaxpr of `f` for inputs of the types of its arguments.
public func makeJaxpr(
  _ f: @escaping ([Tensor]) throws -> [Tensor]
) -> ([ShapedArray]) throws -> Jaxpr {
  { avals in
    let staging = Staging()
    let inputs = avals.map { staging.variable($0) }
    let outs = try under(staging) { try f(inputs.map(\.1)) }
    return staging.finish(inputs.map(\.0), outs)
  }
}

/// The jaxpr of `f` for an input of the type of its argument.
public func makeJaxpr(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Jaxpr {
  { x in try makeJaxpr { (xs: [Tensor]) in [try f(xs[0])] }([x.aval]) }
}

/// The outputs of `jaxpr` at `inputs`, under whatever transformation is active (rule JX-08).
public func evalJaxpr(_ jaxpr: Jaxpr, _ inputs: [Tensor]) throws -> [Tensor] {
  try requireTypes("the jaxpr", jaxpr.inAvals, inputs)
  var values = Dictionary(
    uniqueKeysWithValues: zip(jaxpr.constvars + jaxpr.invars, jaxpr.consts + inputs))
  values.reserveCapacity(values.count + jaxpr.eqns.count)
  func read(_ atom: Atom) throws -> Tensor {
    switch atom {
    case .literal(let l): return Tensor(constant: l.value, l.dtype)
    case .variable(let v):
      guard let value = values[v] else {
        throw TraceError.illTyped("a variable \(v.aval) is used before it is bound")
      }
      return value
    }
  }
  for eqn in jaxpr.eqns {
    for (v, out) in zip(eqn.outs, try bind(eqn.primitive, eqn.ins.map(read))) { values[v] = out }
  }
  return try jaxpr.outs.map(read)
}
