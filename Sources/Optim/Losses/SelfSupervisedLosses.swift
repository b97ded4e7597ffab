// Losses of embeddings against one another.

public import Core

/// The normalised, temperature-scaled cross-entropy of pairs: for every two embeddings with one label
/// −ln of how their similarity compares with those of other labels, averaged (`optax.losses.ntxent`).
///
/// `embeddings: [batch, dim]`, `labels: [batch]` → `[]`; NaN without such a pair.
public func ntxent(
  _ embeddings: Tensor, labels: Tensor, temperature: Double = 0.07
) throws -> Tensor {
  try requireFloating(embeddings)
  try requireRank(embeddings, 2)
  try requireRank(labels, 1)
  guard labels.shape[0] == embeddings.shape[0] else {
    throw TraceError.illTyped(
      "Labels and embeddings must have the same leading dimension, found \(labels.shape[0]) for "
        + "labels and \(embeddings.shape[0]) for embeddings.")
  }
  let likeness = try pairwise(embeddings) / temperature
  let isEqual = try equal(expandDims(labels, 1), expandDims(labels, 0))
  let n = labels.shape[0]
  let isSelf = try equal(iota(.i32, [n, n], dim: 0), iota(.i32, [n, n], dim: 1))
  let isMatch = try logicalAnd(isEqual, logicalNot(isSelf))
  let others = try masked(likeness, logicalNot(isEqual), otherwise: -.infinity)
  let matches = try masked(likeness, isMatch, otherwise: -.infinity)
  let largest = try stopGradient(
    max(concatenate([others, matches], axis: -1), axes: [1], keepDims: true))
  let match = try matches - largest
  let all = try sum(exp(others - largest), axes: [1], keepDims: true) + exp(match)
  let losses = try masked(match - log(all), isMatch, otherwise: 0)
  return try -sum(losses) / sum(isMatch.asType(embeddings.dtype))
}

/// How `tripletMarginLoss` raises differences to its power (docs/Divergences.md, DV-61).
public enum TripletDifferences: Hashable, Sendable, CaseIterable {
  /// Their sizes, so that the result is a norm for every degree.
  case absolute
  /// As Optax 0.2.8: as they are, so that odd degrees let them cancel.
  case signed
}

/// max(0, d(anchor, positive) − d(anchor, negative) + margin), where d is (Σ |·|ᵖ + ε)^(1/p)
/// (`optax.losses.triplet_margin_loss`).
///
/// `anchors, positives, negatives: […, dim]` → `[…]`.
public func tripletMarginLoss(
  _ anchors: Tensor, positives: Tensor, negatives: Tensor, axis: Int = -1, normDegree: Double = 2,
  margin: Double = 1, eps: Double = 1e-6, differences: TripletDifferences = .absolute
) throws -> Tensor {
  for x in [anchors, positives, negatives] { try requireFloating(x) }
  func distance(_ x: Tensor) throws -> Tensor {
    let difference = try anchors - x
    // Of an even power the sign does not matter.
    let isEven = normDegree.truncatingRemainder(dividingBy: 2) == 0
    let length = try isEven || differences == .signed ? difference : abs(difference)
    let powers = try sum(raised(length, normDegree), axes: [axis]) + eps
    return try pow(powers, scalar(1 / normDegree, like: powers))
  }
  let excess = try distance(positives) - distance(negatives) + margin
  return try maximum(excess, scalar(0, like: excess))
}

/// The similarity of every two rows; norms are at least √ε of the dtype.
private func pairwise(_ x: Tensor) throws -> Tensor {
  let epsilon = x.dtype == .f64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
  return try cosineSimilarity(
    expandDims(x, 0), targets: expandDims(x, 1), epsilon: epsilon)
}
