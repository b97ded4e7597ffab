// Losses of numbers against numbers, element by element, and of directions.
//
// Kinks are those of the operations: at |e| = δ both sides of Huber's loss have the derivative δ, so
// any share of the tie gives the same.

public import Core

/// e², where e is the error, or the prediction itself without targets (`optax.squared_error`).
/// - Throws: `TraceError.illTyped` for whole numbers and for targets of another shape.
public func squaredError(_ predictions: Tensor, targets: Tensor? = nil) throws -> Tensor {
  try requireFloating(predictions)
  if let targets { try requireEqualShapes(predictions, targets) }
  return try integerPow(difference(predictions, targets), 2)
}

/// ½e² (`optax.l2_loss`, rule OX-10).
/// - Throws: `TraceError.illTyped` for whole numbers and for targets of another shape.
public func l2Loss(_ predictions: Tensor, targets: Tensor? = nil) throws -> Tensor {
  try 0.5 * squaredError(predictions, targets: targets)
}

/// ½e² where |e| ≤ δ, else δ(|e| − ½δ) (`optax.huber_loss`).
public func huberLoss(
  _ predictions: Tensor, targets: Tensor? = nil, delta: Double = 1
) throws -> Tensor {
  try requireFloating(predictions)
  let size = try abs(difference(predictions, targets))
  let quadratic = try minimum(size, scalar(delta, like: size))
  let linear = try size - quadratic
  return try 0.5 * integerPow(quadratic, 2) + delta * linear
}

/// ln cosh e: ½e² near 0, |e| − ln 2 far away (`optax.log_cosh`).
public func logCosh(_ predictions: Tensor, targets: Tensor? = nil) throws -> Tensor {
  try requireFloating(predictions)
  let errors = try difference(predictions, targets)
  return try logaddexp(errors, -errors) - log(scalar(2, like: errors))
}

/// The cosine of the angle between predictions and targets along `axes`
/// (`optax.cosine_similarity`).
///
/// - Parameters:
///   - epsilon: the least square of a norm that is divided by.
///   - mask: which elements count.
/// `predictions, targets: […, dim]` → `[…]`.
public func cosineSimilarity(
  _ predictions: Tensor, targets: Tensor, epsilon: Double = 0, axes: [Int]? = [-1],
  where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(predictions)
  try requireFloating(targets)
  func unit(_ x: Tensor) throws -> Tensor {
    let squares = try total(square(x), axes: axes, where: mask, keepDims: true)
    return try x / sqrt(maximum(scalar(epsilon, like: x), squares))
  }
  return try total(unit(predictions) * unit(targets), axes: axes, where: mask)
}

/// 1 − `cosineSimilarity` (`optax.cosine_distance`).
public func cosineDistance(
  _ predictions: Tensor, targets: Tensor, epsilon: Double = 0, axes: [Int]? = [-1],
  where mask: Tensor? = nil
) throws -> Tensor {
  try 1
    - cosineSimilarity(predictions, targets: targets, epsilon: epsilon, axes: axes, where: mask)
}

private func difference(_ predictions: Tensor, _ targets: Tensor?) throws -> Tensor {
  if let targets { try predictions - targets } else { predictions }
}
