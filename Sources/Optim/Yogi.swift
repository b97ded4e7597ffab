// Yogi: Adam whose second moment moves by a bounded step.
//
// Zaheer et al. 2018, "Adaptive Methods for Nonconvex Optimization".

import Core
import Tree

/// m ← b₁ m + (1 − b₁) g,  v ← v − (1 − b₂) sign(v − g²) g²;  u = m̂ / (√(v̂ + ε₀) + ε)
public struct ScaleByYogi: GradientTransformation {
  let b1, b2, eps, epsRoot, initialAccumulatorValue: Hyperparameter

  /// Both moments at their initial value.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(
      mu: try parameters.full(initialAccumulatorValue),
      nu: try parameters.full(initialAccumulatorValue))
  }

  /// m̂ / (√(v̂ + ε₀) + ε).
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let nu = try state.nu.zip(g) { v, g in
      let square = try g * g
      return try v - (1 - b2) * sign(v - square) * square
    }
    state = AdamState(count: t, mu: mu, nu: nu)
    let (muHat, nuHat) = try (mu.biasCorrected(decay: b1, t), nu.biasCorrected(decay: b2, t))
    return try muHat.zip(nuHat) { m, v in try m / (sqrt(v + epsRoot) + eps) }
  }
}

/// The direction of Yogi, without a learning rate.
public func scaleByYogi(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-3,
  epsRoot: Hyperparameter = 0, initialAccumulatorValue: Hyperparameter = 1e-6
) -> ScaleByYogi {
  ScaleByYogi(
    b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, initialAccumulatorValue: initialAccumulatorValue)
}

/// Yogi.
public func yogi(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-3
) -> Chain<ScaleByYogi, ScaleByLearningRate> {
  chain(scaleByYogi(b1: b1, b2: b2, eps: eps), scaleByLearningRate(learningRate))
}
