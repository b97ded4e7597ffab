// Memory against time, and closures against arguments.

/// `f`, whose intermediate values are not kept for the backward pass but computed again in it.
///
/// Values and derivatives are those of `f`. (`jax.checkpoint`)
public func checkpoint(
  _ f: @escaping ([Tensor]) throws -> [Tensor]
) -> ([Tensor]) throws -> [Tensor] {
  { inputs in
    let (jaxpr, free) = try traceProgram(f, inputs.map(\.aval))
    let call = Call(kind: .checkpoint, program: Subprogram(jaxpr))
    return try bind(.higherOrder(.call(call)), free + inputs)
  }
}

/// `f` at operands of types `avals` with its free tensors as arguments: `converted(free + x)` = f(x).
///
/// For functions that bring their own derivative, whose rules know only arguments.
/// (`jax.closure_convert`)
public func closureConvert(
  _ f: ([Tensor]) throws -> [Tensor], _ avals: [ShapedArray]
) throws -> (converted: @Sendable ([Tensor]) throws -> [Tensor], free: [Tensor]) {
  let (jaxpr, free) = try traceProgram(f, avals)
  return ({ try evalJaxpr(jaxpr, $0) }, free)
}
