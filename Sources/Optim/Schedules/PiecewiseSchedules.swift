// Schedules made of pieces between boundaries, at each of which the value is multiplied by a scale.
//
// The value at a boundary is the product of the first value and of all scales up to it, rounded after
// each. Between two boundaries it is held, or interpolated.

internal import Core

/// `initValue`, multiplied by the scale of every boundary that is reached
/// (`optax.piecewise_constant_schedule`).
/// - Throws: `OptimError.badArgument` for a negative scale.
public func piecewiseConstantSchedule(
  initValue: Double, boundariesAndScales: [Int: Double] = [:]
) throws -> Schedule {
  let pieces = try sortedPieces("piecewise_constant_schedule", boundariesAndScales)
  return Schedule { count, dtype in
    try pieces.reduce(Tensor(initValue, dtype)) { value, piece in
      try `where`(less(count, whole(piece.boundary)), value, piece.scale * value)
    }
  }
}

/// How a schedule goes from one value to the next.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
  /// Along a line.
  case linear
  /// Along half a wave of the cosine, level at both ends.
  case cosine

  /// The value `fraction` of the way from `start` to `end`.
  fileprivate func callAsFunction(
    _ start: Tensor, _ end: Tensor, _ fraction: Tensor
  ) throws -> Tensor {
    switch self {
    case .linear: return try (end - start) * fraction + start
    case .cosine:
      let wave = try 1 + cos(Double.pi * fraction)
      return try end + (start - end) / 2.0 * wave
    }
  }
}

/// Interpolates between the values that `piecewiseConstantSchedule` would have at 0 and at each
/// boundary (`optax.piecewise_interpolate_schedule`); before 0 it is 0.
/// - Throws: `OptimError.badArgument` for a negative scale.
public func piecewiseInterpolateSchedule(
  _ interpolation: Interpolation, initValue: Double, boundariesAndScales: [Int: Double] = [:]
) throws -> Schedule {
  let pieces = try sortedPieces("piecewise_interpolate_schedule", boundariesAndScales)
  let bounds = Tensor(shape: [pieces.count + 1], .i32([0] + pieces.map(\.boundary)))
  let factors = [initValue] + pieces.map(\.scale)
  return Schedule { count, dtype in
    let values = try cumprod(Tensor(factors, dtype))
    let (from, to) = try (allButLast(bounds), allButFirst(bounds))
    let fraction =
      try (count - from).asType(dtype)
      / maximum(to - from, Tensor(1, .i32)).asType(dtype)
    let isInside = try logicalAnd(lessOrEqual(from, count), less(count, to)).asType(dtype)
    let between = try interpolation(allButLast(values), allButFirst(values), fraction)
    let isAfter = try lessOrEqual(last(bounds), count).asType(dtype)
    return try sum(isInside * between) + isAfter * last(values)
  }
}

/// Up from peak / `divFactor` to the peak, down again, and further down to the first value /
/// `finalDivFactor`, in straight lines (`optax.linear_onecycle_schedule`).
///
/// The peak is reached after `pctStart` of the steps, the way down ends after `pctFinal`.
/// - Throws: `OptimError.badArgument` unless `transitionSteps` is positive.
public func linearOnecycleSchedule(
  transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, pctFinal: Double = 0.85,
  divFactor: Double = 25, finalDivFactor: Double = 1e4
) throws -> Schedule {
  try requireSteps(transitionSteps)
  let steps = Double(transitionSteps)
  // Python's dictionary keeps the last of several scales at one boundary.
  return try piecewiseInterpolateSchedule(
    .linear, initValue: peakValue / divFactor,
    boundariesAndScales: Dictionary(
      [
        (boundary(pctStart * steps), divFactor), (boundary(pctFinal * steps), 1 / divFactor),
        (transitionSteps, 1 / finalDivFactor),
      ], uniquingKeysWith: { _, last in last }))
}

/// Up from peak / `divFactor` to the peak and down to the first value / `finalDivFactor`, along the
/// cosine (`optax.cosine_onecycle_schedule`).
/// - Throws: `OptimError.badArgument` unless `transitionSteps` is positive.
public func cosineOnecycleSchedule(
  transitionSteps: Int, peakValue: Double, pctStart: Double = 0.3, divFactor: Double = 25,
  finalDivFactor: Double = 1e4
) throws -> Schedule {
  try requireSteps(transitionSteps)
  return try piecewiseInterpolateSchedule(
    .cosine, initValue: peakValue / divFactor,
    boundariesAndScales: Dictionary(
      [
        (boundary(pctStart * Double(transitionSteps)), divFactor),
        (transitionSteps, 1 / (divFactor * finalDivFactor)),
      ], uniquingKeysWith: { _, last in last }))
}

/// A step at which the value is multiplied.
private struct Piece {
  let boundary: Int32
  let scale: Double
}

private func sortedPieces(_ name: String, _ scales: [Int: Double]) throws -> [Piece] {
  guard scales.values.allSatisfy({ $0 >= 0 }) else {
    throw refuse("`\(name)` expects non-negative scale factors")
  }
  return scales.sorted { $0.key < $1.key }.map {
    Piece(boundary: Int32(clamping: $0.key), scale: $0.value)
  }
}

private func requireSteps(_ steps: Int) throws {
  guard steps > 0 else {
    throw refuse("A onecycle schedule was set with a non-positive `transition_steps`")
  }
}

/// The step that a fraction of all steps falls into; counts end at 2³¹ − 1.
private func boundary(_ step: Double) -> Int { Int(Int32(saturating: step)) }

private func whole(_ n: Int32) -> Tensor { Tensor(shape: [], .i32([n])) }

private func allButLast(_ x: Tensor) throws -> Tensor {
  try slice(x, axis: 0, from: 0, to: x.shape[0] - 1)
}

private func allButFirst(_ x: Tensor) throws -> Tensor {
  try slice(x, axis: 0, from: 1, to: x.shape[0])
}

private func last(_ x: Tensor) throws -> Tensor { try indexInDim(x, -1, keepDims: false) }
