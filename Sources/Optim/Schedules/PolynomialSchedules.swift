// Schedules that stand still or go from one value to another along a power of the remaining way.
//
// Before the transition they have the first value, after it the last one, exactly: the remaining way
// is 1 − (T/T) = 0 there, and at the beginning 1 − 0 = 1.

internal import Core

/// The same value at every step (`optax.constant_schedule`).
public func constantSchedule(_ value: Double) -> Schedule {
  Schedule { _, dtype in Tensor(value, dtype) }
}

/// From `initValue` to `endValue` in `transitionSteps` steps after `transitionBegin`, as
/// (init − end)(1 − t/T)ᵖ + end (`optax.polynomial_schedule`).
///
/// Without a positive number of steps it stays at `initValue`; a negative beginning counts as 0.
public func polynomialSchedule(
  initValue: Double, endValue: Double, power: Double, transitionSteps: Int, transitionBegin: Int = 0
) -> Schedule {
  guard transitionSteps > 0 else { return constantSchedule(initValue) }
  let begin = max(transitionBegin, 0)
  return Schedule { count, dtype in
    let elapsed = try clamped(count - Double(begin), to: 0...Double(transitionSteps))
    let remaining = try 1 - elapsed.asType(dtype) / Double(transitionSteps)
    return try (initValue - endValue) * raised(remaining, power) + endValue
  }
}

/// From `initValue` to `endValue` in equal steps (`optax.linear_schedule`).
public func linearSchedule(
  initValue: Double, endValue: Double, transitionSteps: Int, transitionBegin: Int = 0
) -> Schedule {
  polynomialSchedule(
    initValue: initValue, endValue: endValue, power: 1, transitionSteps: transitionSteps,
    transitionBegin: transitionBegin)
}

/// A linear warm-up, then its last value for ever (`optax.warmup_constant_schedule`).
public func warmupConstantSchedule(
  initValue: Double, peakValue: Double, warmupSteps: Int
) -> Schedule {
  linearSchedule(initValue: initValue, endValue: peakValue, transitionSteps: warmupSteps)
}

/// min(hi, max(lo, x)) of whole numbers.
private func clamped(_ x: Tensor, to range: ClosedRange<Double>) throws -> Tensor {
  try minimum(
    Tensor(range.upperBound, x.dtype), maximum(Tensor(range.lowerBound, x.dtype), x))
}

/// xᵖ, by multiplication where p is a whole number, as JAX does it for Python's integers.
func raised(_ x: Tensor, _ power: Double) throws -> Tensor {
  guard let whole = Int(exactly: power), Int32(exactly: whole) != nil else {
    return try pow(x, Tensor(power, x.dtype))
  }
  return try integerPow(x, whole)
}
