// Whole derivatives: Jacobians column by column or row by row, Hessians, Hessian-vector products.
//
// The columns are one vmapped jvp over the standard basis, the rows one vmapped pullback.

/// The Jacobian of `f`, forwards. `x: shape` → `y.shape + shape`, entry [i, j] = ∂yᵢ/∂xⱼ.
///
/// Cheap when x is smaller than y: one tangent per element of x.
public func jacfwd(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
  { x in
    try requireReal("jacfwd", "inputs", x.dtype)
    let columns = try vmap { try jvp(f, x, $0).tangent }(standardBasis(x.aval))
    let shape = columns.shape.dropFirst() + x.shape
    return try reshape(moveAxis(columns, 0, -1), Array(shape))
  }
}

/// The Jacobian of `f`, backwards. `x: shape` → `y.shape + shape`, entry [i, j] = ∂yᵢ/∂xⱼ.
///
/// Cheap when y is smaller than x: one cotangent per element of y.
public func jacrev(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
  { x in
    try requireReal("jacrev", "inputs", x.dtype)
    let (outs, pullback) = try vjp({ [try f($0[0])] }, [x])
    try requireReal("jacrev", "outputs", outs[0].dtype)
    let rows = try vmap { try pullback([$0])[0] }(standardBasis(outs[0].aval))
    return try reshape(rows, outs[0].shape + x.shape)
  }
}

/// The second derivative of `f`: forward over reverse. `x: shape` → `y.shape + shape + shape`.
public func hessian(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
  jacfwd(jacrev(f))
}

/// H(x) v for a scalar function `f`, without the matrix H: the derivative of the gradient along v.
public func hvp(
  _ f: @escaping (Tensor) throws -> Tensor, _ x: Tensor, _ v: Tensor
) throws -> Tensor {
  try jvp(grad(f), x, v).tangent
}

private func requireReal(_ name: String, _ what: String, _ dtype: DType) throws {
  guard dtype.isInexact else {
    throw TraceError.badArgument(
      "\(name) requires real-valued \(what) (floating-point dtype), but got \(dtype.longName)")
  }
}

/// The elements of the standard basis of tensors of type `aval`: `[n] + shape`, n elements each.
private func standardBasis(_ aval: ShapedArray) throws -> Tensor {
  let n = aval.size
  let (row, column) = try (iota(.i32, [n, n], dim: 0), iota(.i32, [n, n], dim: 1))
  return try reshape(equal(row, column).asType(aval.dtype), [n] + aval.shape)
}
