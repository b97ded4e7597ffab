// Runs: a trainer does what its parts do one by one, in the order that is stated.

import Core
import NN
import Optim
import Random
import TestSupport
import Testing
import Training
import Tree

/// A network with all that a run must thread: dropout, BatchNorm, an activation that is no array.
struct ThreadedNet: Module {
  var first: Linear
  var norm: BatchNorm
  var dropout = Dropout(0.25)
  var activation = Activation.relu
  var last: Linear

  init(width: Int = 8, key: Key) throws {
    let (firstKey, lastKey) = try key.split()
    first = try Linear(1, width, key: firstKey)
    norm = try BatchNorm(width, axisName: "batch")
    last = try Linear(width, 1, key: lastKey)
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("first", &first)
    visitor.field("norm", &norm)
    visitor.field("dropout", &dropout)
    visitor.field("activation", &activation)
    visitor.field("last", &last)
  }

  func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    try last(dropout(activation(norm(first(x), state: &state)), key: key))
  }
}

/// The trainer of such networks, and what it learns from.
struct Threaded {
  typealias Optimiser = Chain<ScaleByAdam, ScaleByLearningRate>
  let trainer: Trainer<ThreadedNet, Optimiser>
  let data: (training: Examples, validation: Examples)

  init(seed: Int) throws {
    let schedule = try warmupCosineDecaySchedule(
      initValue: 0, peakValue: 0.02, warmupSteps: 10, decaySteps: 60)
    trainer = Trainer(adam(.schedule(schedule)), schedule: schedule) { net, batch, key, state in
      try mean(square(Threaded.answers(net, batch.x, key, &state) - batch.y))
    }
    data = try Examples.noisySine(training: 50, validation: 20, key: Key(seed))
  }

  static func answers(
    _ net: ThreadedNet, _ x: Tensor, _ key: Key?, _ state: inout State
  ) throws -> Tensor {
    guard let key else {
      return try vmap(x, axisName: "batch", state: &state) { try net($0, key: nil, state: &$1) }
    }
    return try vmap(x, key: key, axisName: "batch", state: &state) {
      try net($0, key: $1, state: &$2)
    }
  }

  func start(seed: Int) throws -> Trainer<ThreadedNet, Optimiser>.Run {
    let (net, state) = try makeWithState { try ThreadedNet(key: Key(seed)) }
    return try trainer.start(net, state: state, key: Key(seed + 1))
  }
}

@Suite struct TrainerTests {
  @Test func `a step is loss, gradient, update, new parameters, and the state moves on`() throws {
    let threaded = try Threaded(seed: 1)
    let (trainer, data) = (threaded.trainer, threaded.data.training)
    var run = try threaded.start(seed: 5)
    let batch = try data.at(0..<10)
    var loss = 0.0
    for step in 0..<3 {
      let (before, key) = (run, try Key(9).foldIn(step))
      loss = try trainer.step(&run, batch, key: key)

      var state = before.state
      let gradient = filterValueAndGrad(hasAux: { (net: ThreadedNet, state: State) in
        var state = state
        let y = try Threaded.answers(net, batch.x, key, &state)
        return (try mean(square(y - batch.y)), state)
      })
      let (value, aux, grads) = try gradient(before.model, state)
      state = aux
      var memory = before.optimiserState
      let updates = try trainer.optimiser.update(grads, &memory, before.model)
      #expect(try value.item == loss)
      #expect(try treeBitwiseEqual(run.model, applyUpdates(before.model, updates)))
      #expect(try treeBitwiseEqual(run.state, state))
      #expect(try treeBitwiseEqual(run.optimiserState, memory))
      #expect(try !treeBitwiseEqual(before.state, run.state))
      #expect(run.step == step + 1)
    }
    #expect(trainer.trainStep.traceCount == 1)
  }

  @Test func `an epoch is its batches in order, each with its key`() throws {
    let threaded = try Threaded(seed: 2)
    var (run, other) = (try threaded.start(seed: 6), try threaded.start(seed: 6))
    for number in 0..<2 {
      let loss = try threaded.trainer.epoch(&run, on: threaded.data.training, batchSize: 16)
      let epoch = try Epoch(
        threaded.data.training, batchSize: 16, key: other.key.foldIn(number))
      let losses = try (0..<epoch.count).map { i in
        let (batch, key) = try epoch.batch(i)
        return try threaded.trainer.step(&other, batch, key: key)
      }
      #expect(losses.count == 3)
      #expect(loss == losses.reduce(0, +) / 3)
      #expect(try treeBitwiseEqual(run.model, other.model))
    }
    #expect(run.epoch == 2 && run.step == 6)
  }

  @Test func `training records losses and rates, and learns`() throws {
    let threaded = try Threaded(seed: 3)
    var run = try threaded.start(seed: 7)
    var seen: [Int] = []
    try threaded.trainer.train(
      &run, on: threaded.data.training, validation: threaded.data.validation, epochs: 8,
      batchSize: 10
    ) { seen.append($0.epoch) }
    #expect(seen == Array(1...8))
    #expect(run.history.count == 8 && run.history.validation.count == 8)
    // Five steps each, from update 0: up to step 10, then down.
    let schedule = try #require(threaded.trainer.schedule)
    let rates = try (0..<8).map { try schedule(Tensor(Double($0 * 5), .i32)).item }
    #expect(run.history.learningRate == rates)
    #expect(rates[0] == 0 && rates[1] < rates[2] && rates[2] > rates[7])
    #expect(run.history.training[7] < run.history.training[0])
    let last = try threaded.trainer.evaluate(run.model, run.state, threaded.data.validation)
    #expect(try last.item == run.history.validation[7])
    #expect(threaded.trainer.trainStep.traceCount == 1)
    #expect(threaded.trainer.evaluate.traceCount == 1)
  }

  @Test func `evaluation is inference: no mask, no batch statistics, no change of state`() throws {
    let threaded = try Threaded(seed: 4)
    var run = try threaded.start(seed: 8)
    try threaded.trainer.epoch(&run, on: threaded.data.training, batchSize: 10)
    let whole = try threaded.trainer.evaluate(run.model, run.state, threaded.data.validation).item
    // The mean over single examples is the mean over all only if none sees the others; halves of
    // equal size, so that dividing by 2 is exact and one sum more is all that rounding may do.
    let halves = try [0..<10, 10..<20].map {
      try threaded.trainer.evaluate(run.model, run.state, threaded.data.validation.at($0)).item
    }
    // Sums of 20 and of 10 squares in any order: γ₁₉ + γ₉ and the roundings of the means, in ulps of f32.
    let bound = Double(19 + 9 + 3) * 0x1p-24 * whole * 1.001
    #expect(abs((halves[0] + halves[1]) / 2 - whole) <= bound)
  }
}
