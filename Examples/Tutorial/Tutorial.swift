// The article's notebook as one program: models are trees; filterJit and filterGrad; surgery; state that is
// passed along; a residual network that is trained, drawn, saved, restored and looked into. What it
// claims is checked, and throws if it does not hold. `assay tutorial` runs it; copy from here.

import Assay

/// Convolution, normalisation, activation. The activation is structure here, not a leaf.
struct Conv1dBlock: Module {
  var conv: Conv1d
  var norm: GroupNorm
  let activation: Activation

  init(_ inputs: Int, _ outputs: Int, activation: Activation = .gelu, key: Key) throws {
    conv = try Conv1d(inputs, outputs, kernelSize: 3, padding: 1, key: key)
    norm = try GroupNorm(groups: 4, channels: outputs)
    self.activation = activation
  }

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
struct ResNetMLP: Module {
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
  let x = try keys[0].normal([64, 8])
  let data = try Examples(x: x, y: sin(sum(x, axes: [1], keepDims: true)))
  page.section("environment") { page.fact("here", "\n" + environmentText()) }
  try modelsAreTrees(page, key: keys[1])
  try arraysAreCompiledAndDifferentiated(page, data, key: keys[1])
  try stateIsPassedAlong(page, data, key: keys[1])
  try aNetworkLearns(page, folder: folder, epochs: epochs, keys: keys)
  page.printTimes()
}

func modelsAreTrees(_ page: Notebook, key: Key) throws {
  try page.section("a module is a tree") {
    let linear = try Linear(3, 2, key: key)
    page.fact("leaves", treeFormat(linear))
    page.fact("structure", linear.treeDef)
    try page.claim("vmap takes a batch", vmap { try linear($0) }(ones([5, 3])).shape == [5, 2])
    let doubled = try treeAt(\.weight, in: linear, replaceFn: { try $0 * 2 })
    try page.claim("treeAt makes another tree", !treeEqual(doubled, linear))
    try page.claim("and keeps the other leaves", treeEqual(doubled.bias, linear.bias))
  }
  try page.section("static fields beside layers") {
    let block = try Conv1dBlock(4, 8, key: key)
    let other = try Conv1dBlock(4, 8, activation: .relu, key: key)
    page.fact("paths", block.leafPaths)
    page.fact("two signals", try vmap { try block($0) }(ones([2, 4, 16])).aval)
    try page.claim("another activation, another structure", block.treeDef != other.treeDef)
  }
}

func arraysAreCompiledAndDifferentiated(_ page: Notebook, _ data: Examples, key: Key) throws {
  let net = try Sequential([
    Linear(8, 32, key: key), Activation.relu, Dropout(0.25), Linear(32, 1, key: key.foldIn(1)),
  ])
  let forward = filterJit { (net: Sequential, x: Tensor, key: Key) in
    try vmap(x, key: key) { try net($0, key: $1) }
  }
  try page.section("an MLP with dropout under filterJit") {
    let (a, b) = try (forward(net, data.x, Key(2)), forward(net, data.x, Key(3)))
    try page.claim("the same key, the same mask", treeEqual(forward(net, data.x, Key(2)), a))
    try page.claim("another key, another mask", !treeEqual(a, b))
    try page.claim("three calls, traced once", forward.traceCount == 1)
  }
  try page.section("partition, a trainable filter, filterGrad") {
    let (arrays, rest) = partition(net, isArray)
    try page.claim("two halves are the whole", treeEqual(combine(arrays, rest), net))
    var trainable = LeafMap(like: net, repeating: false)
    trainable.fill(\.layers[3], with: true)
    let (head, body) = try partition(net, by: trainable)
    let gradient = filterGrad { (head: LeafMap<Sequential, Tensor?>) in
      let net = try combine(head.map { $0.map(Leaf.tensor) }, body)
      return try mean(square(forward(net, data.x, Key(2)) - data.y))
    }
    page.fact("gradient of the head", treeFormat(try gradient(head.map { $0?.tensor })))
  }
}

func stateIsPassedAlong(_ page: Notebook, _ data: Examples, key: Key) throws {
  try page.section("BatchNorm: the model, and its state beside it") {
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
  }
}

func aNetworkLearns(_ page: Notebook, folder: String, epochs: Int, keys: [Key]) throws {
  let data = try Examples.noisySine(training: 2048, validation: 512, key: keys[0])
  let steps = epochs * (data.training.count / 128)
  let schedule = try warmupCosineDecaySchedule(
    initValue: 0, peakValue: 3e-3, warmupSteps: max(1, steps / 10), decaySteps: steps,
    endValue: 1e-5)
  let optimiser = chain(clipByGlobalNorm(1), adam(.schedule(schedule)))
  let trainer = Trainer(optimiser, schedule: schedule) { (net: ResNetMLP, data) in
    try mean(square(vmap { try net($0) }(data.x) - data.y))
  }
  var run = try trainer.start(ResNetMLP(key: keys[1]), key: keys[2])
  try page.section("the jaxpr of a step") {
    let (batch, memory) = (try data.training.at(0..<128), run.optimiserState)
    let step = try trainer.trainStep.lower(run.model, run.state, memory, batch, keys[2])
    let counts = step.jaxpr.primitiveCounts
    page.fact("equations", counts.reduce(0) { $0 + $1.count })
    page.fact("most frequent", counts.prefix(8).map { "\($0.name) \($0.count)" })
  }
  try page.section("a residual network learns a noisy sine") {
    try trainer.train(
      &run, on: data.training, validation: data.validation, epochs: epochs, batchSize: 128
    ) { if $0.epoch % 10 == 1 || $0.epoch == epochs { page.fact("after", $0.history) } }
    let loss = run.history.validation[epochs - 1]
    try page.claim("what remains is its noise of 0.01", epochs < 30 || loss < 0.02)
  }
  try page.section("pictures and numbers") {
    let report = try RunReport(
      run.history, schedule: schedule, steps: steps, data: data.validation,
      truth: { try sin(2 * $0) }, model: { try run.model($0) })
    for line in try report.write(to: folder) { page.fact("written", line) }
  }
  try aModelComesBack(page, run.model, file: folder + "/model.eqx")
}

func aModelComesBack(_ page: Notebook, _ model: ResNetMLP, file: String) throws {
  try page.section("saved, a skeleton, restored") {
    try serialiseLeaves(model, to: file)
    let skeleton = try ResNetMLP(key: Key(999))
    try page.claim("a skeleton is another model", !treeEqual(skeleton, model))
    let restored = try deserialiseLeaves(from: file, like: skeleton)
    try page.claim("every bit comes back", treeBitwiseEqual(restored, model))
    let narrow = try ResNetMLP(width: 32, key: Key(999))
    try page.refusal("another width") { _ = try deserialiseLeaves(from: file, like: narrow) }
  }
}
