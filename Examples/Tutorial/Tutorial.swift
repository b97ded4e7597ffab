// The article's notebook as one program: models are trees; filterJit and filterGrad; surgery; state that is
// passed along; a residual network that is trained, drawn, saved, restored and looked into. What it
// claims is checked, and throws if it does not hold. `assay tutorial` runs it; copy from here.

import Assay

/// Convolution, normalisation, activation. The activation is structure here, not a leaf.
struct Conv1dBlock: Module {
  var conv: Conv1d
  var norm: GroupNorm
  var activation = Activation.gelu

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("conv", &conv)
    visitor.field("norm", &norm)
    visitor.constant("activation", activation)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try activation(norm(conv(x))) }
}

/// x + linear2(gelu(linear1(norm(x))))
struct ResidualBlock: Module {
  var norm: LayerNorm
  var linear1: Linear
  var linear2: Linear

  init(_ width: Int, key: Key) throws {
    let (key1, key2) = try key.split()
    norm = try LayerNorm(width)
    linear1 = try Linear(width, width, key: key1)
    linear2 = try Linear(width, width, key: key2)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("norm", &norm)
    visitor.field("linear1", &linear1)
    visitor.field("linear2", &linear2)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try x + linear2(gelu(linear1(norm(x)))) }
}

/// Residual blocks between two linear layers.
struct ResNetMLP: PlainLayer {
  var embed: Linear
  var blocks: [ResidualBlock]
  var readout: Linear

