// The networks of programs.h5: whole programs with parameters, losses and normalisations, each
// operation in the order of docs/Fixtures.md.

import Core

extension Catalogue {
  static let networkEntries: [String: Entry] = [
    "mlp": Entry(4...Int.max, ActivationNames.self) { p in
      let activations = try p.activations.map(activation)
      return { [try multilayerPerceptron($0, activations)] }
    },
    "softmax_xent": Entry(2) { try crossEntropy($0[0], $0[1]) },
    "batchnorm": Entry(5...5, EpsilonParameter.self) { p in
      { [try batchNormScore($0, epsilon: p.eps)] }
    },
    "layer_norm": Entry(3...3, EpsilonParameter.self) { p in
      { [try layerNorm($0[0], gamma: $0[1], beta: $0[2], epsilon: p.eps)] }
    },
    "matmul_chain": Entry(3) { x in
      try product(tanh(product(x[0], x[1])), x[2])
    },
    "linear_regression": Entry(4) { operands in
      let (w, b, x, y) = (operands[0], operands[1], operands[2], operands[3])
      let error = try (product(x, w) + b) - y
      return try sum(square(error)) / Double(extent(y, 0))
    },
    "rnn": Entry(3...3, StepsParameter.self) { p in
      { [try recurrentEnergy(w: $0[0], u: $0[1], x: $0[2], steps: p.steps)] }
    },
  ]
}

/// x·y: the last axis of x with axis `right` of y.
private func product(_ x: Tensor, _ y: Tensor, right: Int = 0) throws -> Tensor {
  try dotGeneral(x, y, DotDimensionNumbers(contracting: ([x.rank - 1], [right])))
}

/// The extent of an axis that may be missing.
private func extent(_ x: Tensor, _ axis: Int) throws -> Int {
  guard axis < x.rank else {
    throw TraceError.illTyped("an operand of rank \(axis + 1) or more is needed, got \(x.aval)")
  }
  return x.shape[axis]
}

private func activation(_ name: String) throws -> @Sendable (Tensor) throws -> Tensor {
  switch name {
  case "tanh": return { try tanh($0) }
  case "gelu": return { try gelu($0) }
  case "relu": return { try relu($0) }
  case "silu": return { try silu($0) }
  case "softplus": return { try softplus($0) }
  case let other:
    throw CatalogueError(program: "mlp", message: "has no activation '\(other)'")
  }
}

/// Dense layers (weights `[out, in]`, biases `[out]`), activations between them, then the mean
/// cross-entropy of rows. Operands: W0, b0, W1, b1, …, x `[B,d]`, t `[B,k]`.
private func multilayerPerceptron(
  _ operands: [Tensor], _ activations: [@Sendable (Tensor) throws -> Tensor]
) throws -> Tensor {
  let layers = activations.count + 1
  guard operands.count == 2 * layers + 2 else {
    throw CatalogueError(
      program: "mlp",
      message: "of \(layers) layers takes \(2 * layers + 2) operands, got \(operands.count)")
  }
  var x = operands[2 * layers]
  for layer in 0..<layers {
    x = try product(x, operands[2 * layer], right: 1) + operands[2 * layer + 1]
    if layer < activations.count { x = try activations[layer](x) }
  }
  return try crossEntropy(x, operands[2 * layers + 1])
}

/// −Σ t·log_softmax(z) / B, the maximum of each row held constant.
private func crossEntropy(_ z: Tensor, _ t: Tensor) throws -> Tensor {
  let shift = try stopGradient(max(z, axes: [1], keepDims: true))
  let centered = try z - shift
  let logProbabilities = try centered - log(sum(exp(centered), axes: [1], keepDims: true))
  return try -(sum(t * logProbabilities) / Double(extent(z, 0)))
}

/// Normalisation by the statistics of the mapped axis, scored by the quadratic form (w, v) and
/// summed over the batch. Operands: x, gamma, beta, w, v.
private func batchNormScore(_ operands: [Tensor], epsilon: Double) throws -> Tensor {
  let axis = "batch"
  let score = vmap(
    { operands in
      let (x, gamma, beta) = (operands[0], operands[1], operands[2])
      let (w, v) = (operands[3], operands[4])
      let d = try x - pmean(x, axisName: axis)
      let s = try pmean(square(d), axisName: axis)
      let y = try (d / sqrt(s + epsilon)) * gamma + beta
      return [try sum(y * w) + sum(square(y) * v)]
    }, inAxes: [0, nil, nil, 0, 0], axisName: axis)
  return try sum(score(operands)[0])
}

/// Rows to mean 0 and variance 1, then gain and offset.
private func layerNorm(
  _ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Double
) throws -> Tensor {
  let n = Double(try extent(x, 1))
  let d = try x - sum(x, axes: [1], keepDims: true) / n
  let s = try sum(square(d), axes: [1], keepDims: true) / n
  return try (d * rsqrt(s + epsilon)) * gamma + beta
}

/// Σ s² of the last state of s ← tanh(W·s + U·x[t]) from 0.
private func recurrentEnergy(w: Tensor, u: Tensor, x: Tensor, steps: Int) throws -> Tensor {
  guard try extent(x, 0) == steps else {
    throw CatalogueError(
      program: "rnn", message: "of \(steps) steps takes x [\(steps),d], got \(x.aval)")
  }
  var state = try zeros([extent(w, 0)], w.dtype)
  for step in 0..<steps {
    let row = try squeeze(slice(x, axis: 0, from: step, to: step + 1), [0])
    state = try tanh(product(w, state) + product(u, row))
  }
  return try sum(square(state))
}
