// The small functions that transforms.h5 transforms: of a vector, of a scalar, of two vectors.

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
