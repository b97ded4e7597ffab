// Fenchel-Young losses: one for every way to take a maximum.

public import Core

/// The loss Ω*(scores) − ⟨targets, scores⟩ of a (regularised) maximum Ω* of one vector
/// (`optax.make_fenchel_young_loss`). With `logsumexp` it is the softmax cross-entropy.
///
/// `scores, targets: […, n]` → `[…]`.
public func makeFenchelYoungLoss(
  _ maximum: @escaping @Sendable (Tensor) throws -> Tensor
) -> @Sendable (_ scores: Tensor, _ targets: Tensor) throws -> Tensor {
  { scores, targets in
    try requireLastAxis(scores)
    let lead = Array(scores.shape.dropLast())
    let rows = try reshape(scores, [lead.reduce(1, *), scores.shape[scores.rank - 1]])
    let largest = try reshape(vmap(maximum)(rows), lead)
    return try largest - sum(targets * scores, axes: [-1])
  }
}
