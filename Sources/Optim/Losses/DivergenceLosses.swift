// Kullback-Leibler divergences of predictions in logarithms from targets.

public import Core

/// Σ t (ln t − ln p) over `axes`, where 0 · ln 0 = 0 (`optax.kl_divergence`).
///
/// `logPredictions, targets: […, dim]` → `[…]`.
public func klDivergence(
  _ logPredictions: Tensor, targets: Tensor, axes: [Int]? = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(logPredictions)
  try requireFloating(targets)
  let isZero = try equal(targets, scalar(0, like: targets))
  let logTargets = try `where`(isZero, zeros(like: targets), log(targets))
  return try total(targets * (logTargets - logPredictions), axes: axes, where: mask)
}

/// Σ exp(l) (l − ln p) for targets in logarithms (`optax.kl_divergence_with_log_targets`).
public func klDivergenceWithLogTargets(
  _ logPredictions: Tensor, logTargets: Tensor, axes: [Int]? = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try requireFloating(logPredictions)
  try requireFloating(logTargets)
  return try total(
    exp(logTargets) * (logTargets - logPredictions), axes: axes, where: mask)
}

/// `klDivergence` + Σ (p − t), which is convex for distributions that need not sum to 1
/// (`optax.generalized_kl_divergence`, formerly `convex_kl_divergence`).
public func generalizedKLDivergence(
  _ logPredictions: Tensor, targets: Tensor, axes: [Int]? = [-1], where mask: Tensor? = nil
) throws -> Tensor {
  try klDivergence(logPredictions, targets: targets, axes: axes, where: mask)
    + total(exp(logPredictions) - targets, axes: axes, where: mask)
}
