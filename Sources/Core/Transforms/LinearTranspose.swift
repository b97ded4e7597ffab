// The transpose of a function that is linear, and the types of a function's results.

/// The transpose of `f`, a linear function of operands of types `avals`: ⟨f(x), y⟩ = ⟨x, fᵀ(y)⟩.
///
/// - Throws: `TraceError.noRule` when some operation of `f` is not linear in its operands.
public func linearTranspose(
  _ f: @escaping ([Tensor]) throws -> [Tensor], _ avals: [ShapedArray]
) throws -> @Sendable ([Tensor]) throws -> [Tensor] {
  let staging = Staging(outer: Context.interpreter)
  let inputs = avals.map { staging.variable($0) }
  let outs = try under(staging) { try f(inputs.map(\.1)) }
  let linear = staging.finish(inputs.map(\.0), outs)
  return { cotangents in
    try requireTypes("the transpose", linear.outAvals, cotangents)
    return try backwardPass(linear, cotangents)
  }
}

/// The types of the results of `f` on operands of types `avals`; nothing is computed.
public func evalShape(
  _ f: @escaping ([Tensor]) throws -> [Tensor], _ avals: [ShapedArray]
) throws -> [ShapedArray] {
  try makeJaxpr(f)(avals).outAvals
}
