// A training run from nothing but its seed: data, initial weights, orders, keys, and the step that goes
// on from there.
//
// seed → (data, model, training); data → noisy sines; model → initial weights; training, folded with
// the number of an epoch, → the order of the epoch and the keys of its batches. docs/Fixtures.md,
// trajectory.h5, states it for both sides. The numbers are drawn in f32; a run in f64 starts from the
// same ones, widened.

public import Core
import NN
import Optim
public import Oracle
import Random
public import Training
import Tree

/// What a run starts from and is fed, and its step as a program.
public struct TrainingProgram: Sendable {
  /// The hyperparameters.
  public let parameters: TrainingParameters
  /// f32 or f64.
  public let dtype: DType
  /// The noisy sines to learn, as drawn.
  public let training: Examples
  /// Those that the last model predicts.
  public let validation: Examples
  /// The order of each epoch.
  public let orders: [Tensor]
  /// The words of each example's key, `u32[batch, 2]`, for each step.
  public let keys: [Tensor]
  /// One step, with the predictions for `validation` by the weights after it.
  public let program: IteratedProgram
  /// The step as users write it, for the comparison of programs: no predictions.
  public let trainStep: Jaxpr

  /// The run of `parameters` in `dtype`.
  ///
  /// Another implementation has another sine: `targets`, `f32[train, 1]`, are its own, if its run is to
  /// be compared with the truth.
  public init(
    _ name: String, _ parameters: TrainingParameters, dtype: DType = .f32,
    targets: Buffer? = nil, change: TrainingChange = .none
  ) throws {
    let parts = try Key(parameters.seed).split(3)
    (self.parameters, self.dtype) = (parameters, dtype)
    let drawn = try Examples.noisySine(
      training: parameters.train, validation: parameters.validation, key: parts[0])
    training = try Examples(x: drawn.training.x, y: targets.map { Tensor($0) } ?? drawn.training.y)
    validation = drawn.validation
    let epochs = try (0..<parameters.epochs).map { [training] epoch in
      try Epoch(training, batchSize: parameters.batch, key: parts[2].foldIn(epoch))
    }
    orders = epochs.map(\.order)
    let batches = try epochs.flatMap { epoch in
      try (0..<epoch.count).map { try epoch.batch($0) }
    }
    keys = try batches.map { try $0.key.keys([parameters.batch]) }
    let queries = try validation.x.asType(dtype)
    let setting = Setting(
      name: name, parameters: parameters, dtype: dtype, change: change, queries: queries,
      batches: try batches.map { examples, key in
        Batch(
          x: try examples.x.asType(dtype), y: try examples.y.asType(dtype),
          key: try change.key(key))
      })
    (program, trainStep) =
      switch parameters.model {
      case .resnet:
        try setting.staged(
          makeWithState {
            try ResNetMLP(1, parameters.width, 1, depth: parameters.depth, key: parts[1])
          })
      case .batchnorm:
        try setting.staged(
          makeWithState {
            try NormNet(
              1, parameters.width, 1, parameters, dtype, dropoutFactor: change.dropout,
              key: parts[1])
          })
      }
  }
}

/// What one step reads besides the state.
private struct Batch {
  let x, y: Tensor
  let key: Key

  var examples: Examples { get throws { try Examples(x: x, y: y) } }
}

/// Everything about a run but its network.
private struct Setting {
  let name: String
  let parameters: TrainingParameters
  let dtype: DType
  let change: TrainingChange
  let queries: Tensor
  let batches: [Batch]

  /// The step of a network, whatever its optimiser.
  func staged<M: Network>(_ made: (M, State)) throws -> (IteratedProgram, Jaxpr) {
    let (p, rate) = (parameters, try schedule())
    let (model, state) = try (widened(made.0), widened(made.1))
    let b2 = Hyperparameter.constant(change.b2)
    let eps: (Hyperparameter, root: Hyperparameter) =
      change.putsEpsilonInside ? (0, root: 1e-8) : (1e-8, root: 0)
    let adam = adam(.schedule(rate), b2: b2, eps: eps.0, epsRoot: eps.root)
    let decay = LearningRate.constant(p.weightDecay)
    switch p.optimiser {
    case .adam: return try clipped(model, state, adam)
    case .adamw where change.couplesDecay:
      return try clipped(model, state, chain(addDecayedWeights(decay), adam))
    case .adamw:
      let rule = adamw(
        .schedule(rate), b2: b2, eps: eps.0, epsRoot: eps.root, weightDecay: decay)
      return try clipped(model, state, rule)
    }
  }

