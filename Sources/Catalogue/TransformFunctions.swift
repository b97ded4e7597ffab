// The small functions that transforms.h5 transforms: of a vector, of a scalar, of two vectors, and
// of an instance on a named axis.

import Core

/// A function of a vector to a scalar, perhaps with a matrix that is never differentiated.
struct VectorFunction: Sendable {
  let takesMatrix: Bool
  let f: @Sendable (Tensor, [Tensor]) throws -> Tensor

  init(takesMatrix: Bool = false, _ f: @escaping @Sendable (Tensor, [Tensor]) throws -> Tensor) {
    self.takesMatrix = takesMatrix
    self.f = f
  }
}

/// The names of F in docs/Fixtures.md.
let vectorFunctions: [String: VectorFunction] = [
  "chain": VectorFunction { x, _ in try sum(sin(x) * exp(tanh(x))) },
  "cubic": VectorFunction { x, _ in try sum(integerPow(x, 3) - 2 * square(x)) },
  "ratio": VectorFunction { x, _ in try sum(x / (1 + square(x))) },
  "softplus_cos": VectorFunction { x, _ in try sum(log1p(exp(x)) * cos(x)) },
  "coupled": VectorFunction { x, _ in try sin(prod(x)) * sum(logistic(x)) },
  "quadratic": VectorFunction { x, _ in
    let y = try dotGeneral(x, x, DotDimensionNumbers(contracting: ([0], [0])))
    return try log(1 + y) * y
  },
  "dense": VectorFunction(takesMatrix: true) { x, matrix in
    try sum(tanh(dotGeneral(matrix[0], x, DotDimensionNumbers(contracting: ([1], [0])))))
  },
]

/// The names of G.
let scalarFunctions: [String: @Sendable (Tensor) throws -> Tensor] = [
  "sin_exp": { try sin($0) * exp($0) },
  "tanh": { try tanh($0) },
  "logistic": { try logistic($0) },
  "log": { try log($0) },
  "rational": { try $0 / (1 + $0 * $0) },
]

/// The names of H.
let pairFunctions: [String: @Sendable (Tensor, Tensor) throws -> Tensor] = [
  "blend": { x, y in try x * y + sin(x) },
  "inner": { x, y in try dotGeneral(x, y, DotDimensionNumbers(contracting: ([0], [0]))) },
  "outer": { x, y in try dotGeneral(x, y, DotDimensionNumbers(contracting: ([], []))) },
]

/// The axis that the functions C reduce over.
let mappedAxis = "batch"

/// The names of C.
let collectiveFunctions: [String: @Sendable (Tensor) throws -> Tensor] = [
  "center": { try centered($0) },
  "center_square": { try square(centered($0)) },
  "psum_square": { try psum(square($0), axisName: mappedAxis) },
  "pmax_shift": { try shifted($0) },
  "axis_softmax": { v in
    let e = try shifted(v)
    return try e / psum(e, axisName: mappedAxis)
  },
  "index_scale": { try $0 * axisIndex(mappedAxis).asType($0.dtype) },
  "size_scale": { try $0 * psum(Tensor(1, .i32), axisName: mappedAxis).asType($0.dtype) },
  "normalise": { v in
    let d = try centered(v)
    return try d / sqrt(pmean(square(d), axisName: mappedAxis) + 1e-5)
  },
]

private func centered(_ v: Tensor) throws -> Tensor { try v - pmean(v, axisName: mappedAxis) }

/// exp(v − max): the maximum of a stopped v, because pmax has no derivative.
private func shifted(_ v: Tensor) throws -> Tensor {
  try exp(v - pmax(stopGradient(v), axisName: mappedAxis))
}
