// The zoom line search: a step length that satisfies the strong Wolfe conditions.
//
// Nocedal & Wright, "Numerical Optimization", algorithms 3.5 (an interval) and 3.6 (zoom); the
// approximate decrease condition: Hager & Zhang 2006, "Algorithm 851: CG_DESCENT". Corresponds to
// scale_by_zoom_linesearch in optax/_src/linesearch.py; the search itself is in ZoomSearch.swift.

public import Core
public import Tree

/// Where a line search starts.
public enum InitialGuess: Sendable, Hashable, CaseIterable {
  /// At the step length that the last search found.
  case keep
  /// At 1.
  case one
}

/// u ← t u with φ(t) = f(p + t u) ≤ φ(0) + c₁ t φ′(0) and |φ′(t)| ≤ c₂ |φ′(0)|, c₁ = `slopeRtol`,
/// c₂ = `curvRtol`, or the best that so many evaluations of f find.
public struct ScaleByZoomLinesearch: ObjectiveTransformation {
  let search: ZoomSearch
  let initialGuessStrategy: InitialGuess

  /// What the last search found.
  public struct State: PyTree {
    /// The step length t.
    public var learningRate: Tensor
    /// f where it ended.
    public var value: Tensor
    /// The gradient there.
    public var grad: Updates
    /// How it went.
    public var info: ZoomLinesearchInfo

    /// Shows learning_rate, value, grad, info.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("learning_rate", &learningRate)
      visitor.field("value", &value)
      visitor.field("grad", &grad)
      visitor.field("info", &info)
    }
  }

  /// Nothing searched yet: t = 1, f infinite.
  public func initialise(_ parameters: Updates) throws -> State {
    let dtype = parameters.values.compactMap { $0 }.first?.dtype ?? .f32
    return State(
      learningRate: Tensor(1, dtype), value: Tensor(.infinity, dtype),
      grad: try parameters.zeros(),
      info: ZoomLinesearchInfo(
        numLinesearchSteps: Tensor(0, .i32), decreaseError: Tensor(.infinity, dtype),
        curvatureError: Tensor(.infinity, dtype)))
  }

  /// t u.
  /// - Throws: `OptimError` without parameters or without the objective.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    guard let objective else { throw OptimError.needsObjective("scaleByZoomLinesearch") }
    let parameters = try required(parameters, for: updates, "scaleByZoomLinesearch")
    let dtype = state.value.dtype
    let guess =
      switch initialGuessStrategy {
      case .one: Tensor(constant: 1, dtype)
      case .keep: state.learningRate
      }
    let line = try SearchLine(
      parameters: parameters, direction: updates, objective: objective, dtype: dtype)
    let end = try search.run(line, guess: guess)
    let found = end.trial
    state = State(
      learningRate: found.point.step, value: found.point.value,
      grad: try found.gradient.cast(like: state.grad),
      info: ZoomLinesearchInfo(
        numLinesearchSteps: end.count, decreaseError: end.decreaseError,
        curvatureError: end.curvatureError))
    return try updates.map { try found.point.step.asType($0.dtype) * $0 }
  }
}

/// How a line search went.
public struct ZoomLinesearchInfo: PyTree {
  /// i32[]: evaluations of the function.
  public var numLinesearchSteps: Tensor
  /// By how much the value does not fall enough.
  public var decreaseError: Tensor
  /// By how much the slope is too steep.
  public var curvatureError: Tensor

  /// Shows num_linesearch_steps, decrease_error, curvature_error.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("num_linesearch_steps", &numLinesearchSteps)
    visitor.field("decrease_error", &decreaseError)
    visitor.field("curvature_error", &curvatureError)
  }
}

/// Steps that satisfy the strong Wolfe conditions.
public func scaleByZoomLinesearch(
  maxLinesearchSteps: Int, maxLearningRate: Double? = nil, tol: Double = 0,
  increaseFactor: Double = 2, slopeRtol: Double = 1e-4, curvRtol: Double = 0.9,
  approxDecRtol: Double? = 1e-6, stepsizePrecision: Double = 1e-5,
  initialGuessStrategy: InitialGuess = .keep
) -> ScaleByZoomLinesearch {
  ScaleByZoomLinesearch(
    search: ZoomSearch(
      maxSteps: maxLinesearchSteps, maxStep: maxLearningRate, tolerance: tol,
      increaseFactor: increaseFactor, slopeTolerance: slopeRtol, curvatureTolerance: curvRtol,
      approximateTolerance: approxDecRtol, leastInterval: stepsizePrecision),
    initialGuessStrategy: initialGuessStrategy)
}
