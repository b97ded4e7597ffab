// The models whose train steps are timed, as a user writes them. Their twins in Equinox are in
// peers/training.py; parameters are listed in the order of the fields.

import Assay

/// x + linear2(gelu(linear1(norm(x)))).
struct ResidualBlock: Module {
  var norm: LayerNorm
  var linear1: Linear
  var linear2: Linear

  init(_ width: Int) throws {
    norm = try LayerNorm(width)
    linear1 = try Linear(width, width, key: Key(0))
    linear2 = try Linear(width, width, key: Key(0))
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

/// A layer in, residual blocks, a layer out.
struct ResidualNet: Module {
  var embed: Linear
  var blocks: [ResidualBlock]
  var readout: Linear

  init(width: Int, depth: Int) throws {
    embed = try Linear(1, width, key: Key(0))
    blocks = try (0..<depth).map { _ in try ResidualBlock(width) }
    readout = try Linear(width, 1, key: Key(0))
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("embed", &embed)
    visitor.field("blocks", &blocks)
    visitor.field("readout", &readout)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try readout(blocks.reduce(embed(x)) { try $1($0) })
  }
}

/// Two layers with batch normalisation behind each, and a layer out.
struct NormalisedNet: Module {
  var linear1: Linear
  var norm1: BatchNorm
  var linear2: Linear
  var norm2: BatchNorm
  var head: Linear

  init(width: Int) throws {
    linear1 = try Linear(8, width, key: Key(0))
    norm1 = try BatchNorm(width, axisName: "batch", momentum: 0.9)
    linear2 = try Linear(width, width, key: Key(0))
    norm2 = try BatchNorm(width, axisName: "batch", momentum: 0.9)
    head = try Linear(width, 1, key: Key(0))
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("linear1", &linear1)
    visitor.field("norm1", &norm1)
    visitor.field("linear2", &linear2)
    visitor.field("norm2", &norm2)
    visitor.field("head", &head)
  }

  func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    let y = try relu(norm1(linear1(x), state: &state))
    return try head(relu(norm2(linear2(y), state: &state)))
  }
}

/// Convolution, normalisation of groups, activation.
struct ConvBlock: Module {
  var conv: Conv1d
  var norm: GroupNorm

  init(_ inputs: Int, _ outputs: Int, kernel: Int) throws {
    conv = try Conv1d(inputs, outputs, kernelSize: kernel, padding: kernel / 2, key: Key(0))
    norm = try GroupNorm(groups: 4, channels: outputs)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("conv", &conv)
    visitor.field("norm", &norm)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try gelu(norm(conv(x))) }
}
