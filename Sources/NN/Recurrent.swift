// GRUCell and LSTMCell: one step of a recurrent network.
//
// Rule LA-04: every weight is uniform in ±√(1 / hidden), drawn from a part of the key of its own,
// whether there is a bias or not. Gates lie one after another in the first axis of the weights.
// Corresponds to equinox/nn/_rnn.py.

public import Core
public import Random
public import Tree

/// One step of a gated recurrent unit: `x: [in]`, `hidden: [hidden]` → `[hidden]`.
///
/// r = σ(…), z = σ(…), n = tanh(W x + b + r (U h + bₙ)), h ↦ n + z (h − n).
public struct GRUCell: Module {
  /// `[3 hidden, in]`: reset, update, new.
  public var weightIH: Tensor
  /// `[3 hidden, hidden]`
  public var weightHH: Tensor
  /// `[3 hidden]`
  public var bias: Tensor?
  /// `[hidden]`, inside the reset gate's product.
  public var biasN: Tensor?
  /// The length of the input.
  public let inputSize: Int
  /// The length of the state.
  public let hiddenSize: Int

  /// Weights drawn from four parts of `key`.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, useBias: Bool = true, dtype: DType = .f32, key: Key
  ) throws {
    try demandHidden(hiddenSize)
    let limit = (1 / Double(hiddenSize)).squareRoot()
    let keys = try key.split(4)
    try self.init(
      weightIH: initial(keys[0], [3 * hiddenSize, inputSize], dtype, limit: limit),
      weightHH: initial(keys[1], [3 * hiddenSize, hiddenSize], dtype, limit: limit),
      bias: useBias ? initial(keys[2], [3 * hiddenSize], dtype, limit: limit) : nil,
      biasN: useBias ? initial(keys[3], [hiddenSize], dtype, limit: limit) : nil)
  }

  /// The cell of these numbers.
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor? = nil, biasN: Tensor? = nil) throws
  {
    try demand(
      weightIH.rank == 2 && weightHH.rank == 2,
      "the weights of a cell are matrices, got \(weightIH.aval) and \(weightHH.aval)")
    (self.weightIH, self.weightHH, self.bias, self.biasN) = (weightIH, weightHH, bias, biasN)
    (inputSize, hiddenSize) = (weightIH.shape[1], weightHH.shape[1])
  }

  /// `x: [in]`, `hidden: [hidden]` → the next state, `[hidden]`.
  public func callAsFunction(_ x: Tensor, _ hidden: Tensor) throws -> Tensor {
    var input = try product(weightIH, x)
    if let bias { input = try input + bias }
    let (i, h) = (try gates(input, 3), try gates(product(weightHH, hidden), 3))
    let reset = try logistic(i[0] + h[0])
    let update = try logistic(i[1] + h[1])
    let recurrent = if let biasN { try h[2] + biasN } else { h[2] }
    let new = try tanh(i[2] + reset * recurrent)
    return try new + update * (hidden - new)
  }

  /// Leaves: both weights, both biases.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weightIH", &weightIH)
    visitor.field("weightHH", &weightHH)
    visitor.field("bias", &bias)
    visitor.field("biasN", &biasN)
    visitor.constant("inputSize", inputSize)
    visitor.constant("hiddenSize", hiddenSize)
    visitor.constant("useBias", bias != nil)
  }
}

/// One step of a long short-term memory: `x: [in]`, state (h, c) of `[hidden]` each → (h, c).
///
/// c ↦ σ(f) c + σ(i) tanh(g), h = σ(o) tanh(c).
public struct LSTMCell: Module {
  /// `[4 hidden, in]`: input, forget, cell, output.
  public var weightIH: Tensor
  /// `[4 hidden, hidden]`
  public var weightHH: Tensor
  /// `[4 hidden]`
  public var bias: Tensor?
  /// The length of the input.
  public let inputSize: Int
  /// The length of each half of the state.
  public let hiddenSize: Int

  /// Weights drawn from three parts of `key`.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, useBias: Bool = true, dtype: DType = .f32, key: Key
  ) throws {
    try demandHidden(hiddenSize)
    let limit = (1 / Double(hiddenSize)).squareRoot()
    let keys = try key.split(3)
    try self.init(
      weightIH: initial(keys[0], [4 * hiddenSize, inputSize], dtype, limit: limit),
      weightHH: initial(keys[1], [4 * hiddenSize, hiddenSize], dtype, limit: limit),
      bias: useBias ? initial(keys[2], [4 * hiddenSize], dtype, limit: limit) : nil)
  }

  /// The cell of these numbers.
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor? = nil) throws {
    try demand(
      weightIH.rank == 2 && weightHH.rank == 2,
      "the weights of a cell are matrices, got \(weightIH.aval) and \(weightHH.aval)")
    (self.weightIH, self.weightHH, self.bias) = (weightIH, weightHH, bias)
    (inputSize, hiddenSize) = (weightIH.shape[1], weightHH.shape[1])
  }

  /// `x: [in]`, `state: (h, c)` → the next state.
  public func callAsFunction(
    _ x: Tensor, _ state: (h: Tensor, c: Tensor)
  ) throws -> (h: Tensor, c: Tensor) {
    var sums = try product(weightIH, x) + product(weightHH, state.h)
    if let bias { sums = try sums + bias }
    let parts = try gates(sums, 4)
    let (input, forget) = (try logistic(parts[0]), try logistic(parts[1]))
    let (cell, output) = (try tanh(parts[2]), try logistic(parts[3]))
    let c = try forget * state.c + input * cell
    return (try output * tanh(c), c)
  }

  /// Leaves: both weights, the bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weightIH", &weightIH)
    visitor.field("weightHH", &weightHH)
    visitor.field("bias", &bias)
    visitor.constant("inputSize", inputSize)
    visitor.constant("hiddenSize", hiddenSize)
    visitor.constant("useBias", bias != nil)
  }
}

private func demandHidden(_ size: Int) throws {
  try demand(size > 0, "a recurrent cell needs a state that is not empty, got hidden size \(size)")
}

private func product(_ weight: Tensor, _ x: Tensor) throws -> Tensor {
  let (w, v) = try promoted(weight, x)
  return try matmul(w, v)
}

/// `x: [count · n, …]` as `count` parts `[n, …]`.
private func gates(_ x: Tensor, _ count: Int) throws -> [Tensor] {
  try demandInput(
    x.shape[0] % count == 0, "array split does not result in an equal division of \(x.aval)")
  let size = x.shape[0] / count
  return try (0..<count).map { try slice(x, axis: 0, from: $0 * size, to: ($0 + 1) * size) }
}
