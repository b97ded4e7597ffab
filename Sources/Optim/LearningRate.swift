// Learning rates: −lr · g, where lr is a number or follows a schedule.
//
// Update number k, from 0, is made with schedule(k) (rule OX-02). Corresponds to
// scale_by_learning_rate in optax/_src/transform.py.

public import Core
public import Tree

/// How large a step is.
public enum LearningRate: Sendable {
  case constant(Double)
  case schedule(Schedule)
  /// A scalar, as `injectHyperparams` gives it.
  case tensor(Tensor)

  /// A number that does not change.
  public init(_ x: Double) { self = .constant(x) }
}

extension LearningRate: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A constant.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

/// A number of updates, if anything depends on it.
public struct ScheduleState: PyTree {
  /// i32[]; nil for what does not change.
  public var count: Tensor?

  /// Shows the count.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("count", &count) }
}

/// u ← −lr · u, or lr · u.
public struct ScaleByLearningRate: GradientTransformation {
  let learningRate: LearningRate
  let flipSign: Bool

  /// A count for a schedule.
  public func initialise(_ parameters: Updates) throws -> ScheduleState {
    try learningRate.start()
  }

  /// −lr · u.
  public func update(
    _ updates: Updates, _ state: inout ScheduleState, _ parameters: Updates?
  ) throws -> Updates {
    let rate = try learningRate.next(&state, updates.widest)
    let step = try flipSign ? -rate : rate
    return try updates.map { try step * $0 }
  }
}

/// u ← −lr · u; without the sign if `flipSign` is false.
public func scaleByLearningRate(
  _ learningRate: LearningRate, flipSign: Bool = true
) -> ScaleByLearningRate {
  ScaleByLearningRate(learningRate: learningRate, flipSign: flipSign)
}

extension LearningRate {
  /// The learning rate with the value of `constant`, or of `tensor` for what is known later.
  func map(
    _ constant: (Double) -> Double, _ tensor: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> LearningRate {
    switch self {
    case .constant(let x): .constant(constant(x))
    case .tensor(let x): .schedule(Schedule { _ in try tensor(x) })
    case .schedule(let schedule): .schedule(Schedule { try tensor(schedule($0)) })
    }
  }

  /// The state before the first update.
  func start() throws -> ScheduleState {
    switch self {
    case .constant, .tensor: ScheduleState(count: nil)
    case .schedule: ScheduleState(count: Tensor(0, .i32))
    }
  }

  /// The value for this update, a schedule's computed in `dtype`; counts it.
  func next(_ state: inout ScheduleState, _ dtype: DType) throws -> Hyperparameter {
    switch self {
    case .constant(let x): return .constant(x)
    case .tensor(let x): return .tensor(x)
    case .schedule(let schedule):
      let count = state.count ?? Tensor(0, .i32)
      state.count = try incremented(count)
      return .tensor(try schedule(count, dtype: dtype))
    }
  }
}
