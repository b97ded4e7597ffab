// The search for a step length: double it until an interval holds a good one, then shrink the interval.
//
// One round evaluates the function once; a round is traced once and runs in a `whileLoop`. Invariant of
// the second phase: `low` decreases enough and has the smallest value so far, and the slope at `low`
// points to `high`.

import Core
import Tree

/// φ(t) = f(p + t u).
struct SearchLine {
  let parameters: Updates
  let direction: Updates
  let objective: Objective
  let dtype: DType
  /// t = 0.
  let start: Trial

  init(parameters: Updates, direction: Updates, objective: Objective, dtype: DType) throws {
    (self.parameters, self.direction) = (parameters, direction)
    (self.objective, self.dtype) = (objective, dtype)
    let slope = try inner(direction, objective.gradient)
    start = Trial(
      point: Point(
        step: Tensor(constant: 0, dtype), value: try objective.value.asType(dtype),
        slope: try slope.asType(dtype)), gradient: objective.gradient)
  }

  /// φ and φ′ at t.
  func evaluate(_ t: Tensor) throws -> Trial {
    let (value, gradient) = try objective.evaluate(parameters.adding(t, times: direction))
    let slope = try inner(gradient, direction).asType(dtype)
    return Trial(
      point: Point(step: t, value: try value.asType(dtype), slope: slope),
      gradient: try gradient.cast(like: objective.gradient))
  }
}

/// t, φ(t), φ′(t).
struct Point: PyTree {
  var step, value, slope: Tensor

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("step", &step)
    visitor.field("value", &value)
    visitor.field("slope", &slope)
  }
}

/// A point where the function was evaluated, with its gradient.
struct Trial: PyTree {
  var point: Point
  var gradient: Updates

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("point", &point)
    visitor.field("gradient", &gradient)
  }
}

/// What a round hands to the next.
struct SearchState: PyTree {
  /// i32[]: evaluations so far.
  var count = Tensor(0, .i32)
  /// The last evaluation, and its errors.
  var trial: Trial
  var decreaseError, curvatureError: Tensor
  /// The interval, and a third point for interpolation.
  var low, high, reference: Point
  /// The best step that decreases enough.
  var safe: Trial
  /// bool[] each.
  var intervalFound, done, failed: Tensor

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("count", &count)
    visitor.field("trial", &trial)
    visitor.field("decreaseError", &decreaseError)
    visitor.field("curvatureError", &curvatureError)
    visitor.field("low", &low)
    visitor.field("high", &high)
    visitor.field("reference", &reference)
    visitor.field("safe", &safe)
    visitor.field("intervalFound", &intervalFound)
    visitor.field("done", &done)
    visitor.field("failed", &failed)
  }
}

/// The rules of the search.
struct ZoomSearch: Sendable {
  let maxSteps: Int
  let maxStep: Double?
  let tolerance, increaseFactor, slopeTolerance, curvatureTolerance: Double
  let approximateTolerance: Double?
  let leastInterval: Double

  /// The state in which the search ends.
  func run(_ line: SearchLine, guess: Tensor) throws -> SearchState {
    let (start, far) = (line.start, Tensor(constant: .infinity, line.dtype))
    let no = try zeros([], .bool)
    let initial = SearchState(
      trial: start, decreaseError: far, curvatureError: far, low: start.point,
      high: start.point, reference: start.point, safe: start, intervalFound: no, done: no,
      failed: no)
    return try whileLoop(
      initial, while: { try logicalNot(logicalOr($0.done, $0.failed)) },
      do: { state in
        let next = try cond(
          state.intervalFound, state, then: { try zoom($0, line) },
          else: { try searchInterval($0, line, guess) })
        return try fallingBack(next)
      })
  }

