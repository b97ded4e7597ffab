// The programs of batchnorm.h5 and stateful.h5: layers with a state, over sequences of calls, and
// layers that draw random numbers.
//
// Everything that a layer holds is an operand, its state included, so that derivatives reach all of it.
// Results are stacked over the calls: outputs, then each part of the state after each call.

import Core
import NN
import Random
import Tree

extension Catalogue {
  static let statefulEntries: [String: Entry] = [
    "batch_norm": Entry(4...7, NormParameters.self) { p in { try batchNormCalls($0, p) } },
    "dropout": Entry(2...3, DropoutParameters.self) { p in
      { [try p.layer(rate: $0.dropFirst(2).first)($0[1], key: Key(data: $0[0]))] }
    },
    "spectral_norm": Entry(5...5, SpectralParameters.self) { p in
      { try spectralNormCalls($0, p) }
    },
    "spectral_norm_start": Entry(2...2, SpectralParameters.self) { p in
      {
        let (layer, state) = try p.layer(Dense(weight: $0[1], bias: nil), key: Key(data: $0[0]))
        let (u, v) = try state.get(layer.uvIndex).elements
        return [u, v]
      }
    },
    "sequential": Entry(8...8, SequentialParameters.self) { p in { try sequentialCall($0, p) } },
  ]
}

/// W·x + b.
private struct Dense: PlainLayer {
  var weight: Tensor
  var bias: Tensor?

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let y = try matmul(weight, x)
    return if let bias { try y + bias } else { y }
  }
}

// MARK: batch_norm

private struct NormParameters: ParameterSet {
  static let keys: Set = ["axis_names", "convention", "eps", "inference", "mode", "momentum"]
  let axis_names: [String]
  let convention: String
  let eps: Double
  let inference: Bool
  let mode: String
  let momentum: Double

  func layer(_ size: Int, _ dtype: DType) throws -> (BatchNorm, State) {
    guard axis_names.count == 1 || axis_names.count == 2,
      let convention = BatchNorm.Convention(rawValue: convention)
    else {
      throw CatalogueError(program: "batch_norm", message: "has no such axes or convention")
    }
    let mode = try BatchNorm.Mode.named(mode).mode
    return try makeWithState {
      var norm = try BatchNorm(
        size, axisName: axis_names[0], eps: eps, channelwiseAffine: false, momentum: momentum,
        dtype: dtype, mode: mode, convention: convention)
      norm.axisName = axis_names
      return norm
    }
  }
}

/// Training calls on x[0], x[1], …, then one inference on a query if asked for. Operands: x, mean,
/// variance, count or whether no batch was seen, then the query, then weight and bias.
private func batchNormCalls(_ operands: [Tensor], _ p: NormParameters) throws -> [Tensor] {
  let rest = Array(operands.dropFirst(p.inference ? 5 : 4))
  guard operands.count >= (p.inference ? 5 : 4), rest.isEmpty || rest.count == 2 else {
    throw CatalogueError(program: "batch_norm", message: "cannot have \(operands.count) operands")
  }
  let (x, mean) = (operands[0], operands[1])
  var (norm, state) = try p.layer(mean.shape.first ?? 0, mean.dtype)
  if rest.count == 2 { (norm.weight, norm.bias) = (rest[0], rest[1]) }
  state = try state.unflatten(norm.stateLeaves(mean, operands[2], operands[3]))
  var calls: [[Tensor]] = []
  for step in 0..<(try extent(x, 0)) {
    let y = try norm.trained(x[step], &state, axes: p.axis_names[...])
    calls.append([y] + norm.heldTensors(state))
  }
  var results = try stacked(calls)
  if p.inference {
    results.append(
      try vmap(operands[4], state: &state) { x, state in
        try norm(x, state: &state, inference: true)
      })
  }
  return results
}

extension BatchNorm {
  /// The leaves of its state, which stand in the order of the fields: in mode `ema` whether no batch
  /// was seen, in mode `batch` the count, then mean and variance.
  fileprivate func stateLeaves(_ mean: Tensor, _ variance: Tensor, _ seen: Tensor) -> [Leaf] {
    [.tensor(seen), .tensor(mean), .tensor(variance)]
  }

  fileprivate func heldTensors(_ state: State) -> [Tensor] {
    let all = state.leaves.compactMap(\.tensor)
    return [all[1], all[2], all[0]]
  }

