// Adamax: Adam with the largest gradient in the place of the root mean square.
//
// Kingma & Ba 2015, section 7.1, arXiv:1412.6980.

import Core
import Tree

/// m ← b₁ m + (1 − b₁) g,  v ← max(|g| + ε, b₂ v);  u = m̂ / v
public struct ScaleByAdamax: GradientTransformation {
  let b1, b2, eps: Hyperparameter

  /// Both moments zero.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(mu: try parameters.zeros(), nu: try parameters.zeros())
  }

  /// m̂ / v.
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let nu = try state.nu.zip(g) { v, g in try maximum(abs(g) + eps, b2 * v) }
    state = AdamState(count: t, mu: mu, nu: nu)
    return try mu.biasCorrected(decay: b1, t).zip(nu, /)
  }
}

/// The direction of Adamax, without a learning rate.
public func scaleByAdamax(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-8
) -> ScaleByAdamax {
  ScaleByAdamax(b1: b1, b2: b2, eps: eps)
}

/// Adamax.
public func adamax(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8
) -> Chain<ScaleByAdamax, ScaleByLearningRate> {
  chain(scaleByAdamax(b1: b1, b2: b2, eps: eps), scaleByLearningRate(learningRate))
}

/// Adamax with decoupled weight decay.
public func adamaxw(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, weightDecay: LearningRate = 1e-4, mask: Mask? = nil
) -> Chain<ScaleByAdamax, AddDecayedWeights, ScaleByLearningRate> {
  chain(
    scaleByAdamax(b1: b1, b2: b2, eps: eps), addDecayedWeights(weightDecay, mask: mask),
    scaleByLearningRate(learningRate))
}
