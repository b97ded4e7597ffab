// Dice losses: how much of two segmentations does not overlap.

public import Core

/// 1 − (I + s) / (I + α(P − I) + β(T − I) + s) for each example and class, where I is the sum of
/// probability · target over the axes between, P and T those of each (`optax.dice_loss`).
///
/// - Parameters:
///   - classWeights: multiplied into the loss of each class, `[classes]`.
///   - applySoftmax: whether predictions are logits; sigmoid for one class. Otherwise they must sum to 1
///     over classes, which is checked and so must be known.
///   - reduction: over classes.
///   - axes: those summed over, all but the first and the last without.
/// `predictions, targets: [batch, …, classes]` → `[batch]`, or `[batch, classes]` unreduced. A missing
/// axis of one class is put in.
public func diceLoss(
  _ predictions: Tensor, targets: Tensor, classWeights: Tensor? = nil, smooth: Double = 1,
  alpha: Double = 0.5, beta: Double = 0.5, applySoftmax: Bool = true,
  reduction: LossReduction = .mean, ignoreBackground: Bool = false, axes: [Int]? = nil
) throws -> Tensor {
  let missing = predictions.rank - targets.rank
  let predictions = try missing == -1 ? expandDims(predictions, -1) : predictions
  let targets = try missing == 1 ? expandDims(targets, -1) : targets
  try requireEqualShapes(predictions, targets)
  if !applySoftmax { try requireDistributions(predictions) }
  let shares = try applySoftmax ? probabilities(predictions) : predictions
  let overlap = Overlap(smooth: smooth, alpha: alpha, beta: beta)
  var losses = try overlap.loss(shares, asNumbers(targets, like: shares), axes)
  if let classWeights {
    try requireRank(classWeights, 1)
    losses = try losses * classWeights
  }
  if ignoreBackground && shares.shape[shares.rank - 1] > 1 {
    losses = try sliceInDim(losses, from: 1, axis: -1)
  }
  return try reduced(losses, reduction, axes: [-1])
}

/// The mean of dice losses with classes weighted by 1 / (frequency² + 10⁻⁷), the weights scaled to
/// mean 1 (`optax.losses.multiclass_generalized_dice_loss`).
public func multiclassGeneralizedDiceLoss(
  _ predictions: Tensor, targets: Tensor, smooth: Double = 1, applySoftmax: Bool = true,
  ignoreBackground: Bool = false
) throws -> Tensor {
  try requireEqualShapes(predictions, targets)
  try requireLastAxis(targets)
  let targets = try asNumbers(targets, like: predictions)
  let frequencies = try sum(targets, axes: Array(0..<targets.rank - 1))
  let rarities = try 1 / (integerPow(frequencies, 2) + 1e-7)
  let weights = try rarities / sum(rarities) * Double(rarities.shape[0])
  return try mean(
    diceLoss(
      predictions, targets: targets, classWeights: weights, smooth: smooth,
      applySoftmax: applySoftmax, reduction: .none, ignoreBackground: ignoreBackground))
}

/// What `binaryDiceLoss` demands of probabilities (docs/Divergences.md, DV-60).
public enum BinaryProbabilities: Hashable, Sendable, CaseIterable {
  /// Nothing.
  case any
  /// As Optax 0.2.8: that each one be 1, because the one class is taken for a whole distribution.
  case certain
}

/// The dice loss of one class (`optax.losses.binary_dice_loss`).
///
/// - Parameter applySigmoid: whether predictions are logits and not probabilities.
public func binaryDiceLoss(
  _ predictions: Tensor, targets: Tensor, smooth: Double = 1, applySigmoid: Bool = true,
  probabilities: BinaryProbabilities = .any
) throws -> Tensor {
  let needsAxis = predictions.rank == targets.rank && predictions.shape.last != 1
  let predictions = try needsAxis ? expandDims(predictions, -1) : predictions
  let targets = try needsAxis ? expandDims(targets, -1) : targets
  guard !applySigmoid, probabilities == .any else {
    return try diceLoss(
      predictions, targets: targets, smooth: smooth, applySoftmax: applySigmoid)
  }
  let overlap = Overlap(smooth: smooth, alpha: 0.5, beta: 0.5)
  let losses = try overlap.loss(predictions, asNumbers(targets, like: predictions), nil)
  return try mean(losses, axes: [-1])
}

/// The weights of what does not overlap.
private struct Overlap {
  let smooth: Double
  let alpha: Double
  let beta: Double

  func loss(_ shares: Tensor, _ targets: Tensor, _ axes: [Int]?) throws -> Tensor {
    try requireEqualShapes(shares, targets)
    let axes = axes ?? Array(shares.shape.indices.dropFirst().dropLast())
    let common = try sum(shares * targets, axes: axes)
    let onlyShares = try alpha * (sum(shares, axes: axes) - common)
    let onlyTargets = try beta * (sum(targets, axes: axes) - common)
    return try 1 - (common + smooth) / (common + onlyShares + onlyTargets + smooth)
  }
}

private func probabilities(_ logits: Tensor) throws -> Tensor {
  try requireLastAxis(logits)
  return try logits.shape[logits.rank - 1] == 1 ? sigmoid(logits) : softmax(logits)
}

/// Throws unless all sums over classes are 1, within 10⁻⁵ + 10⁻⁸ as `numpy.allclose` has it.
private func requireDistributions(_ shares: Tensor) throws {
  let sums = try sum(shares, axes: [-1]).scalars
  guard sums.allSatisfy({ ($0 - 1).magnitude <= 1e-8 + 1e-5 }) else {
    throw TraceError.badArgument(
      "When applySoftmax is false, predictions must be valid probability distributions that sum to "
        + "1 along the class axis. Found sum range: [\(sums.min() ?? .nan), \(sums.max() ?? .nan)]")
  }
}
