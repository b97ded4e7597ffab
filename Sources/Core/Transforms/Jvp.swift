// Forward mode, and the linear program behind it.

/// `f` at `primals` and its derivative along `tangents`.
///
/// - Throws: `TraceError.badArgument` when a tangent has not the type of its primal, or a primal
///   has no tangent space (whole numbers, booleans).
public func jvp(
  _ f: ([Tensor]) throws -> [Tensor], _ primals: [Tensor], _ tangents: [Tensor]
) throws -> (outs: [Tensor], tangents: [Tensor]) {
  try requireTangents(primals, tangents)
  let (outs, douts) = try jvpSymbolic(f, primals, tangents)
  return (outs, try zip(outs, douts).map { try $1 ?? zeros(like: $0) })
}

/// `f` at `x` and its derivative along `dx`.
public func jvp(
  _ f: (Tensor) throws -> Tensor, _ x: Tensor, _ dx: Tensor
) throws -> (out: Tensor, tangent: Tensor) {
  let (outs, tangents) = try jvp({ [try f($0[0])] }, [x], [dx])
  return (outs[0], tangents[0])
}

/// As `jvp`, with `nil` for tangents that are zero whatever the values.
package func jvpSymbolic(
  _ f: ([Tensor]) throws -> [Tensor], _ primals: [Tensor], _ tangents: [Tensor?]
) throws -> (outs: [Tensor], tangents: [Tensor?]) {
  let differentiation = Differentiation(outer: Context.interpreter)
  let duals = zip(primals, tangents).map { differentiation.dual($0, $1) }
  let outs = try under(differentiation) { try f(duals) }.map { differentiation.split($0) }
  return (outs.map(\.primal), outs.map(\.tangent))
}

private func requireTangents(_ primals: [Tensor], _ tangents: [Tensor]) throws {
  guard primals.count == tangents.count else {
    throw TraceError.badArgument(
      "jvp called with \(primals.count) primals and \(tangents.count) tangents")
  }
  for (x, dx) in zip(primals, tangents) {
    guard x.dtype.isInexact else {
      throw TraceError.badArgument(
        "jvp requires floating-point primals, got \(x.aval), which has no tangent space")
    }
    guard x.aval == dx.aval else {
      throw TraceError.badArgument(
        "jvp called with different primal and tangent types; got primal \(x.aval) and tangent "
          + "\(dx.aval)")
    }
  }
}
