// Losses that are 0 once a margin is kept, for two classes (±1) and for many; the sparse sigmoid and
// softmax.
//
// At the margin itself the derivative is half that of the slope, as for every tie of `maximum`.

public import Core

/// max(0, 1 − x t) for targets ±1 (`optax.hinge_loss`).
public func hingeLoss(_ predictorOutputs: Tensor, targets: Tensor) throws -> Tensor {
  let slack = try 1 - predictorOutputs * targets
  return try maximum(scalar(0, like: slack), slack)
}

/// max(0, −x t) for targets ±1 (`optax.perceptron_loss`).
public func perceptronLoss(_ predictorOutputs: Tensor, targets: Tensor) throws -> Tensor {
  try requireEqualShapes(predictorOutputs, targets)
  let slack = try -predictorOutputs * targets
  return try maximum(scalar(0, like: slack), slack)
}

/// 0 below −1, x above 1, ¼(x + 1)² between, of x turned to the wrong side of its label, 0 or 1
/// (`optax.sparsemax_loss`).
public func sparsemaxLoss(_ logits: Tensor, labels: Tensor) throws -> Tensor {
  let isYes = try labels.dtype == .bool ? labels : notEqual(labels, zeros(like: labels))
  let x = try `where`(isYes, -logits, logits)
  let bend = try integerPow(x + 1.0, 2) / 4.0
  let above = try `where`(greaterOrEqual(x, scalar(1, like: x)), x, bend)
  return try `where`(lessOrEqual(x, scalar(-1, like: x)), zeros(like: x), above)
}

/// max over classes of score + 1, but for the label's + 0, less the label's score
/// (`optax.multiclass_hinge_loss`).
///
/// `scores: […, classes]`, `labels: i32[…]` → `[…]`.
public func multiclassHingeLoss(_ scores: Tensor, labels: Tensor) throws -> Tensor {
  try requireLastAxis(scores)
  let chosen = try oneHot(labels, count: scores.shape[scores.rank - 1], scores.dtype)
  return try max(scores + 1.0 - chosen, axes: [-1]) - sum(scores * chosen, axes: [-1])
}

/// The largest score less that of the label (`optax.multiclass_perceptron_loss`).
///
/// `scores: […, classes]`, `labels: i32[…]` → `[…]`.
public func multiclassPerceptronLoss(_ scores: Tensor, labels: Tensor) throws -> Tensor {
  try requireLastAxis(scores)
  let chosen = try oneHot(labels, count: scores.shape[scores.rank - 1], scores.dtype)
  return try max(scores, axes: [-1]) - sum(scores * chosen, axes: [-1])
}

/// 0 if and only if `projectionSimplex(scores)` is the label (`optax.multiclass_sparsemax_loss`).
///
/// `scores: […, classes]`, `labels: i32[…]` → `[…]`.
public func multiclassSparsemaxLoss(_ scores: Tensor, labels: Tensor) throws -> Tensor {
  try requireFloating(scores)
  try requireLastAxis(scores)
  let shares = try projectionSimplex(scores)
  let isLabel = try isClass(labels, count: scores.shape[scores.rank - 1])
  let labelScore = try takeAlongAxis(scores, expandDims(labels, -1), axis: -1)
  let zero = try zeros(like: scores)
  let gaps = try `where`(isLabel, zero, scores - labelScore)
  let counted = try `where`(notEqual(shares, scalar(0, like: shares)), gaps, zero)
  return try sum(shares * counted, axes: [-1]) + 0.5 * (1.0 - sum(shares * shares, axes: [-1]))
}

/// The nearest point whose elements along the last axis are not negative and sum to 1
/// (`optax.projections.projection_simplex` of one array).
///
/// With scores in falling order it is max(0, x + (1 − x₁ − … − xₖ)/k) for the largest k that leaves
/// element k positive. Its derivative removes the average over the elements that are left.
public func projectionSimplex(_ x: Tensor) throws -> Tensor {
  try requireLastAxis(x)
  return try projection([x])[0]
}

private let projection = customJVP(
  name: "projection_unit_simplex", { (x: [Tensor]) in [try projected(x[0])] },
  rule: { (x: [Tensor], dx: [Tensor]) in
    let y = try projected(x[0])
    let support = try greater(y, scalar(0, like: y)).asType(y.dtype)
    let size = try sum(support, axes: [-1], keepDims: true)
    let average = try sum(support * dx[0], axes: [-1], keepDims: true) / size
    return ([y], [try support * dx[0] - average * support])
  })

private func projected(_ x: Tensor) throws -> Tensor {
  let (axis, n) = (x.rank - 1, x.shape[x.rank - 1])
  let falling = try rev(sort(x), [axis])
  let sums = try cumsum(falling, axis: axis)
  let ranks = try arange(n, .i32).asType(x.dtype) + 1.0
  let isLeft = try greater(1.0 / ranks + (falling - sums / ranks), scalar(0, like: x))
  let count = try sum(isLeft.asType(.i32), axes: [-1], keepDims: true)
  let sumLeft = try takeAlongAxis(sums, count - 1, axis: axis)
  let left = try count.asType(x.dtype)
  return try relu(1.0 / left + (x - sumLeft / left))
}
