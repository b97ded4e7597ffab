// Cross-entropies: of softmax and of sigmoid, with probabilities or with classes as labels.
//
// Everything stays in logarithms, so that logits of any size have a loss of that size (rule OX-10).

public import Core

/// −Σ labels · logSoftmax(logits) over `axes` (`optax.softmax_cross_entropy`).
///
/// - Parameters:
///   - labels: probabilities of each class.
///   - mask: which classes count.
/// `logits, labels: […, classes]` → `[…]`. The function of Core without labels is the mean over rows.
public func softmaxCrossEntropy(
  _ logits: Tensor, labels: Tensor, axes: [Int]? = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(logits)
  let mask = try mask.map { try aligned($0, to: logits, axes) }
  let logProbabilities = try logSoftmax(logits, axes: axes, where: mask)
  return try -total(
    asNumbers(labels, like: logits) * logProbabilities, axes: axes, where: mask)
}

/// `softmaxCrossEntropy` with the class itself in place of probabilities
/// (`optax.softmax_cross_entropy_with_integer_labels`).
///
/// Several axes count as one, in row-major order. Where no class counts the loss is 0; a label out of
/// range gives NaN.
///
/// `logits: […, classes]`, `labels: i32[…]` → `[…]`.
public func softmaxCrossEntropyWithIntegerLabels(
  _ logits: Tensor, labels: Tensor, axes: [Int] = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(logits)
  guard labels.dtype.isInteger else {
    throw TraceError.illTyped(
      "Expected the input to have an integer dtype, got \(labels.dtype.longName) instead")
  }
  let mask = try mask.map { try broadcast(aligned($0, to: logits, axes), to: logits.shape) }
  let rows = try classesLast(logits, axes)
  let rowMask = try mask.map { try classesLast($0, axes) }
  let chosen = try takeAlongAxis(rows, expandDims(labels, -1), axis: -1)
  let counted = try masked(rows, rowMask, otherwise: 0)
  let losses = try normalizer(counted, rowMask) - squeeze(chosen, [-1])
  guard let rowMask else { return losses }
  return try masked(losses, reduceOr(rowMask, axes: [-1]), otherwise: 0)
}

/// `softmaxCrossEntropy` where labels of 0 count for nothing, whatever their logit: 0 · ln 0 = 0
/// (`optax.safe_softmax_cross_entropy`).
///
/// `logits, labels: […, classes]` → `[…]`.
public func safeSoftmaxCrossEntropy(_ logits: Tensor, labels: Tensor) throws -> Tensor {
  try requireFloating(logits)
  let weighted = try weightedLogSoftmax([logits, asNumbers(labels, like: logits)])[0]
  return try -sum(weighted, axes: [-1])
}

/// Softmax cross-entropy plus ε Σ labels · (1 − softmax) (`optax.poly_loss_cross_entropy`).
public func polyLossCrossEntropy(
  _ logits: Tensor, labels: Tensor, epsilon: Double = 2, axes: [Int]? = [-1],
  where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(logits)
  try requireFloating(labels)
  let missing = try 1 - softmax(logits, axes: axes, where: mask)
  let spread = try total(labels * missing, axes: axes, where: mask)
  return try softmaxCrossEntropy(logits, labels: labels, axes: axes, where: mask)
    + epsilon * spread
}

/// The cross-entropy of independent yes-or-no labels, element by element
/// (`optax.sigmoid_binary_cross_entropy`).
public func sigmoidBinaryCrossEntropy(_ logits: Tensor, labels: Tensor) throws -> Tensor {
  try requireFloating(logits)
  let labels = try labels.asType(logits.dtype)
  let (yes, no) = try (logSigmoid(logits), logSigmoid(-logits))
  return try -labels * yes - (1 - labels) * no
}

