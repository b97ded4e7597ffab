// Schedules that decay: along half a wave of the cosine, and exponentially.

internal import Core

/// `initValue` · ((1 − α)(½(1 + cos(π t/D)))ᵉ + α), and its last value from step D on
/// (`optax.cosine_decay_schedule`).
/// - Throws: `OptimError.badArgument` unless `decaySteps` is positive.
public func cosineDecaySchedule(
  initValue: Double, decaySteps: Int, alpha: Double = 0, exponent: Double = 1
) throws -> Schedule {
  guard decaySteps > 0 else {
    throw refuse(
      "The cosine_decay_schedule requires positive decay_steps, got decay_steps=\(decaySteps).")
  }
  let steps = Double(decaySteps)
  return Schedule { count, dtype in
    let elapsed = try minimum(count.asType(dtype), Tensor(steps, dtype))
    let wave = try 0.5 * (1 + cos(Double.pi * elapsed / steps))
    let decayed = try (1 - alpha) * pow(wave, Tensor(exponent, dtype)) + alpha
    return try initValue * decayed
  }
}

/// `initValue` · rᵖ where p is the number of transitions passed since `transitionBegin`, whole ones
/// if `staircase` (`optax.exponential_decay`).
///
/// It stops at `endValue`: a lower bound for a rate below 1, else an upper one. Without a positive
/// number of transition steps, or with rate 0, it stays at `initValue`.
public func exponentialDecay(
  initValue: Double, transitionSteps: Int, decayRate: Double, transitionBegin: Int = 0,
  staircase: Bool = false, endValue: Double? = nil
) -> Schedule {
  guard transitionSteps > 0, decayRate != 0 else { return constantSchedule(initValue) }
  let begin = Double(max(transitionBegin, 0))
  return Schedule { count, dtype in
    let elapsed = try count - begin
    let passed = try elapsed.asType(dtype) / Double(transitionSteps)
    let exponent = try staircase ? floor(passed) : passed
    let decayed = try `where`(
      lessOrEqual(elapsed, Tensor(0, .i32)), Tensor(initValue, dtype),
      initValue * pow(Tensor(decayRate, dtype), exponent))
    guard let endValue else { return decayed }
    let end = Tensor(endValue, dtype)
    return try decayRate < 1 ? maximum(decayed, end) : minimum(decayed, end)
  }
}
