// The two networks whose training is followed: residual blocks, and normalised blocks with dropout.
//
// Both are called alike, with a key and a state, whether they need them or not, so that one step
// trains either. tools/golden/training.py has the same two in Equinox, key for key.

import Core
import NN
import Random
import Tree

/// A model of one example `[1]` → `[1]`.
protocol Network: Module {
  func callAsFunction(_ x: Tensor, key: Key, state: inout State) throws -> Tensor
}

/// x + W₂ gelu(W₁ norm(x)).
struct ResidualBlock: PyTree {
  var norm: LayerNorm
  var linear1: Linear
  var linear2: Linear

  init(_ width: Int, key: Key) throws {
    let (k1, k2) = try key.split()
    norm = try LayerNorm(width)
    linear1 = try Linear(width, width, key: k1)
    linear2 = try Linear(width, width, key: k2)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("norm", &norm)
    visitor.field("linear1", &linear1)
    visitor.field("linear2", &linear2)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try x + linear2(gelu(linear1(norm(x))))
  }
}

/// Embedding, residual blocks, readout.
struct ResNetMLP: Network {
  var embed: Linear
  var blocks: [ResidualBlock]
  var readout: Linear

  init(_ inSize: Int, _ width: Int, _ outSize: Int, depth: Int, key: Key) throws {
    let keys = try key.split(depth + 2)
    embed = try Linear(inSize, width, key: keys[0])
    blocks = try keys.dropFirst(2).map { try ResidualBlock(width, key: $0) }
    readout = try Linear(width, outSize, key: keys[1])
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("embed", &embed)
    visitor.field("blocks", &blocks)
    visitor.field("readout", &readout)
  }

  func callAsFunction(_ x: Tensor, key: Key, state: inout State) throws -> Tensor {
    try readout(blocks.reduce(embed(x)) { x, block in try block(x) })
  }
}

/// Linear without bias, which BatchNorm would take away again, BatchNorm, relu, Dropout.
struct NormBlock: PyTree {
  var linear: Linear
  var norm: BatchNorm
  var dropout: Dropout
  /// 1; a fault that runs are to show makes it another.
  let factor: Double

  init(
    _ width: Int, _ p: TrainingParameters, _ dtype: DType, dropoutFactor: Double, key: Key
  ) throws {
    factor = dropoutFactor
    linear = try Linear(width, width, useBias: false, key: key)
    norm = try BatchNorm(
      width, axisName: "batch", momentum: p.momentum, dtype: dtype,
      mode: BatchNorm.Mode.named(p.mode).mode, convention: .equinox)
    dropout = Dropout(.number(p.dropout), x64: dtype == .f64, atOne: .equinox)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("linear", &linear)
    visitor.field("norm", &norm)
    visitor.field("dropout", &dropout)
    visitor.constant("factor", factor)
  }

  func callAsFunction(_ x: Tensor, key: Key, state: inout State) throws -> Tensor {
    let y = try dropout(relu(norm(linear(x), state: &state)), key: key)
    return factor == 1 ? y : try y * factor
  }
}

/// Embedding and gelu, normalised blocks with a key each, readout.
struct NormNet: Network {
  var embed: Linear
  var blocks: [NormBlock]
  var readout: Linear

  init(
    _ inSize: Int, _ width: Int, _ outSize: Int, _ p: TrainingParameters, _ dtype: DType,
    dropoutFactor: Double, key: Key
  ) throws {
    let keys = try key.split(p.depth + 2)
    embed = try Linear(inSize, width, key: keys[0])
    blocks = try keys.dropFirst(2).map {
      try NormBlock(width, p, dtype, dropoutFactor: dropoutFactor, key: $0)
    }
    readout = try Linear(width, outSize, key: keys[1])
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("embed", &embed)
    visitor.field("blocks", &blocks)
    visitor.field("readout", &readout)
  }

  func callAsFunction(_ x: Tensor, key: Key, state: inout State) throws -> Tensor {
    var x = try gelu(embed(x))
    for (block, key) in zip(blocks, try key.split(blocks.count)) {
      x = try block(x, key: key, state: &state)
    }
    return try readout(x)
  }
}