  /// A search that failed ends at the safe step, if there is one or if nothing else is finite.
  private func fallingBack(_ state: SearchState) throws -> SearchState {
    let isOutside = try logicalNot(isFinite(state.decreaseError))
    let hasSafe = try isPositive(state.safe.point.step)
    let fallsBack = try logicalAnd(state.failed, logicalOr(hasSafe, isOutside))
    var state = state
    // The slope is that of the last evaluation, as in Optax; nobody reads it afterwards.
    state.trial = try select(fallsBack, state.safe, state.trial)
    return state
  }

  /// Algorithm 3.5: steps that grow until the minimum lies between two of them.
  private func searchInterval(
    _ state: SearchState, _ line: SearchLine, _ guess: Tensor
  ) throws -> SearchState {
    let last = state.trial.point
    let isFirst = try equal(state.count, Tensor(constant: 0, .i32))
    var step = try `where`(isFirst, guess, increaseFactor * last.step)
    var atLimit = try zeros([], .bool)
    if let maxStep {
      let limit = Tensor(constant: DoubleDouble(maxStep), line.dtype)
      atLimit = try greaterOrEqual(step, limit)
      step = try minimum(step, limit)
    }
    var (next, error) = try evaluated(state, line, step)
    let point = next.trial.point
    next.safe = try select(isWithin(next.decreaseError), next.trial, state.safe)

    let rises = try logicalAnd(greaterOrEqual(point.value, last.value), logicalNot(isFirst))
    let isHigh = try logicalOr(isPositive(next.decreaseError), rises)
    let isLow = try logicalAnd(isNotNegative(point.slope), logicalNot(isHigh))
    next.low = try select(isLow, point, last)
    next.high = try select(isLow, last, point)
    next.reference = next.low
    error = try isWithin(error)
    next.intervalFound = try logicalOr(logicalOr(isHigh, isLow), error)
    next.done = try logicalOr(error, logicalAnd(atLimit, logicalNot(next.intervalFound)))
    next.failed = try logicalAnd(isLast(state), logicalNot(next.done))
    return next
  }

  /// Algorithm 3.6: a step inside the interval, which takes the place of one of its ends.
  private func zoom(_ state: SearchState, _ line: SearchLine) throws -> SearchState {
    let (low, high) = (state.low, state.high)
    let length = try abs(high.step - low.step)
    var (next, error) = try evaluated(state, line, inside(state, length))
    let middle = next.trial.point
    let isSafer = try logicalAnd(
      isWithin(next.decreaseError), less(middle.value, state.safe.point.value))
    next.safe = try select(isSafer, next.trial, state.safe)

    let isHigh = try logicalOr(
      isPositive(next.decreaseError), greaterOrEqual(middle.value, low.value))
    let pointsBack = try isNotNegative(middle.slope * (high.step - low.step))
    let turns = try logicalAnd(pointsBack, logicalNot(isHigh))
    next.high = try select(turns, low, select(isHigh, middle, high))
    next.low = try select(isHigh, low, middle)
    next.reference = try select(logicalOr(isHigh, turns), high, low)
    error = try isWithin(error)
    next.done = error
    let isTooSmall = try lessOrEqual(
      length, Tensor(constant: DoubleDouble(leastInterval), line.dtype))
    let isStuck = try logicalAnd(isTooSmall, isPositive(next.safe.point.step))
    next.failed = try logicalAnd(logicalOr(isLast(state), isStuck), logicalNot(next.done))
    return next
  }

  /// The state after an evaluation at `step`, and the larger of its errors.
  private func evaluated(
    _ state: SearchState, _ line: SearchLine, _ step: Tensor
  ) throws -> (SearchState, error: Tensor) {
    var next = state
    next.count = try incremented(state.count)
    next.trial = try line.evaluate(step)
    next.decreaseError = try decreaseError(next.trial.point, line.start.point)
    next.curvatureError = try curvatureError(next.trial.point, line.start.point)
    return (next, try maximum(next.decreaseError, next.curvatureError))
  }

  private func isLast(_ state: SearchState) throws -> Tensor {
    let last = Tensor(constant: DoubleDouble(Double(maxSteps)), .i32)
    return try greaterOrEqual(state.count + Tensor(constant: 1, .i32), last)
  }

