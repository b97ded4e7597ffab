// The optimisers of optim.h5: ten updates of a tree with a matrix, an absent leaf, a vector and a
// scalar, whose parameters move by them.
//
// Operands are the parameters, then for each its gradients, stacked. Results are the updates of each
// array, stacked, then the tensors of the state after the first update and after the last.

import Core
import Optim
import Tree

extension Catalogue {
  static let optimiserEntries: [String: Entry] = {
    let all = adamFamily.merging(otherOptimisers) { one, _ in one }
      .merging(transformations) { one, _ in one }
      .merging(wrapperRecipes) { one, _ in one }
    let simple = Dictionary(
      uniqueKeysWithValues: all.map { name, recipe in
        optaxEntry(name, recipe.keywords, 6...6) { p in
          let optimiser = try recipe.make(p)
          return { try tenUpdates(optimiser, $0) }
        }
      })
    return simple.merging(lookaheadEntries) { one, _ in one }
      .merging(searchEntries) { one, _ in one }
  }()

  private static let rates: Set = ["b1", "b2", "eps", "learning_rate"]

  private static var adamFamily: [String: OptimiserRecipe] {
    let root: Set = rates.union(["eps_root", "nesterov"])
    return [
      "adam": OptimiserRecipe(root) {
        try adam(
          $0.rate(), b1: $0.real("b1", 0.9), b2: $0.real("b2", 0.999), eps: $0.real("eps", 1e-8),
          epsRoot: $0.real("eps_root", 0), nesterov: $0.flag("nesterov", false))
      },
      "adamw": OptimiserRecipe(root.union(["weight_decay"])) {
        try adamw($0.rate(), weightDecay: $0.rate("weight_decay", 1e-4))
      },
      "nadam": OptimiserRecipe(["learning_rate"]) { try nadam($0.rate()) },
      "nadamw": OptimiserRecipe(["learning_rate", "weight_decay"]) {
        try nadamw($0.rate(), weightDecay: $0.rate("weight_decay", 1e-4))
      },
      "adamax": OptimiserRecipe(["learning_rate"]) { try adamax($0.rate()) },
      "adamaxw": OptimiserRecipe(["learning_rate", "weight_decay"]) {
        try adamaxw($0.rate(), weightDecay: $0.rate("weight_decay", 1e-4))
      },
      "amsgrad": OptimiserRecipe(["learning_rate"]) { try amsgrad($0.rate()) },
      "adabelief": OptimiserRecipe(["learning_rate"]) { try adabelief($0.rate()) },
      "adan": OptimiserRecipe(["learning_rate", "weight_decay"]) {
        try adan($0.rate(), weightDecay: $0.rate("weight_decay", 0))
      },
      "radam": OptimiserRecipe(["b2", "learning_rate", "threshold"]) {
        try radam($0.rate(), b2: $0.real("b2", 0.999), threshold: $0.real("threshold", 5))
      },
      "yogi": OptimiserRecipe(["learning_rate"]) { try yogi($0.rate()) },
      "novograd": OptimiserRecipe(["learning_rate"]) { try novograd($0.rate()) },
      "lamb": OptimiserRecipe(["learning_rate", "weight_decay"]) {
        try lamb($0.rate(), weightDecay: $0.rate("weight_decay", 0))
      },
      "warm_adam": OptimiserRecipe(["schedule"]) { try adam(.schedule($0.warmupCosine())) },
      "clipped_adamw": OptimiserRecipe(["learning_rate", "max_norm"]) {
        try chain(clipByGlobalNorm($0.real("max_norm", 1)), adamw($0.rate()))
      },
      "multi_steps": OptimiserRecipe(["every_k_schedule"]) {
        try multiSteps(adam(0.05), everyKSchedule: .constant($0.whole("every_k_schedule")))
      },
    ]
  }

  private static var otherOptimisers: [String: OptimiserRecipe] {
    [
      "sgd": OptimiserRecipe(["learning_rate", "momentum", "nesterov"]) {
        try sgd(
          $0.rate(), momentum: $0.number("momentum").map { Hyperparameter($0) },
          nesterov: $0.flag("nesterov", false))
      },
      "adadelta": OptimiserRecipe(["learning_rate", "rho", "weight_decay"]) {
        try adadelta(
          $0.rate(), rho: $0.real("rho", 0.9), weightDecay: $0.rate("weight_decay", 0))
      },
      "adagrad": OptimiserRecipe(["learning_rate"]) { try adagrad($0.rate()) },
      "fromage": OptimiserRecipe(["learning_rate"]) { try fromage($0.rate()) },
      "lars": OptimiserRecipe(["learning_rate", "momentum", "weight_decay"]) {
        try lars(
          $0.rate(), weightDecay: $0.rate("weight_decay", 0), momentum: $0.real("momentum", 0.9))
      },
      "lion": OptimiserRecipe(["learning_rate"]) { try lion($0.rate()) },
      "rmsprop": OptimiserRecipe(["centered", "decay", "learning_rate", "momentum"]) {
        try rmsprop(
          $0.rate(), decay: $0.real("decay", 0.9), centered: $0.flag("centered", false),
          momentum: $0.number("momentum").map { Hyperparameter($0) })
      },
      "sm3": OptimiserRecipe(["learning_rate", "momentum"]) {
        try sm3($0.rate(), momentum: $0.real("momentum", 0.9))
      },
    ]
  }

