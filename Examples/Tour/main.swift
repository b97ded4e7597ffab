// From a Linear layer to BatchNorm, what a first notebook of Equinox does: a model is a tree; filterJit
// and filterGrad; surgery, and state that is passed along. Run it by `swift run -c release Tour`.

import Assay

/// An affine map; its two tensors are its leaves, and their shapes are stated as jaxtyping would.
struct Affine: ShapedModule {
  var weight: Tensor
  var bias: Tensor
  let shapes: KeyValuePairs = ["weight": ShapeAnnotation.float("out in"), "bias": .float("out")]

  init(_ inputs: Int, _ outputs: Int, key: Key) throws {
    let (weightKey, biasKey) = try key.split()
    let limit = 1 / Double(inputs).squareRoot()
    weight = try weightKey.uniform([outputs, inputs], from: -limit, to: limit)
    bias = try biasKey.uniform([outputs], from: -limit, to: limit)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try matmul(weight, x) + bias }
}

/// Convolution, normalisation, activation. The activation's name is structure, not a leaf.
struct Conv1dBlock: Module {
  var conv: Conv1d
  var norm: GroupNorm
  let activation: String

  init(_ inputs: Int, _ outputs: Int, activation: String = "gelu", key: Key) throws {
    conv = try Conv1d(inputs, outputs, kernelSize: 3, padding: 1, key: key)
    norm = try GroupNorm(groups: 4, channels: outputs)
    self.activation = activation
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("conv", &conv)
    visitor.field("norm", &norm)
    visitor.constant("activation", activation)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try activation == "gelu" ? gelu(norm(conv(x))) : relu(norm(conv(x)))
  }
}

/// Linear layers with dropout between them; the activation is a leaf that is not an array.
struct DropoutMLP: Module {
  var layers: [Linear]
  var dropout = Dropout(0.25)
  var activation = Activation.relu

  init(_ sizes: [Int], key: Key) throws {
    let keys = try key.split(sizes.count - 1)
    layers = try keys.indices.map { try Linear(sizes[$0], sizes[$0 + 1], key: keys[$0]) }
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layers", &layers)
    visitor.field("dropout", &dropout)
    visitor.field("activation", &activation)
  }

  func callAsFunction(_ x: Tensor, key: Key) throws -> Tensor {
    var x = x
    for (layer, key) in zip(layers.dropLast(), try key.split(layers.count)) {
      x = try dropout(activation(layer(x)), key: key)
    }
    return try layers[layers.count - 1](x)
  }
}

/// BatchNorm between two layers: its state goes in and out beside the model.
struct NormalisedNet: Module {
  var first: Linear
  var norm: BatchNorm
  var last: Linear

  init(key: Key) throws {
    let (firstKey, lastKey) = try key.split()
    first = try Linear(8, 16, key: firstKey)
    norm = try BatchNorm(16, axisName: "batch")
    last = try Linear(16, 1, key: lastKey)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("first", &first)
    visitor.field("norm", &norm)
    visitor.field("last", &last)
  }

  func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try last(relu(norm(first(x), state: &state)))
  }
}

func modelsAreTrees() throws {
  print(environmentText())
  let affine = try Affine(3, 2, key: Key(0))
  try affine.checkShapes()
  print("model:", treeFormat(affine))
  print("paths:", affine.leafPaths, "structure:", affine.treeDef)
  print("of a batch:", try vmap { try affine($0) }(ones([5, 3])).aval)
  let block = try Conv1dBlock(4, 8, key: Key(0))
  let other = try Conv1dBlock(4, 8, activation: "relu", key: Key(0))
  print("a block of a batch:", try vmap { try block($0) }(ones([2, 4, 16])).aval)
  print("another activation is another structure:", block.treeDef != other.treeDef)
}

func arraysAreCompiledAndDifferentiated(_ model: DropoutMLP) throws {
  let xs = try Key(1).normal([64, 8])
  let ys = try sin(sum(xs, axes: [1], keepDims: true))
  let forward = filterJit { (model: DropoutMLP, xs: Tensor, keys: Tensor) in
    try vmap { (row: [Tensor]) in [try model(row[0], key: Key(data: row[1]))] }([xs, keys])[0]
  }
  for seed in 2...3 { _ = try forward(model, xs, Key(seed).keys([64])) }
  print("traced once for two calls:", forward.traceCount == 1)
  let gradient = filterGrad { (model: DropoutMLP, xs: Tensor, ys: Tensor) in
    try mean(square(forward(model, xs, Key(2).keys([64])) - ys))
  }
  print("gradient:", treeFormat(try gradient(model, xs, ys), width: 60))
}

func treesAreSplitAndStateIsPassed(_ model: DropoutMLP) throws {
  let (arrays, rest) = partition(model, isArray)
  print("whole again:", try treeBitwiseEqual(combine(arrays, rest), model))
  var trainable = LeafMap(like: model, repeating: false)
  trainable.fill(\.layers[2], with: true)
  print("trainable:", trainable.values.count { $0 }, "of", trainable.values.count, "leaves")
  print("a leaf less:", try treeAt(\.layers[0].bias, in: model, replaceWith: nil).leaves.count)

  let (net, initial) = try makeWithState { try NormalisedNet(key: Key(4)) }
  let xs = try Key(5).normal([32, 8])
  var state = initial
  for _ in 0..<3 {
    _ = try vmap(xs, axisName: "batch", state: &state) { x, state in try net(x, state: &state) }
  }
  print("state after three steps:", treeFormat(state, width: 60))
  let before = state
  _ = try vmap(xs, state: &state) { x, state in try inferenceMode(net)(x, state: &state) }
  print("inference leaves it as it is:", try treeBitwiseEqual(state, before))
}

let model = try DropoutMLP([8, 32, 32, 1], key: Key(0))
try modelsAreTrees()
try arraysAreCompiledAndDifferentiated(model)
try treesAreSplitAndStateIsPassed(model)
