// When `multiSteps` leaves a mini-batch out.

public import Core

/// Leaves out gradients with an infinity or a NaN; records how many elements there were.
public func skipNotFinite(
  _ updates: Updates, _ gradientStep: Tensor, _ parameters: Updates?
) throws -> (skips: Tensor, record: [String: Tensor]) {
  let counts = try updates.values.compactMap {
    try $0.map { x in
      try sum(logicalNot(isFinite(x)).asType(.i32))
    }
  }
  let count = try counts.reduce(Tensor(0, .i32)) { try $0 + $1 }
  let skips = try greater(count, Tensor(constant: 0, .i32))
  return (skips, ["should_skip": skips, "num_not_finite": count])
}

/// Leaves out gradients whose squared norm is not below a bound, or NaN; records it.
public func skipLargeUpdates(maxSquaredNorm: Double) -> ShouldSkipUpdate {
  { updates, _, _ in
    let square = try globalSquare(updates)
    let fits = try less(square, Hyperparameter(maxSquaredNorm).tensor(square.dtype))
    let skips = try logicalNot(fits)
    return (skips, ["should_skip": skips, "norm_squared": square])
  }
}
