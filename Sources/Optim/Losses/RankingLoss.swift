// The listwise ranking loss: a softmax over the items of a list.

public import Core

/// −Σ labels · logSoftmax(logits) over each list (`optax.ranking_softmax_loss`).
///
/// - Parameters:
///   - labels: how relevant each item is.
///   - mask: which items count. A list without one has no part in a mean, and 0 unreduced.
///   - weights: of items, multiplied into their labels.
/// `logits, labels: […, items]` → `[]`, or `[…]` unreduced.
public func rankingSoftmaxLoss(
  _ logits: Tensor, labels: Tensor, where mask: Tensor? = nil, weights: Tensor? = nil,
  reduction: LossReduction = .mean
) throws -> Tensor {
  try requireFloating(logits)
  var labels = try masked(labels.asType(logits.dtype), mask, otherwise: 0)
  if let weights { labels = try labels * weights }
  let items = try masked(logits, mask, otherwise: -.infinity)
  let logProbabilities = try logSoftmax(items, axes: [-1], where: nil)
  let losses = try -total(labels * logProbabilities, axes: [-1], where: mask)
  guard let mask else { return try reduced(losses, reduction) }
  let counts = try broadcast(
    reduceOr(broadcast(mask, to: logits.shape), axes: [-1]), to: losses.shape)
  return try reduced(losses, reduction, where: counts)
}

/// A reduction over the lists that count; a mean over none is 0 unless a loss is NaN.
private func reduced(
  _ losses: Tensor, _ reduction: LossReduction, where counts: Tensor
) throws -> Tensor {
  switch reduction {
  case .none: return try masked(losses, counts, otherwise: 0)
  case .sum: return try total(losses, axes: nil, where: counts)
  case .mean:
    let average =
      try total(losses, axes: nil, where: counts) / sum(counts.asType(losses.dtype))
    let isEmpty = try logicalAnd(
      notEqual(average, average), logicalNot(reduceOr(notEqual(losses, losses))))
    return try `where`(isEmpty, scalar(0, like: average), average)
  }
}
