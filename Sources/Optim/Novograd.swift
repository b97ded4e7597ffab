// NovoGrad: momentum of gradients that were divided by the norm of their leaf.
//
// Ginsburg et al. 2019, "Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of
// Deep Networks", arXiv:1905.11286.

public import Core
import Tree

/// v ← b₂ v + (1 − b₂) ‖g‖²,  m ← b₁ m + g / (√(v + ε₀) + ε) + λ p;  u = m
///
/// v is one number per leaf. At the first step v = ‖g‖² and m is what is added. Needs the parameters.
public struct ScaleByNovograd: GradientTransformation {
  let b1, b2, eps, epsRoot, weightDecay: Hyperparameter
  let muDtype: DType?

  /// The momentum zero; one zero per leaf.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(
      mu: try parameters.zeros(muDtype), nu: try parameters.map { try zeros([], $0.dtype) })
  }

  /// m.
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let parameters = try required(parameters, for: g, "scaleByNovograd")
    let t = try incremented(state.count)
    let isFirst = try equal(t, Tensor(constant: 1, .i32))
    let squares = try g.map { try integerPow(norm($0), 2) }
    let nu = try state.nu.zip(squares) { v, s in
      try `where`(isFirst, s, (1 - b2) * s + b2 * v)
    }
    let steps = try g.zip(parameters, nu) { g, p, v in
      try g / (sqrt(v + epsRoot) + eps) + weightDecay * p
    }
    let mu = try state.mu.zip(steps) { m, u in try `where`(isFirst, u, b1 * m + u) }
      .cast(to: muDtype)
    state = AdamState(count: t, mu: mu, nu: nu)
    return mu
  }
}

/// The direction of NovoGrad, without a learning rate.
public func scaleByNovograd(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.25, eps: Hyperparameter = 1e-8,
  epsRoot: Hyperparameter = 0, weightDecay: Hyperparameter = 0, muDtype: DType? = nil
) -> ScaleByNovograd {
  ScaleByNovograd(
    b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, weightDecay: weightDecay, muDtype: muDtype)
}

/// NovoGrad.
public func novograd(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.25,
  eps: Hyperparameter = 1e-6, epsRoot: Hyperparameter = 0, weightDecay: Hyperparameter = 0
) -> Chain<ScaleByNovograd, ScaleByLearningRate> {
  chain(
    scaleByNovograd(b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, weightDecay: weightDecay),
    scaleByLearningRate(learningRate))
}
