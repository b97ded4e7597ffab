// Lookahead: fast weights run ahead, slow weights follow every few steps.
//
// Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back", arXiv:1907.08610.
// Corresponds to optax/_src/lookahead.py.

public import Core
public import Tree

/// The two sets of parameters.
public struct LookaheadParams<T: PyTree>: PyTree {
  /// What gradients are taken of.
  public var fast: T
  /// What is kept.
  public var slow: T

  /// Both from the same start.
  public init(synced parameters: T) { (fast, slow) = (parameters, parameters) }

  /// Shows fast, slow.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("fast", &fast)
    visitor.field("slow", &slow)
  }
}

/// Every k steps: slow ← slow + α (fast − slow), fast ← slow; in between only fast moves.
///
/// It is no `GradientTransformation`, because it takes gradients of one tree and gives updates of two.
public struct Lookahead<Fast: GradientTransformation>: Sendable {
  let fast: Fast
  let syncPeriod: Int
  let slowStepSize: Hyperparameter
  let resetState: Bool

  /// The state of the fast optimiser.
  public struct State: PyTree {
    /// It.
    public var fastState: Fast.State
    /// i32[]
    public var stepsSinceSync = Tensor(0, .i32)

    /// Shows fast_state, steps_since_sync.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("fast_state", &fastState)
      visitor.field("steps_since_sync", &stepsSinceSync)
    }
  }

  /// The state of the fast optimiser for the fast parameters.
  /// - Throws: `OptimError.badArgument` for a period below 1.
  public func initialise<M: PyTree>(_ parameters: LookaheadParams<M>) throws -> State {
    guard syncPeriod >= 1 else {
      throw OptimError.badArgument(
        "the synchronisation period must be at least 1, got \(syncPeriod)")
    }
    return State(fastState: try fast.initialise(parameters.fast))
  }

  /// The updates of both sets for a gradient of the fast one.
  public func update<M: PyTree>(
    _ gradient: LeafMap<M, Tensor?>, _ state: inout State, _ parameters: LookaheadParams<M>
  ) throws -> LeafMap<LookaheadParams<M>, Tensor?> {
    let f = Updates(parametersOf: parameters.fast)
    let s = Updates(parametersOf: parameters.slow)
    let u = try fast.update(Updates(gradient), &state.fastState, f)
    let last = Tensor(constant: DoubleDouble(Double(syncPeriod - 1)), .i32)
    let syncs = try equal(state.stepsSinceSync, last)
    let lead = try f.where(u).zip(u, s.where(u)) { f, u, s in try f + u - s }
    let slowUpdates = try lead.map { d in try slowStepSize * syncs.asType(d.dtype) * d }
    let fastUpdates = try u.zip(lead) { u, d in
      try u - syncs.asType(d.dtype) * (1 - slowStepSize) * d
    }
    if resetState {
      let start = try fast.initialise(parameters.fast)
      state.fastState = try treeMap(state.fastState, start) { now, start in
        guard case .tensor(let now) = now, case .tensor(let start) = start else { return now }
        return .tensor(try `where`(syncs, start, now))
      }
    }
    let period = Tensor(constant: DoubleDouble(Double(syncPeriod)), .i32)
    state.stepsSinceSync = try rem(state.stepsSinceSync + Tensor(constant: 1, .i32), period)
    return try LeafMap(like: parameters, values: fastUpdates.values + slowUpdates.values)
  }
}

/// `fastOptimizer` with slow weights that follow every `syncPeriod` steps by `slowStepSize`.
public func lookahead<Fast: GradientTransformation>(
  _ fastOptimizer: Fast, syncPeriod: Int, slowStepSize: Hyperparameter, resetState: Bool = false
) -> Lookahead<Fast> {
  Lookahead(
    fast: fastOptimizer, syncPeriod: syncPeriod, slowStepSize: slowStepSize, resetState: resetState)
}
