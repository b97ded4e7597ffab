// Schedules that follow one another, each with a count of its own that starts where it begins.

internal import Core

/// The first schedule until the first boundary, then the second, and so on; each counts from its
/// own boundary (`optax.join_schedules`).
/// - Throws: `OptimError.badArgument` unless there is one boundary between each two schedules.
public func joinSchedules(_ schedules: [Schedule], boundaries: [Int]) throws -> Schedule {
  guard let first = schedules.first, boundaries.count == schedules.count - 1 else {
    throw refuse(
      "join_schedules requires one boundary less than schedules, got \(schedules.count) schedules "
        + "and \(boundaries.count) boundaries")
  }
  let later = zip(boundaries, schedules.dropFirst()).map { ($0, $1) }
  return Schedule { count, dtype in
    try later.reduce(first(count, dtype: dtype)) { value, piece in
      let boundary = Tensor(shape: [], .i32([Int32(clamping: piece.0)]))
      return try `where`(
        less(count, boundary), value, piece.1(count - boundary, dtype: dtype))
    }
  }
}

/// Linear from `initValue` to `peakValue` in W = `warmupSteps`, then along the cosine to `endValue` at
/// step D = `decaySteps`, which includes the warm-up (`optax.warmup_cosine_decay_schedule`, rule OX-01).
///
/// A peak of 0 has no decay, so that `endValue` does not count then.
/// - Throws: `OptimError.badArgument` unless W < D.
public func warmupCosineDecaySchedule(
  initValue: Double, peakValue: Double, warmupSteps: Int, decaySteps: Int, endValue: Double = 0,
  exponent: Double = 1
) throws -> Schedule {
  try joinSchedules(
    [
      linearSchedule(initValue: initValue, endValue: peakValue, transitionSteps: warmupSteps),
      cosineDecaySchedule(
        initValue: peakValue, decaySteps: decaySteps - warmupSteps,
        alpha: peakValue == 0 ? 0 : endValue / peakValue, exponent: exponent),
    ], boundaries: [warmupSteps])
}

/// Linear from `initValue` to `peakValue` in `warmupSteps`, then `exponentialDecay` from there
/// (`optax.warmup_exponential_decay_schedule`).
public func warmupExponentialDecaySchedule(
  initValue: Double, peakValue: Double, warmupSteps: Int, transitionSteps: Int, decayRate: Double,
  transitionBegin: Int = 0, staircase: Bool = false, endValue: Double? = nil
) throws -> Schedule {
  try joinSchedules(
    [
      linearSchedule(initValue: initValue, endValue: peakValue, transitionSteps: warmupSteps),
      exponentialDecay(
        initValue: peakValue, transitionSteps: transitionSteps, decayRate: decayRate,
        transitionBegin: transitionBegin, staircase: staircase, endValue: endValue),
    ], boundaries: [warmupSteps])
}

/// One cycle of `sgdrSchedule`: the numbers of a `warmupCosineDecaySchedule`.
public struct CosineCycle: Hashable, Sendable {
  /// The value at the first step of the cycle.
  public var initValue: Double
  /// The value after the warm-up.
  public var peakValue: Double
  /// The steps of the warm-up.
  public var warmupSteps: Int
  /// The steps of the whole cycle.
  public var decaySteps: Int
  /// The value that the cycle decays to.
  public var endValue: Double
  /// The power that the wave is raised to.
  public var exponent: Double

  /// The numbers of one cycle.
  public init(
    initValue: Double, peakValue: Double, warmupSteps: Int, decaySteps: Int, endValue: Double = 0,
    exponent: Double = 1
  ) {
    self.initValue = initValue
    self.peakValue = peakValue
    self.warmupSteps = warmupSteps
    self.decaySteps = decaySteps
    self.endValue = endValue
    self.exponent = exponent
  }

  fileprivate func schedule() throws -> Schedule {
    try warmupCosineDecaySchedule(
      initValue: initValue, peakValue: peakValue, warmupSteps: warmupSteps,
      decaySteps: decaySteps, endValue: endValue, exponent: exponent)
  }
}

/// Warm restarts: cycles of warm-up and cosine one after the other, the last one's end for ever
/// (`optax.sgdr_schedule`).
/// - Throws: `OptimError.badArgument` without a cycle, and where a cycle is no schedule.
public func sgdrSchedule(_ cycles: [CosineCycle]) throws -> Schedule {
  var boundaries: [Int] = []
  for cycle in cycles.dropLast() { boundaries.append((boundaries.last ?? 0) + cycle.decaySteps) }
  return try joinSchedules(cycles.map { try $0.schedule() }, boundaries: boundaries)
}