/// Sigmoid cross-entropy times (1 − p)ᵞ, p the probability of the label, which spares what is already
/// sure (`optax.sigmoid_focal_loss`).
///
/// - Parameter alpha: the weight of label 1, its complement that of label 0; without it both have 1.
public func sigmoidFocalLoss(
  _ logits: Tensor, labels: Tensor, alpha: Double? = nil, gamma: Double = 2
) throws -> Tensor {
  try requireFloating(logits)
  let labels = try labels.asType(logits.dtype)
  let entropy = try sigmoidBinaryCrossEntropy(logits, labels: labels)
  let doubt = try logWeightedSum(
    [logSigmoid(logits), logSigmoid(-logits)], weights: [1 - labels, labels])
  let loss = try entropy * exp(gamma * doubt)
  guard let alpha else { return loss }
  let others = try (1.0 - alpha) * (1.0 - labels)
  return try (alpha * labels + others) * loss
}

/// Labels moved towards the uniform distribution: (1 − α) labels + α / categories
/// (`optax.smooth_labels`).
public func smoothLabels(
  _ labels: Tensor, alpha: Double, axes: [Int]? = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(labels)
  let kept = try (1 - alpha) * labels
  guard let mask else {
    let count = try fromFront(axes, rank: labels.rank).reduce(1) { $0 * labels.shape[$1] }
    return try kept + alpha / Double(count)
  }
  let count = try sum(mask.asType(labels.dtype), axes: axes, keepDims: true)
  return try kept + alpha / count
}

/// w · logSoftmax(x) along the last axis, 0 where w = 0. Its derivative is written for w = 0 too.
private let weightedLogSoftmax = customJVP(
  name: "weighted_logsoftmax",
  { (x: [Tensor]) in [try weighted(logSoftmax(x[0]), x[1])] },
  rule: { (x: [Tensor], dx: [Tensor]) in
    let (logits, w) = (x[0], x[1])
    let logProbabilities = try logSoftmax(logits)
    let average = try sum(dx[0] * softmax(logits), axes: [-1], keepDims: true)
    return (
      [try weighted(logProbabilities, w)],
      [try w * dx[0] - w * average + dx[1] * logProbabilities]
    )
  })

private func weighted(_ logProbabilities: Tensor, _ weights: Tensor) throws -> Tensor {
  try `where`(
    notEqual(weights, scalar(0, like: weights)), weights * logProbabilities,
    zeros(like: logProbabilities))
}

/// ln Σ exp x along the last axis over the elements that count.
private func normalizer(_ x: Tensor, _ mask: Tensor?) throws -> Tensor {
  let largest = try maximum(
    scalar(-.infinity, like: x),
    max(masked(x, mask, otherwise: -.infinity), axes: [-1], keepDims: true))
  let shift = try stopGradient(`where`(isFinite(largest), largest, zeros(like: largest)))
  let powers = try total(exp(x - shift), axes: [-1], where: mask)
  return try log(abs(powers)) + squeeze(shift, [-1])
}

/// ln |Σ w exp x| element by element; NaN where the sum is negative.
private func logWeightedSum(_ xs: [Tensor], weights: [Tensor]) throws -> Tensor {
  let w = try stack(weights, axis: -1)
  let x = try masked(
    stack(xs, axis: -1), notEqual(w, scalar(0, like: w)), otherwise: -.infinity)
  let largest = try max(x, axes: [-1], keepDims: true)
  let shift = try stopGradient(`where`(isFinite(largest), largest, zeros(like: largest)))
  let powers = try sum(exp(x - shift) * w, axes: [-1])
  let logarithm = try log(abs(powers)) + squeeze(shift, [-1])
  return try masked(
    logarithm, greaterOrEqual(powers, scalar(0, like: powers)), otherwise: .nan)
}

/// A mask that lacks the reduced axis with that axis put back.
private func aligned(_ mask: Tensor, to x: Tensor, _ axes: [Int]?) throws -> Tensor {
  guard mask.rank != x.rank else { return mask }
  let axes = try fromFront(axes, rank: x.rank).sorted()
  return try axes.reduce(mask) { try expandDims($0, $1) }
}

/// The named axes as one last axis.
private func classesLast(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
  let last = try fromFront(axes, rank: x.rank)
  let first = x.shape.indices.filter { !last.contains($0) }
  let count = last.reduce(1) { $0 * x.shape[$1] }
  return try reshape(transpose(x, first + last), first.map { x.shape[$0] } + [count])
}
