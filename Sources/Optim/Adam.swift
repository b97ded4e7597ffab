// Adam and its variants with the same two moments.
//
// Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980; Nesterov's form:
// Dozat 2016; decoupled decay: Loshchilov & Hutter 2019, arXiv:1711.05101. Rules OX-03, OX-04.

public import Core
import Tree

/// m ← b₁ m + (1 − b₁) g,  v ← b₂ v + (1 − b₂) g²;  u = m̂ / (√(v̂ + ε₀) + ε)
///
/// with m̂ = m / (1 − b₁ᵗ), v̂ = v / (1 − b₂ᵗ), t counted from 1. Nesterov's form looks one step
/// ahead: m̂ = b₁ m / (1 − b₁ᵗ⁺¹) + (1 − b₁) g / (1 − b₁ᵗ).
public struct ScaleByAdam: GradientTransformation {
  let b1, b2, eps, epsRoot: Hyperparameter
  let muDtype: DType?
  let nesterov: Bool

  /// Both moments zero.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(mu: try parameters.zeros(muDtype), nu: try parameters.zeros())
  }

  /// m̂ / (√(v̂ + ε₀) + ε).
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let nu = try state.nu.average(ofSquareOf: g, decay: b2)
    let muHat = try firstMoment(mu, g, b1, t, nesterov: nesterov)
    let nuHat = try nu.biasCorrected(decay: b2, t)
    state = AdamState(count: t, mu: try mu.cast(to: muDtype), nu: try nu.cast(like: state.nu))
    return try muHat.zip(nuHat) { m, v in try m / (sqrt(v + epsRoot) + eps) }
  }
}

/// The direction of Adam, without a learning rate.
public func scaleByAdam(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-8,
  epsRoot: Hyperparameter = 0, muDtype: DType? = nil, nesterov: Bool = false
) -> ScaleByAdam {
  ScaleByAdam(b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype, nesterov: nesterov)
}

/// Adam: −lr · m̂ / (√v̂ + ε).
public func adam(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, muDtype: DType? = nil,
  nesterov: Bool = false
) -> Chain<ScaleByAdam, ScaleByLearningRate> {
  chain(
    scaleByAdam(
      b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype, nesterov: nesterov),
    scaleByLearningRate(learningRate))
}

/// Adam with decoupled weight decay: −lr · (m̂ / (√v̂ + ε) + λ p).
///
/// The decay is multiplied by the learning rate, and needs the parameters (rule OX-04).
public func adamw(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, muDtype: DType? = nil,
  weightDecay: LearningRate = 1e-4, mask: Mask? = nil, nesterov: Bool = false
) -> Chain<ScaleByAdam, AddDecayedWeights, ScaleByLearningRate> {
  chain(
    scaleByAdam(
      b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype, nesterov: nesterov),
    addDecayedWeights(weightDecay, mask: mask),
    scaleByLearningRate(learningRate))
}

/// Adam with Nesterov's momentum.
public func nadam(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, muDtype: DType? = nil,
  nesterov: Bool = true
) -> Chain<ScaleByAdam, ScaleByLearningRate> {
  adam(
    learningRate, b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype, nesterov: nesterov)
}

/// Adam with Nesterov's momentum and decoupled weight decay.
public func nadamw(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, muDtype: DType? = nil,
  weightDecay: LearningRate = 1e-4, mask: Mask? = nil, nesterov: Bool = true
) -> Chain<ScaleByAdam, AddDecayedWeights, ScaleByLearningRate> {
  adamw(
    learningRate, b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype,
    weightDecay: weightDecay, mask: mask, nesterov: nesterov)
}