  init(width: Int = 64, depth: Int = 4, key: Key) throws {
    let keys = try key.split(depth + 2)
    embed = try Linear(1, width, key: keys[0])
    blocks = try keys.dropFirst(2).map { try ResidualBlock(width, key: $0) }
    readout = try Linear(width, 1, key: keys[1])
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

/// All sections, which train for `epochs` from `seed` and leave their files in `folder`.
public func runTutorial(folder: String, epochs: Int = 60, seed: Int = 0) throws {
  let page = Notebook()
  let keys = try Key(seed).split(3)
  let data = try Examples(keys[0].normal([64, 8])) { try sin(sum($0, axes: [1], keepDims: true)) }
  page.environment()
  try modelsAreTrees(page, key: keys[1])
  try arraysAreCompiledAndDifferentiated(page, data, key: keys[1])
  try stateIsPassedAlong(page, data, key: keys[1])
  try aNetworkLearns(page, folder: folder, epochs: epochs, keys: keys)
  page.end()
}

func modelsAreTrees(_ page: Notebook, key: Key) throws {
  page.section("a module is a tree")
  let (linear, x) = (try Linear(3, 2, key: key), try arange(3, .f32))
  page.fact("structure", linear.treeDef)
  page.fact("leaves", treeFormat(linear))
  try page.claim("they are all of it", treeEqual(linear.unflatten(linear.leaves), linear))
  let affine = try linear.bias.map { try matmul(linear.weight, x) + $0 }
  try page.claim("it computes W x + b", treeEqual(linear(x), affine))
  try page.claim("vmap takes a batch", vmap { try linear($0) }(ones([5, 3])).shape == [5, 2])
  let doubled = try treeAt(\.weight, in: linear, replaceFn: { try $0 * 2 })
  try page.claim("treeAt makes another tree", !treeEqual(doubled, linear))
  try page.claim("with twice the weights", treeEqual(doubled.weight, 2 * linear.weight))
  try page.claim("and the other leaves as they were", treeEqual(doubled.bias, linear.bias))

  page.section("static fields beside layers")
  let conv = try Conv1d(4, 8, kernelSize: 3, padding: 1, key: key)
  let block = try Conv1dBlock(conv: conv, norm: GroupNorm(groups: 4, channels: 8))
  let other = Conv1dBlock(conv: block.conv, norm: block.norm, activation: .relu)
  page.fact("paths", block.leafPaths)
  try page.claim("two come out", vmap { try block($0) }(ones([2, 4, 16])).shape == [2, 8, 16])
  try page.claim("another activation, another structure", block.treeDef != other.treeDef)
}

func arraysAreCompiledAndDifferentiated(_ page: Notebook, _ data: Examples, key: Key) throws {
  page.section("an MLP with dropout under filterJit")
  let net = try Sequential([
    Linear(8, 32, key: key), Activation.relu, Dropout(0.25), Linear(32, 1, key: key.foldIn(1)),
  ])
  let forward = filterJit { (net: Sequential, key: Key) in
    try vmap(data.x, key: key) { try net($0, key: $1) }
  }
  let (a, b) = try (forward(net, Key(2)), forward(net, Key(3)))
  page.fact("two masks are apart by", try mean(abs(a - b)))
  try page.claim("the same key, the same mask", treeEqual(forward(net, Key(2)), a))
  try page.claim("another key, another mask", !treeEqual(a, b))
  try page.claim("three calls, traced once", forward.traceCount == 1)
  let still = inferenceMode(net)
  try page.claim("inference has none", treeEqual(forward(still, Key(2)), forward(still, Key(3))))

  page.section("filterGrad, partition, a trainable filter")
  let loss = { @Sendable (net: Sequential) in try mean(square(forward(net, Key(2)) - data.y)) }
  let (value, whole) = try filterValueAndGrad(loss)(net)
  page.fact("loss", value)
  try page.claim("numbers have a gradient", whole.hasValue() == net.leaves.map(isInexactArray))
  let (arrays, rest) = partition(net, isArray)
  try page.claim("two halves are the whole", treeEqual(combine(arrays, rest), net))
  let trainable = LeafMap(like: net, only: \.layers[3])
  let (head, frozen) = try partition(net, by: trainable)
  page.fact("trained", "\(head.parameterCount) of \(net.parameterCount) parameters")
  let gradient = try filterGrad { head in try loss(combine(head, frozen)) }(head)
  page.fact("gradient", treeFormat(gradient))
  try page.claim("frozen leaves have none", gradient.hasValue() == trainable.values)
}

func stateIsPassedAlong(_ page: Notebook, _ data: Examples, key: Key) throws {
  page.section("BatchNorm: the model, and its state beside it")
  let (net, before) = try makeWithState {
    try Sequential([
      Linear(8, 32, key: key), BatchNorm(32, axisName: "batch"), Activation.relu,
      Linear(32, 32, key: key.foldIn(1)), BatchNorm(32, axisName: "batch"), Activation.relu,
      Linear(32, 1, key: key.foldIn(2)),
    ])
  }
  let trainer = Trainer(adam(1e-2)) { (net: Sequential, data, _, state) in
    let y = try vmap(data.x, axisName: "batch", state: &state) { try net($0, state: &$1) }
    return try mean(square(y - data.y))
  }
  var run = try trainer.start(net, state: before, key: key)
  let losses = try (0..<200).map { _ in try trainer.step(&run, data, key: key) }
  page.fact("loss at step 1 and 200", (losses[0], losses[199]))
  page.fact("state", run.state)
  try page.claim("training moves the state", !treeEqual(run.state, before))
  let still = inferenceMode(run.model)
  var state = run.state
  _ = try vmap(data.x, axisName: "batch", state: &state) { try still($0, state: &$1) }
  try page.claim("inference leaves it alone", treeBitwiseEqual(state, run.state))
}

func aNetworkLearns(_ page: Notebook, folder: String, epochs: Int, keys: [Key]) throws {
  page.section("a residual network and its optimiser")
  let data = try Examples.noisySine(training: 2048, validation: 512, key: keys[0])
  let (steps, warmup) = (epochs * 16, max(1, epochs * 16 / 10))
  let schedule = try warmupCosineDecaySchedule(
    initValue: 0, peakValue: 3e-3, warmupSteps: warmup, decaySteps: steps, endValue: 1e-5)
  let optimiser = chain(clipByGlobalNorm(1), adam(.schedule(schedule)))
  let trainer = Trainer(optimiser, schedule: schedule) { (net: ResNetMLP, data) in
    try mean(square(vmap { try net($0) }(data.x) - data.y))
  }
  var run = try trainer.start(ResNetMLP(key: keys[1]), key: keys[2])
  page.fact("run", run)
  page.fact("rates", try [0, warmup, steps].map { try schedule($0).item })
  page.fact("loss", try trainer.evaluate(run.model, run.state, data.validation))

  page.section("it learns a noisy sine")
  try trainer.train(&run, on: data, epochs: epochs, batchSize: 128) { page.epoch($0.history) }
  let last = run.history.validation.last ?? .infinity
  try page.claim("what remains is its noise of 0.01", epochs < 30 || last < 0.02)

  page.section("pictures and numbers")
  let report = try trainer.report(run, on: data.validation) { try sin(2 * $0) }
  for line in try report.write(to: folder) { page.fact("written", line) }

  page.section("saved, a skeleton, restored")
  let file = folder + "/model.eqx"
  try serialiseLeaves(run.model, to: file)
  try page.file(file)
  let skeleton = try ResNetMLP(key: Key(999))
  try page.claim("a skeleton is another model", !treeEqual(skeleton, run.model))
  let restored = try deserialiseLeaves(from: file, like: skeleton)
  try page.claim("every bit comes back", treeBitwiseEqual(restored, run.model))
  let loss = try trainer.evaluate(restored, run.state, data.validation).item
  try page.claim("and the last loss of the history", loss == last)
  let narrow = try ResNetMLP(width: 32, key: Key(999))
  try page.refusal("another width") { _ = try deserialiseLeaves(from: file, like: narrow) }

  page.section("the jaxpr of a step")
  let step = try trainer.program(of: run, on: data.training.at(0..<128))
  try page.program(step, to: folder + "/train_step.jaxpr.txt")
}