  private func clipped<M: Network, O: GradientTransformation>(
    _ model: M, _ state: State, _ rule: O
  ) throws -> (IteratedProgram, Jaxpr) {
    guard change.wrapsOptimiser else {
      return try staged(model, state, chain(clipByGlobalNorm(1), rule))
    }
    let wrong = chain(
      scale(.constant(change.gradient)), clipByGlobalNorm(1), rule,
      scaleBySchedule(change.miscorrection), scale(.constant(change.factor)))
    return try staged(model, state, wrong)
  }

  private func staged<M: Network, O: GradientTransformation>(
    _ model: M, _ state: State, _ optimiser: O
  ) throws -> (IteratedProgram, Jaxpr) {
    let trainer = Trainer<M, O>(optimiser) { model, batch, key, state in
      let predicted = try predictions(model, batch.x, key, &state)
      return try mean(integerPow(predicted - batch.y, 2))
    }
    let run = Running(
      model: model, state: state, memory: try optimiser.initialise(model))
    let queries = queries
    let step = filterMakeJaxpr { (run: Running<M, O.State>, batch: Examples, key: Key) in
      let (loss, model, state, memory) = try trainer.trainStep(
        run.model, run.state, run.memory, batch, key
      ).elements
      var read = state
      let predicted = try predictions(inferenceMode(model), queries, nil, &read)
      return Tuple(Running(model: model, state: state, memory: memory), loss, predicted)
    }
    let first = batches[0]
    let jaxpr = try step(run, try first.examples, first.key)
    let bare = try trainer.trainStep.lower(
      run.model, run.state, run.memory, try first.examples, first.key
    ).jaxpr
    return (try iterated(jaxpr, run), bare)
  }

  private func iterated<M: Network, O: PyTree>(
    _ step: Jaxpr, _ run: Running<M, O>
  ) throws -> IteratedProgram {
    func tensors<T: PyTree>(_ tree: T) -> [Tensor] { tree.leaves.compactMap(\.tensor) }
    let (weights, state) = (tensors(run.model).count, tensors(run.state).count)
    let all = tensors(run)
    var groups = [
      IteratedProgram.Group("weights", Array(0..<weights)),
      IteratedProgram.Group("loss", [all.count]),
      IteratedProgram.Group("predictions", [all.count + 1]),
    ]
    let statistics = (weights..<weights + state).filter { all[$0].dtype.isInexact }
    if !statistics.isEmpty { groups.append(IteratedProgram.Group("statistics", statistics)) }
    let moments = (weights + state..<all.count).filter { all[$0].dtype.isInexact }
    groups.append(IteratedProgram.Group("moments", moments))
    return try IteratedProgram(
      name, step: step, start: all.map { try $0.buffer },
      data: batches.map { try [$0.x, $0.y, $0.key.data].map { try $0.buffer } }, groups: groups)
  }

  /// The rate is an f32 number in an f64 program too, as in Optax (docs/Divergences.md, DV-62).
  private func schedule() throws -> Schedule {
    let p = parameters
    return try warmupCosineDecaySchedule(
      initValue: 0, peakValue: p.peak, warmupSteps: p.warmup, decaySteps: p.steps,
      endValue: p.end
    ).inSinglePrecision
  }

  private func widened<T: PyTree>(_ tree: T) throws -> T {
    guard dtype == .f64 else { return tree }
    return try tree.unflatten(
      tree.leaves.map { leaf in
        guard let tensor = leaf.tensor, tensor.dtype == .f32 else { return leaf }
        return .tensor(try tensor.asType(.f64))
      })
  }
}

/// All that a step changes.
private struct Running<M: PyTree, O: PyTree>: PyTree {
  var model: M
  var state: State
  var memory: O

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("model", &model)
    visitor.field("state", &state)
    visitor.field("memory", &memory)
  }
}

/// The model on a batch, with a key per example out of `key`, or any keys where nothing is drawn.
private func predictions<M: Network>(
  _ model: M, _ x: Tensor, _ key: Key?, _ state: inout State
) throws -> Tensor {
  let keys = try key?.keys([x.shape[0]]) ?? zeros([x.shape[0], 2], .u32)
  return try vmap([x, keys], axisName: "batch", state: &state) { xs, state in
    [try model(xs[0], key: Key(data: xs[1]), state: &state)]
  }[0]
}
