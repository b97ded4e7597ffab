// Whole derivatives of functions from trees to trees (rules FG-15, FG-17).
//
// A Jacobian is a map of maps: for each result leaf, the derivative by each leaf of the model, of
// shape result.shape + leaf.shape.

public import Core

/// For each leaf of a result its derivative by each leaf of a model.
public typealias TreeJacobian<M: PyTree, R: PyTree> = LeafMap<R, Gradient<M>?>

/// The Jacobian of `f`, forwards: one tangent per element of the model.
public func filterJacfwd<M: PyTree, R: PyTree>(
  _ f: @escaping (M) throws -> R
) -> (M) throws -> TreeJacobian<M, R> {
  { model in
    let parameters = Unpacked(model, where: isInexactArray)
    let (out, result) = try evaluated(f, model)
    let columns = try parameters.tensors.indices.map { j in
      let x = parameters.tensors[j]
      let all = vmap { (direction: [Tensor]) in
        var tangents = LeafMap<M, Tensor?>(Skeleton(model), model.leaves.map { _ in nil })
        tangents.values[parameters.positions[j]] = direction[0]
        let along = try filterJVP(f, model, tangents).tangents
        return try zip(result.positions, result.tensors).map {
          try along.values[$0] ?? zeros(like: $1)
        }
      }
      return try zip(try all([standardBasis(x.aval)]), result.tensors).map { column, y in
        try reshape(moveAxis(column, 0, -1), y.shape + x.shape)
      }
    }
    let rows = result.tensors.indices.map { k in parameters.map(columns.map { $0[k] }) }
    return LeafMap(Skeleton(out), result.map(rows).values)
  }
}

/// The Jacobian of `f`, backwards: one cotangent per element of the result.
public func filterJacrev<M: PyTree, R: PyTree>(
  _ f: @escaping (M) throws -> R
) -> (M) throws -> TreeJacobian<M, R> {
  { model in
    let parameters = Unpacked(model, where: isInexactArray)
    let (out, pullback) = try filterVJP(f, model)
    let result = Unpacked(out, where: isInexactArray)
    let rows = try result.tensors.indices.map { k in
      let y = result.tensors[k]
      let all = vmap { (direction: [Tensor]) in
        var cotangents = LeafMap<R, Tensor?>(Skeleton(out), out.leaves.map { _ in nil })
        cotangents.values[result.positions[k]] = direction[0]
        return try pullback(cotangents).values.compactMap { $0 }
      }
      return parameters.map(
        try zip(try all([standardBasis(y.aval)]), parameters.tensors).map { row, x in
          try reshape(row, y.shape + x.shape)
        })
    }
    return result.map(rows)
  }
}

/// The second derivative of a scalar function: forward over reverse.
public func filterHessian<M: PyTree>(
  _ f: @escaping (M) throws -> Tensor
) -> (M) throws -> LeafMap<M, Gradient<M>?> {
  { model in
    let parameters = Unpacked(model, where: isInexactArray)
    let rows = try filterJacfwd(filterGrad(f))(model)
    return parameters.map(rows.values.compactMap { $0 })
  }
}

/// The results of `f`, and their floating-point tensors.
private func evaluated<M: PyTree, R: PyTree>(
  _ f: (M) throws -> R, _ model: M
) throws -> (R, Unpacked<R>) {
  let out = try f(model)
  return (out, Unpacked(out, where: isInexactArray))
}

/// The elements of the standard basis of tensors of type `aval`: `[n] + shape`, n elements each.
private func standardBasis(_ aval: ShapedArray) throws -> Tensor {
  let n = aval.size
  let (row, column) = try (iota(.i32, [n, n], dim: 0), iota(.i32, [n, n], dim: 1))
  return try reshape(equal(row, column).asType(aval.dtype), [n] + aval.shape)
}
