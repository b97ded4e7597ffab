// AdaBelief: Adam scaled by how far gradients are from what was expected.
//
// Zhuang et al. 2020, "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients",
// arXiv:2010.07468.

import Core
import Tree

/// m ← b₁ m + (1 − b₁) g,  v ← b₂ v + (1 − b₂) (g − m)² + ε₀;  u = m̂ / (√v̂ + ε)
public struct ScaleByBelief: GradientTransformation {
  let b1, b2, eps, epsRoot: Hyperparameter
  let nesterov: Bool

  /// Both moments zero.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(mu: try parameters.zeros(), nu: try parameters.zeros())
  }

  /// m̂ / (√v̂ + ε).
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let surprise = try g.zip(mu, -)
    let nu = try state.nu.average(ofSquareOf: surprise, decay: b2).map { try $0 + epsRoot }
    state = AdamState(count: t, mu: mu, nu: nu)
    let muHat = try firstMoment(mu, g, b1, t, nesterov: nesterov)
    return try muHat.zip(nu.biasCorrected(decay: b2, t)) { m, v in try m / (sqrt(v) + eps) }
  }
}

/// The direction of AdaBelief, without a learning rate.
public func scaleByBelief(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-16,
  epsRoot: Hyperparameter = 1e-16, nesterov: Bool = false
) -> ScaleByBelief {
  ScaleByBelief(b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, nesterov: nesterov)
}

/// AdaBelief.
public func adabelief(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-16, epsRoot: Hyperparameter = 1e-16, nesterov: Bool = false
) -> Chain<ScaleByBelief, ScaleByLearningRate> {
  chain(
    scaleByBelief(b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, nesterov: nesterov),
    scaleByLearningRate(learningRate))
}