  private func isWithin(_ error: Tensor) throws -> Tensor {
    try lessOrEqual(error, Tensor(constant: DoubleDouble(tolerance), error.dtype))
  }
}

/// The errors of a step, and the places to try next.
extension ZoomSearch {
  /// max(min(φ − φ₀ − c₁ t φ₀′, max(φ′ − (2 c₁ − 1) φ₀′, φ − φ₀ − ε |φ₀|)), 0); infinite for NaN.
  private func decreaseError(_ at: Point, _ start: Point) throws -> Tensor {
    let fall = try at.value - start.value
    var error = try fall - slopeTolerance * at.step * start.slope
    if let approximateTolerance {
      let slope = try at.slope - (2 * slopeTolerance - 1) * start.slope
      let value = try fall - approximateTolerance * abs(start.value)
      error = try minimum(maximum(slope, value), error)
    }
    return try cleaned(error)
  }

  /// max(|φ′| − c₂ |φ₀′|, 0); infinite for NaN.
  private func curvatureError(_ at: Point, _ start: Point) throws -> Tensor {
    try cleaned(abs(at.slope) - curvatureTolerance * abs(start.slope))
  }

  private func cleaned(_ error: Tensor) throws -> Tensor {
    let far = Tensor(constant: .infinity, error.dtype)
    let positive = try maximum(error, Tensor(constant: 0, error.dtype))
    return try `where`(notEqual(positive, positive), far, positive)
  }

  /// The minimum of a cubic through the ends and the reference, of a parabola, or the middle: the
  /// first that lies well inside.
  private func inside(_ state: SearchState, _ length: Tensor) throws -> Tensor {
    let (low, high) = (state.low, state.high)
    let left = try minimum(high.step, low.step)
    let right = try maximum(high.step, low.step)
    func isInside(_ t: Tensor, margin: Tensor) throws -> Tensor {
      try logicalAnd(greater(t, left + margin), less(t, right - margin))
    }
    let cubic = try cubicMinimum(low, high, state.reference)
    let parabolic = try parabolicMinimum(low, high)
    let middle = try (low.step + high.step) / 2.0
    return try `where`(
      isInside(cubic, margin: 0.2 * length), cubic,
      `where`(isInside(parabolic, margin: 0.1 * length), parabolic, middle))
  }
}

/// Where the cubic through a with its slope, b and c has its minimum.
private func cubicMinimum(_ a: Point, _ b: Point, _ c: Point) throws -> Tensor {
  let (db, dc) = try (b.step - a.step, c.step - a.step)
  let denominator = try square(db * dc) * (db - dc)
  let restB = try b.value - a.value - a.slope * db
  let restC = try c.value - a.value - a.slope * dc
  let third = try (square(dc) * restB - square(db) * restC) / denominator
  let second = try (integerPow(db, 3) * restC - integerPow(dc, 3) * restB) / denominator
  let radical = try second * second - 3.0 * third * a.slope
  return try a.step + (sqrt(radical) - second) / (3.0 * third)
}

/// Where the parabola through a with its slope, and b, has its minimum.
private func parabolicMinimum(_ a: Point, _ b: Point) throws -> Tensor {
  let db = try b.step - a.step
  let second = try (b.value - a.value - a.slope * db) / square(db)
  return try a.step - a.slope / (2.0 * second)
}

private func isPositive(_ x: Tensor) throws -> Tensor {
  try greater(x, Tensor(constant: 0, x.dtype))
}

private func isNotNegative(_ x: Tensor) throws -> Tensor {
  try greaterOrEqual(x, Tensor(constant: 0, x.dtype))
}

/// `a` where `condition` holds, else `b`.
private func select<T: PyTree>(_ condition: Tensor, _ a: T, _ b: T) throws -> T {
  try treeMap(a, b) { a, b in
    guard case .tensor(let x) = a, case .tensor(let y) = b else { return a }
    return .tensor(try `where`(condition, x, y))
  }
}
