// Gradients with respect to a model: its floating-point tensors (rules FG-01 to FG-07, FG-11).
//
// Only the first argument is differentiated. What is no floating-point tensor has no gradient: nil.
// A tensor that the result ignores has the gradient zero.

public import Core

/// A gradient: one tensor for each floating-point tensor of a model, nil for other leaves.
public typealias Gradient<M: PyTree> = LeafMap<M, Tensor?>

/// The value of `f` and its gradient with respect to the first argument.
/// - Throws: `TraceError.gradientOfNonScalar` unless `f` returns one floating-point scalar.
public func filterValueAndGrad<M: PyTree, each A>(
  _ f: @escaping (M, repeat each A) throws -> Tensor
) -> (M, repeat each A) throws -> (value: Tensor, grad: Gradient<M>) {
  { (model: M, arguments: repeat each A) in
    let (value, _, grad) = try differentiated(model) { model in
      (try f(model, repeat each arguments), Tuple())
    }
    return (value, grad)
  }
}

/// The value of `f`, what else it returned, and the gradient of the value.
public func filterValueAndGrad<M: PyTree, each A, Aux: PyTree>(
  hasAux f: @escaping (M, repeat each A) throws -> (Tensor, Aux)
) -> (M, repeat each A) throws -> (value: Tensor, aux: Aux, grad: Gradient<M>) {
  { (model: M, arguments: repeat each A) in
    try differentiated(model) { model in try f(model, repeat each arguments) }
  }
}

/// The gradient of `f` with respect to the first argument.
public func filterGrad<M: PyTree, each A>(
  _ f: @escaping (M, repeat each A) throws -> Tensor
) -> (M, repeat each A) throws -> Gradient<M> {
  { (model: M, arguments: repeat each A) in
    try differentiated(model) { model in (try f(model, repeat each arguments), Tuple()) }.grad
  }
}

/// The gradient of the first result of `f`, and the second as it is.
public func filterGrad<M: PyTree, each A, Aux: PyTree>(
  hasAux f: @escaping (M, repeat each A) throws -> (Tensor, Aux)
) -> (M, repeat each A) throws -> (grad: Gradient<M>, aux: Aux) {
  { (model: M, arguments: repeat each A) in
    let (_, aux, grad) = try differentiated(model) { try f($0, repeat each arguments) }
    return (grad, aux)
  }
}

private func differentiated<M: PyTree, Aux: PyTree>(
  _ model: M, _ f: (M) throws -> (Tensor, Aux)
) throws -> (value: Tensor, aux: Aux, grad: Gradient<M>) {
  let parameters = Unpacked(model, where: isInexactArray)
  let slot = Slot<Unpacked<Aux>>()
  let (outs, pullback) = try vjp(
    { xs in
      let (value, aux) = try f(parameters.packed(xs))
      let rest = Unpacked(aux, where: isArray)
      slot.store(rest)
      // The others take no part in the gradient, so nothing is computed for them backwards.
      return [value] + (try rest.tensors.map { $0.dtype.isInexact ? try stopGradient($0) : $0 })
    }, parameters.tensors)
  guard outs[0].shape.isEmpty, outs[0].dtype.isInexact else {
    throw TraceError.gradientOfNonScalar(outs[0].aval)
  }
  let idle = try outs.dropFirst().filter { $0.dtype.isInexact }.map { try zeros(like: $0) }
  let gradients = try pullback([Tensor(1, outs[0].dtype)] + idle)
  return (
    outs[0], try slot.value().packed(Array(outs.dropFirst())), parameters.map(gradients)
  )
}
