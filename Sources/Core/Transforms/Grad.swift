// Gradients of scalar functions.

/// The value of `f` and its gradient with respect to every argument.
/// - Throws: `TraceError.gradientOfNonScalar` unless `f` returns one floating-point scalar.
public func valueAndGrad(
  _ f: @escaping ([Tensor]) throws -> Tensor
) -> ([Tensor]) throws -> (value: Tensor, grad: [Tensor]) {
  { xs in
    for x in xs where !x.dtype.isInexact {
      throw TraceError.badArgument(
        "grad requires real-valued inputs (floating-point dtype), but got \(x.dtype.longName)")
    }
    let (outs, pullback) = try vjp({ [try f($0)] }, xs)
    guard outs[0].shape.isEmpty, outs[0].dtype.isInexact else {
      throw TraceError.gradientOfNonScalar(outs[0].aval)
    }
    return (outs[0], try pullback([Tensor(1, outs[0].dtype)]))
  }
}

/// The value of `f` and its gradient.
public func valueAndGrad(
  _ f: @escaping (Tensor) throws -> Tensor
) -> (Tensor) throws -> (value: Tensor, grad: Tensor) {
  { x in
    let (value, grad) = try valueAndGrad { (xs: [Tensor]) in try f(xs[0]) }([x])
    return (value, grad[0])
  }
}

/// The gradient of `f` with respect to every argument.
public func grad(
  _ f: @escaping ([Tensor]) throws -> Tensor
) -> ([Tensor]) throws -> [Tensor] {
  { try valueAndGrad(f)($0).grad }
}

/// The gradient of `f`.
public func grad(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
  { try valueAndGrad(f)($0).grad }
}
