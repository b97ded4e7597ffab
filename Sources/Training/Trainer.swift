// Steps, epochs and runs: what a training does, and in which order it draws its random numbers.
//
// A step is one jitted program: loss and gradient, update, new parameters. Only floating-point tensors
// are trained. Epoch e takes the key fold_in(run.key, e); `Epoch` says what becomes of it. A run that
// meets a number that is none stops before that step and says which equation made it.

public import Core
public import NN
public import Optim
public import Random
public import Tree

/// An optimiser and a loss, compiled to a step and an evaluation.
public struct Trainer<Model: PyTree, Optimiser: GradientTransformation>: Sendable {
  /// A training of this model by this optimiser.
  public typealias Run = TrainingRun<Model, Optimiser.State>
  /// The loss of a batch; the key is nil when the model is only evaluated.
  public typealias Loss = @Sendable (Model, Examples, Key?, inout State) throws -> Tensor
  /// Model, state, optimiser's state, batch and key → loss, model, state, optimiser's state.
  public typealias Step = FilterJitted<
    Model, State, Optimiser.State, Examples, Key, Tuple<Tensor, Model, State, Optimiser.State>
  >

  /// What turns gradients into updates.
  public let optimiser: Optimiser
  /// The rate that the optimiser follows, if the history is to have it.
  public let schedule: Schedule?
  /// The step, jitted.
  public let trainStep: Step
  /// The loss in inference mode, jitted; the state is read and left as it is.
  public let evaluate: FilterJitted<Model, State, Examples, Tensor>

  /// A trainer for models that draw random numbers or have a state.
  public init(_ optimiser: Optimiser, schedule: Schedule? = nil, loss: @escaping Loss) {
    self.optimiser = optimiser
    self.schedule = schedule
    trainStep = filterJit { model, state, memory, batch, key in
      let gradient = filterValueAndGrad(hasAux: { (model: Model, state: State) in
        var state = state
        return (try loss(model, batch, key, &state), state)
      })
      let (value, newState, grads) = try gradient(model, state)
      var memory = memory
      let updates = try optimiser.update(grads, &memory, model)
      return Tuple(value, try applyUpdates(model, updates), newState, memory)
    }
    evaluate = filterJit { model, state, examples in
      var state = state
      return try loss(inferenceMode(model), examples, nil, &state)
    }
  }

  /// A trainer for models that are functions of their input alone.
  public init(
    _ optimiser: Optimiser, schedule: Schedule? = nil,
    loss: @escaping @Sendable (Model, Examples) throws -> Tensor
  ) {
    self.init(optimiser, schedule: schedule) { model, batch, _, _ in try loss(model, batch) }
  }

  /// A run that has not begun.
  public func start(_ model: Model, state: State = State(), key: Key) throws -> Run {
    Run(model: model, state: state, optimiserState: try optimiser.initialise(model), key: key)
  }

  /// One step; returns the loss before it.
  /// - Throws: `TrainingError.nonFinite` for a loss or a parameter that is no number; the run is then as
  ///   it was.
  @discardableResult
  public func step(_ run: inout Run, _ batch: Examples, key: Key) throws -> Double {
    let result = try trainStep(run.model, run.state, run.optimiserState, batch, key).elements
    if let fault = nonFiniteOutput(loss: result.0, of: result.1, was: run.model) {
      throw TrainingError.nonFinite(try explain(fault, run, batch, key))
    }
    (run.model, run.state, run.optimiserState) = (result.1, result.2, result.3)
    run.step += 1
    return try result.0.item
  }

  /// One epoch; returns the mean loss of its batches.
  @discardableResult
  public func epoch(
    _ run: inout Run, on examples: Examples, batchSize: Int,
    afterStep: (_ step: Int, _ loss: Double) throws -> Void = { _, _ in }
  ) throws -> Double {
    let epoch = try Epoch(examples, batchSize: batchSize, key: run.key.foldIn(run.epoch))
    var total = 0.0
    for index in 0..<epoch.count {
      let (batch, key) = try epoch.batch(index)
      let loss = try step(&run, batch, key: key)
      total += loss
      try afterStep(run.step, loss)
    }
    run.epoch += 1
    return total / Double(epoch.count)
  }

  /// Goes on until `epochs` epochs are over, those of an earlier run included.
  ///
  /// A bar shows the way on a terminal; `afterEpoch` is told each epoch, to print or to save.
  public func train(
    _ run: inout Run, on examples: Examples, validation: Examples, epochs: Int, batchSize: Int,
    afterEpoch: (Run) throws -> Void = { _ in }
  ) throws {
    var bar = ProgressBar(total: epochs)
    defer { bar.clear() }
    while run.epoch < epochs {
      let rate = try schedule.map { try $0(Tensor(Double(run.step), .i32)).item }
      let done = run.epoch
      let loss = try epoch(&run, on: examples, batchSize: batchSize) { step, loss in
        bar.show(done, "step \(step), loss \(loss)")
      }
      run.history.training.append(loss)
      run.history.validation.append(try evaluate(run.model, run.state, validation).item)
      if let rate { run.history.learningRate.append(rate) }
      try afterEpoch(run)
    }
  }

  /// As above, with training and validation set side by side, as they are drawn.
  public func train(
    _ run: inout Run, on data: (training: Examples, validation: Examples), epochs: Int,
    batchSize: Int, afterEpoch: (Run) throws -> Void = { _ in }
  ) throws {
    try train(
      &run, on: data.training, validation: data.validation, epochs: epochs, batchSize: batchSize,
      afterEpoch: afterEpoch)
  }
}
