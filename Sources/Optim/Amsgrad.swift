// AMSGrad: Adam whose second moment never falls.
//
// Reddi, Kale & Kumar 2018, "On the Convergence of Adam and Beyond", arXiv:1904.09237.

public import Core
public import Tree

/// m, v as in Adam;  w ← max(w, v̂);  u = m̂ / (√(w + ε₀) + ε)
///
/// Either bias correction can be left out; the paper has none.
public struct ScaleByAmsgrad: GradientTransformation {
  let b1, b2, eps, epsRoot: Hyperparameter
  let muDtype: DType?
  let biasCorrectionMu, biasCorrectionNu: Bool

  /// The moments, and the largest second moment so far.
  public struct State: PyTree {
    /// i32[]
    public var count = Tensor(0, .i32)
    /// The average of gradients.
    public var mu: Updates
    /// The average of their squares.
    public var nu: Updates
    /// The largest that it was.
    public var nuMax: Updates

    /// Shows count, mu, nu, nu_max.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("mu", &mu)
      visitor.field("nu", &nu)
      visitor.field("nu_max", &nuMax)
    }
  }

  /// All moments zero.
  public func initialise(_ parameters: Updates) throws -> State {
    State(
      mu: try parameters.zeros(muDtype), nu: try parameters.zeros(),
      nuMax: try parameters.zeros())
  }

  /// m̂ / (√(w + ε₀) + ε).
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let mu = try state.mu.average(of: g, decay: b1)
    let nu = try state.nu.average(ofSquareOf: g, decay: b2)
    let muHat = try biasCorrectionMu ? mu.biasCorrected(decay: b1, t) : mu
    let nuHat = try biasCorrectionNu ? nu.biasCorrected(decay: b2, t) : nu
    let nuMax = try state.nuMax.zip(nuHat, maximum)
    state = State(count: t, mu: try mu.cast(to: muDtype), nu: nu, nuMax: nuMax)
    return try muHat.zip(nuMax) { m, v in try m / (sqrt(v + epsRoot) + eps) }
  }
}

/// The direction of AMSGrad, without a learning rate.
public func scaleByAmsgrad(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999, eps: Hyperparameter = 1e-8,
  epsRoot: Hyperparameter = 0, muDtype: DType? = nil, biasCorrectionMu: Bool = true,
  biasCorrectionNu: Bool = true
) -> ScaleByAmsgrad {
  ScaleByAmsgrad(
    b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype,
    biasCorrectionMu: biasCorrectionMu, biasCorrectionNu: biasCorrectionNu)
}

/// AMSGrad.
public func amsgrad(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0, muDtype: DType? = nil,
  biasCorrectionMu: Bool = true, biasCorrectionNu: Bool = true
) -> Chain<ScaleByAmsgrad, ScaleByLearningRate> {
  chain(
    scaleByAmsgrad(
      b1: b1, b2: b2, eps: eps, epsRoot: epsRoot, muDtype: muDtype,
      biasCorrectionMu: biasCorrectionMu, biasCorrectionNu: biasCorrectionNu),
    scaleByLearningRate(learningRate))
}