  private static var transformations: [String: OptimiserRecipe] {
    [
      "clip": OptimiserRecipe(["max_delta"]) { try clip($0.real("max_delta", 1)) },
      "clip_by_global_norm": OptimiserRecipe(["max_norm"]) {
        try clipByGlobalNorm($0.real("max_norm", 1))
      },
      "clip_by_block_rms": OptimiserRecipe(["threshold"]) {
        try clipByBlockRms($0.real("threshold", 1))
      },
      "adaptive_grad_clip": OptimiserRecipe(["clipping"]) {
        try adaptiveGradClip($0.real("clipping", 1))
      },
      "trace": OptimiserRecipe(["decay", "nesterov"]) {
        try trace(decay: $0.real("decay", 0.9), nesterov: $0.flag("nesterov", false))
      },
      "ema": OptimiserRecipe(["debias", "decay"]) {
        try ema($0.real("decay", 0.9), debias: $0.flag("debias", true))
      },
      "scale": OptimiserRecipe(["step_size"]) { try scale($0.real("step_size", 1)) },
      "add_decayed_weights": OptimiserRecipe(["weight_decay"]) {
        try addDecayedWeights($0.rate("weight_decay", 0))
      },
      "scale_by_adam": OptimiserRecipe([]) { _ in scaleByAdam() },
      "scale_by_trust_ratio": OptimiserRecipe([]) { _ in scaleByTrustRatio() },
      "scale_by_param_block_norm": OptimiserRecipe([]) { _ in scaleByParamBlockNorm() },
      "scale_by_param_block_rms": OptimiserRecipe([]) { _ in scaleByParamBlockRms() },
      "zero_nans": OptimiserRecipe([]) { _ in zeroNans() },
      "set_to_zero": OptimiserRecipe([]) { _ in setToZero() },
    ]
  }
}

/// The keywords of an optimiser and how it is made.
struct OptimiserRecipe: Sendable {
  typealias Make = @Sendable (KeywordParameters) throws -> any GradientTransformation

  let keywords: Set<String>
  let make: Make

  init(_ keywords: Set<String>, _ make: @escaping Make) {
    (self.keywords, self.make) = (keywords, make)
  }
}

extension KeywordParameters {
  func real(_ key: String, _ otherwise: Double) throws -> Hyperparameter {
    Hyperparameter(try number(key, otherwise))
  }

  func rate(
    _ key: String = "learning_rate", _ otherwise: Double = 0
  ) throws -> LearningRate {
    .constant(try number(key, otherwise))
  }

  /// The warm-up and cosine decay of the table `schedule`.
  func warmupCosine() throws -> Schedule {
    guard case .table(let args)? = args["schedule"] else {
      throw KeywordValue.wrong("schedule", "a table")
    }
    let p = KeywordParameters(args: args, dtype: nil)
    return try warmupCosineDecaySchedule(
      initValue: p.required("init_value"), peakValue: p.required("peak_value"),
      warmupSteps: p.whole("warmup_steps"), decaySteps: p.whole("decay_steps"),
      endValue: p.number("end_value", 0))
  }
}

/// Three arrays, a leaf that is absent, and one that is no array.
struct MixedTree: PyTree {
  var matrix: Tensor
  var absent: Tensor?
  var name = "mixed"
  var vector: Tensor
  var scalar: Tensor

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("matrix", &matrix)
    visitor.field("absent", &absent)
    visitor.field("name", &name)
    visitor.field("vector", &vector)
    visitor.field("scalar", &scalar)
  }
}

private func tenUpdates<O: GradientTransformation>(
  _ optimiser: O, _ x: [Tensor]
) throws -> [Tensor] {
  try tenUpdates(x, of: { $0 }, optimiser.initialise) { try optimiser.update($0, &$1, $2) }
}

/// The updates by every gradient of `x`, and the states after them, of the parameters that `start`
/// makes of a tree.
func tenUpdates<P: PyTree, State: PyTree>(
  _ x: [Tensor], of start: (MixedTree) -> P, _ initialise: (P) throws -> State,
  _ update: (LeafMap<MixedTree, Tensor?>, inout State, P) throws -> LeafMap<P, Tensor?>
) throws -> [Tensor] {
  let given = try StackedGradients(x)
  var parameters = start(given.start)
  var state = try initialise(parameters)
  var record = UpdateRecord(steps: given.steps)
  for step in 0..<given.steps {
    let updates = try update(given.gradient(step), &state, parameters)
    parameters = try applyUpdates(parameters, updates)
    record.add(updates.values, state)
  }
  return try record.results
}

/// The operands of a program of optim.h5.
private struct StackedGradients {
  /// The parameters.
  let start: MixedTree
  /// How many gradients there are of each.
  let steps: Int
  private let gradients: [Tensor]

  init(_ x: [Tensor]) throws {
    gradients = Array(x.dropFirst(3))
    start = MixedTree(matrix: x[0], vector: x[1], scalar: x[2])
    guard let steps = x[3].shape.first, steps > 0,
      zip(x.prefix(3), gradients).allSatisfy({ $1.shape == [steps] + $0.shape })
    else {
      throw TraceError.illTyped("gradients must be those of the parameters, stacked")
    }
    self.steps = steps
  }

  /// The gradients of one step.
  func gradient(_ step: Int) throws -> LeafMap<MixedTree, Tensor?> {
    var given = gradients[...]
    return try LeafMap(like: start) { $0.tensor == nil ? nil : try given.popFirst()?[step] }
  }
}

/// What the programs of optim.h5 give: all updates, and the states after the first and the last.
struct UpdateRecord {
  private let steps: Int
  private var moves: [[Tensor]] = []
  private var kept: [Tensor] = []

  init(steps: Int) { self.steps = steps }

  mutating func add(_ updates: [Tensor?], _ state: some PyTree) {
    moves.append(updates.compactMap { $0 })
    if moves.count == 1 || moves.count == steps { kept += state.leaves.compactMap(\.tensor) }
  }

  var results: [Tensor] {
    get throws {
      try (moves.first ?? []).indices.map { i in try stack(moves.map { $0[i] }) } + kept
    }
  }
}