  /// A training call inside one `vmap` for each name, the last name innermost.
  fileprivate func trained(
    _ x: Tensor, _ state: inout State, axes: ArraySlice<String>
  ) throws -> Tensor {
    guard let name = axes.first else { return try self(x, state: &state) }
    return try vmap(x, axisName: name, state: &state) { x, state in
      try trained(x, &state, axes: axes.dropFirst())
    }
  }
}

/// Results of several calls, each along a new axis 0.
private func stacked(_ calls: [[Tensor]]) throws -> [Tensor] {
  guard let first = calls.first else {
    throw CatalogueError(program: "stateful", message: "needs at least one call")
  }
  return try first.indices.map { i in try stack(calls.map { $0[i] }) }
}

/// The extent of an axis that may be missing.
private func extent(_ x: Tensor, _ axis: Int) throws -> Int {
  guard axis < x.rank else {
    throw TraceError.illTyped("an operand of rank \(axis + 1) or more is needed, got \(x.aval)")
  }
  return x.shape[axis]
}

// MARK: dropout

private struct DropoutParameters: ParameterSet {
  static let keys: Set = ["at_one", "p", "x64"]
  let at_one: String
  let p: Double?
  let x64: Bool

  /// The layer with the number p, or else with the operand.
  func layer(rate: Tensor?) throws -> Dropout {
    guard let atOne = Dropout.AtOne(rawValue: at_one), (p == nil) != (rate == nil) else {
      throw CatalogueError(
        program: "dropout", message: "needs p as a parameter or as an operand, and zero or equinox")
    }
    let p = rate.map { Dropout.Rate.tensor($0) } ?? .number(p ?? 0)
    return Dropout(p, x64: x64, atOne: atOne)
  }
}

// MARK: spectral_norm

private struct SpectralParameters: ParameterSet {
  static let keys: Set = ["eps", "num_power_iterations"]
  let eps: Double
  let num_power_iterations: Int

  func layer(_ dense: Dense, key: Key) throws -> (SpectralNorm<Dense>, State) {
    try makeWithState {
      try SpectralNorm(
        dense, weight: \.weight, numPowerIterations: num_power_iterations, eps: eps, key: key)
    }
  }
}

/// Training calls on x[0], x[1], …, the last input once more in inference. Operands: W, b, u, v, x.
private func spectralNormCalls(_ x: [Tensor], _ p: SpectralParameters) throws -> [Tensor] {
  var (layer, state) = try p.layer(Dense(weight: x[0], bias: x[1]), key: Key(0))
  try state.set(layer.uvIndex, to: Tuple(x[2], x[3]))
  var calls: [[Tensor]] = []
  let steps = try extent(x[4], 0)
  for step in 0..<steps {
    let y = try layer(x[4][step], state: &state)
    let (u, v) = try state.get(layer.uvIndex).elements
    calls.append([y, u, v])
  }
  layer.inference = true
  return try stacked(calls) + [layer(x[4][steps - 1], state: &state)]
}

// MARK: sequential

private struct SequentialParameters: ParameterSet {
  static let keys: Set = ["momentum", "p", "x64"]
  let momentum: Double
  let p: Double
  let x64: Bool
}

/// One training call of dense, batch norm, dropout, dense, dropout on a batch with a key per example.
/// Operands: key, x, W0, b0, gain, offset, W1, b1. Results: y, then mean and variance kept.
private func sequentialCall(_ x: [Tensor], _ p: SequentialParameters) throws -> [Tensor] {
  let (model, start) = try makeWithState {
    var norm = try BatchNorm(
      extent(x[4], 0), axisName: "batch", momentum: p.momentum, dtype: x[4].dtype,
      convention: .equinox)
    (norm.weight, norm.bias) = (x[4], x[5])
    return Sequential([
      Dense(weight: x[2], bias: x[3]), norm, Dropout(.number(p.p), x64: p.x64),
      Dense(weight: x[6], bias: x[7]), Dropout(.number(p.p), x64: p.x64),
    ])
  }
  var state = start
  let y = try vmap(x[1], key: Key(data: x[0]), axisName: "batch", state: &state) {
    try model($0, key: $1, state: &$2)
  }
  return [y] + state.leaves.compactMap(\.tensor).filter(\.dtype.isInexact)
}
