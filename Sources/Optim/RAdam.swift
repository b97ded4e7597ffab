// Rectified Adam: plain momentum until the second moment has seen enough gradients.
//
// Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond", arXiv:1908.03265.

import Core
import Tree

/// m, v as in Adam;  u = r m̂ / (√(v̂ + ε₀) + ε) once ρ ≥ threshold, m̂ before
///
/// with ρ∞ = 2 / (1 − b₂) − 1, ρ = ρ∞ − 2 t b₂ᵗ / (1 − b₂ᵗ) the length of the average, and
/// r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ).
public struct ScaleByRadam: GradientTransformation {
  let b1, b2, eps, epsRoot, threshold: Hyperparameter
  let nesterov: Bool

  /// Both moments zero.
  public func initialise(_ parameters: Updates) throws -> AdamState {
    AdamState(mu: try parameters.zeros(), nu: try parameters.zeros())
  }

  /// The rectified step, or m̂.
  public func update(
    _ g: Updates, _ state: inout AdamState, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let nu = try state.nu.average(ofSquareOf: g, decay: b2)
    state = AdamState(count: t, mu: mu, nu: nu)
    let muHat = try firstMoment(mu, g, b1, t, nesterov: nesterov)
    var rectifications: [DType: Rectification] = [:]
    return try muHat.zip(nu.biasCorrected(decay: b2, t)) { m, v in
      let known = try rectifications[m.dtype] ?? rectification(t.asType(m.dtype))
      rectifications[m.dtype] = known
      return try `where`(known.isLong, known.r * m / (sqrt(v + epsRoot) + eps), m)
    }
  }

  /// Whether the average is long enough, and r.
  private typealias Rectification = (isLong: Tensor, r: Tensor)

  private func rectification(_ t: Tensor) throws -> Rectification {
    let longest = try 2 / (1 - b2) - 1
    let power = try pow(b2.tensor(t.dtype), t)
    let two = Tensor(constant: 2, t.dtype)
    let rho = try longest.tensor(t.dtype) - two * t * power / (1 - power)
    let scale = try (longest - 4) * (longest - 2)
    let r = try sqrt((rho - 4) * (rho - two) * longest / (scale * rho))
    return (try greaterOrEqual(rho, threshold.tensor(t.dtype)), r)
  }
}

/// The direction of rectified Adam, without a learning rate.
public func scaleByRadam(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-8,
  epsRoot: Hyperparameter = 0, threshold: Hyperparameter = 5, nesterov: Bool = false
) -> ScaleByRadam {
  ScaleByRadam(
    b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, threshold: threshold, nesterov: nesterov)
}

/// Rectified Adam.
public func radam(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, threshold: Hyperparameter = 5,
  nesterov: Bool = false
) -> Chain<ScaleByRadam, ScaleByLearningRate> {
  chain(
    scaleByRadam(
      b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, threshold: threshold, nesterov: nesterov),
    scaleByLearningRate(learningRate))
}
