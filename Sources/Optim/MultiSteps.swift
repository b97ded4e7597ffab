// One update from the gradients of several mini-batches.
//
// Between updates the parameters stay: the update is zero. The mean is Welford's:
// a ← a + (g − a) / (n + 1). Rule OX-08. Corresponds to optax/transforms/_accumulation.py.

public import Core
public import Tree

/// How many gradients make one update.
public enum EveryK: Sendable, ExpressibleByIntegerLiteral {
  case constant(Int)
  /// i32[] of the number of updates so far.
  case schedule(@Sendable (Tensor) throws -> Tensor)

  /// The same number always.
  public init(integerLiteral value: Int) { self = .constant(value) }

  func callAsFunction(_ step: Tensor) throws -> Tensor {
    switch self {
    case .constant(let k): Tensor(constant: DoubleDouble(Double(k)), .i32)
    case .schedule(let k): try k(step)
    }
  }
}

/// How what was accumulated is dropped after an update, and an update withheld (divergence DV-51).
public enum Withholding: Sendable, Hashable, CaseIterable {
  /// Zeros take its place.
  case byChoice
  /// It is multiplied by 0, as in Optax 0.2.8: NaN and infinities become NaN, and stay for ever.
  case byProduct
}

/// Whether a mini-batch is left out, and what it was judged by.
public typealias ShouldSkipUpdate =
  @Sendable (
    _ updates: Updates, _ gradientStep: Tensor, _ parameters: Updates?
  ) throws -> (skips: Tensor, record: [String: Tensor])

/// `inner` for the mean, or the sum, of every k gradients.
public struct MultiSteps<Inner: GradientTransformation>: ObjectiveTransformation {
  let inner: Inner
  let everyKSchedule: EveryK
  let useGradMean: Bool
  let shouldSkipUpdateFn: ShouldSkipUpdate?
  let accumulatorDtype: DType?
  let withholding: Withholding

  /// What was accumulated, and the inner state.
  public struct State: PyTree {
    /// i32[]: gradients since the last update.
    public var miniStep = Tensor(0, .i32)
    /// i32[]: updates so far.
    public var gradientStep = Tensor(0, .i32)
    /// The inner state.
    public var innerOptState: Inner.State
    /// The mean or sum so far.
    public var accGrads: Updates
    /// What the last mini-batch was judged by.
    public var skipState: [String: Tensor]

    /// Shows mini_step, gradient_step, inner_opt_state, acc_grads, skip_state.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("mini_step", &miniStep)
      visitor.field("gradient_step", &gradientStep)
      visitor.field("inner_opt_state", &innerOptState)
      visitor.field("acc_grads", &accGrads)
      visitor.field("skip_state", &skipState)
    }
  }

  /// Nothing accumulated.
  public func initialise(_ parameters: Updates) throws -> State {
    let zero = Tensor(0, .i32)
    return State(
      innerOptState: try inner.initialise(parameters),
      accGrads: try parameters.zeros(accumulatorDtype),
      skipState: try shouldSkipUpdateFn?(parameters.zeros(), zero, parameters).record ?? [:])
  }

  /// Zeros, and after every k gradients the inner update for their mean.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    let k = try everyKSchedule(state.gradientStep)
    let n = state.miniStep
    let emits = try equal(n, k - Tensor(constant: 1, .i32))
    let accumulated = try state.accGrads.zip(updates) { a, g in
      try useGradMean ? a + (g - a) / (n + Tensor(constant: 1, .i32)).asType(g.dtype) : g + a
    }
    var innerState = state.innerOptState
    let own = try inner.update(
      accumulated.cast(like: updates), &innerState, parameters, objective)
    let next = State(
      miniStep: try rem(incremented(n), k),
      gradientStep: try `where`(emits, incremented(state.gradientStep), state.gradientStep),
      innerOptState: try choose(emits, innerState, state.innerOptState),
      accGrads: try withheld(accumulated, where: emits).cast(to: accumulatorDtype),
      skipState: state.skipState)
    let emitted = try withheld(own, where: logicalNot(emits))
    guard let shouldSkipUpdateFn else {
      state = next
      return emitted
    }
    let (skips, record) = try shouldSkipUpdateFn(updates, state.gradientStep, parameters)
    state = try choose(skips, state, next)
    state.skipState = record
    return try choose(skips, emitted.zeros(), emitted)
  }

  private func withheld(_ updates: Updates, where isDropped: Tensor) throws -> Updates {
    try updates.map { u in
      switch withholding {
      case .byChoice: try `where`(isDropped, zeros(like: u), u)
      case .byProduct: try logicalNot(isDropped).asType(u.dtype) * u
      }
    }
  }
}

/// `a` where `condition` holds, else `b`, in the dtypes of `b`; leaves that are no tensors are those of
/// `b`.
private func choose<T: PyTree>(_ condition: Tensor, _ a: T, _ b: T) throws -> T {
  try treeMap(b, a) { b, a in
    guard case .tensor(let y) = b, case .tensor(let x) = a else { return b }
    return .tensor(try `where`(condition, x.asType(y.dtype), y))
  }
}

/// Whether the last gradient made an update.
public func hasUpdated<Inner>(_ state: MultiSteps<Inner>.State) throws -> Tensor {
  let zero = Tensor(constant: 0, .i32)
  return try logicalAnd(equal(state.miniStep, zero), greater(state.gradientStep, zero))
}

/// `inner` for the mean (or the sum) of every k gradients, and no update in between.
///
/// The accumulator is f32 as in Optax; pass nil to accumulate in the dtype of the parameters.
public func multiSteps<Inner: GradientTransformation>(
  _ inner: Inner, everyKSchedule: EveryK, useGradMean: Bool = true,
  shouldSkipUpdateFn: ShouldSkipUpdate? = nil, accumulatorDtype: DType? = .f32,
  withholding: Withholding = .byChoice
) -> MultiSteps<Inner> {
  MultiSteps(
    inner: inner, everyKSchedule: everyKSchedule, useGradMean: useGradMean,
    shouldSkipUpdateFn: shouldSkipUpdateFn, accumulatorDtype: accumulatorDtype,
    withholding: withholding)
}
