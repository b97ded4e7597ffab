// f at a point as two programs: its value, run now, and its derivative, a linear jaxpr.
//
// linearize = jvp under partial evaluation: the tangents are staged, everything else runs at once.

/// A linear program, closed over the values at the point of linearisation.
public struct LinearProgram: Sendable {
  /// One input per primal, one output per result of the function; linear in every input.
  public let jaxpr: Jaxpr

  /// The tangents of the results along `tangents`.
  public func callAsFunction(_ tangents: [Tensor]) throws -> [Tensor] {
    try requireTypes("the linear program", jaxpr.inAvals, tangents)
    return try evalJaxpr(jaxpr, tangents)
  }
}

/// `f` at `primals`, and its derivative there.
///
/// Outputs without a tangent space (whole numbers, booleans) have no place in the linear program:
/// its outputs are those of the floating-point results, in order.
public func linearize(
  _ f: ([Tensor]) throws -> [Tensor], _ primals: [Tensor]
) throws -> (outs: [Tensor], linear: LinearProgram) {
  for x in primals where !x.dtype.isInexact {
    throw TraceError.badArgument(
      "linearize requires floating-point primals, got \(x.aval), which has no tangent space")
  }
  let staging = Staging(outer: Context.interpreter)
  let inputs = primals.map { staging.variable($0.aval) }
  return try under(staging) {
    let (outs, tangents) = try jvpSymbolic(f, primals, inputs.map(\.1))
    let linear = try zip(outs, tangents).filter { $0.0.dtype.isInexact }.map {
      try $1 ?? zeros(like: $0)
    }
    return (outs, LinearProgram(jaxpr: staging.finish(inputs.map(\.0), linear)))
  }
}

/// Throws `TraceError.badArgument` unless `tensors` have the types `expected`.
func requireTypes(_ what: String, _ expected: [ShapedArray], _ tensors: [Tensor]) throws {
  guard tensors.map(\.aval) == expected else {
    throw TraceError.badArgument(
      "unexpected type for an argument of \(what): got \(tensors.map(\.aval)), "
        + "but expected \(expected)")
  }
}
