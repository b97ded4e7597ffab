// RMSProp: gradients divided by their root mean square, or by their standard deviation.
//
// Tieleman & Hinton 2012, lecture 6.5 of "Neural Networks for Machine Learning"; centred: Graves 2013,
// "Generating Sequences With Recurrent Neural Networks", arXiv:1308.0850.

public import Core
public import Tree

/// v ← d v + (1 − d) g²;  u = g / √(v + ε), or g / (√v + ε)
///
/// Centred, v − m² takes the place of v, with m ← d m + (1 − d) g.
public struct ScaleByRms: GradientTransformation {
  let decay, eps, initialScale: Hyperparameter
  let epsInSqrt, biasCorrection, centred: Bool

  /// The moments; a count only where they are bias-corrected, a first moment only if centred.
  public struct State: PyTree {
    /// i32[]
    public var count: Tensor?
    /// The average of gradients.
    public var mu: Updates?
    /// The average of their squares.
    public var nu: Updates

    /// Shows count, mu, nu as far as there are.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("mu", &mu)
      visitor.field("nu", &nu)
    }
  }

  /// The first moment zero, the second at the initial scale.
  public func initialise(_ parameters: Updates) throws -> State {
    State(
      count: biasCorrection ? Tensor(0, .i32) : nil, mu: try centred ? parameters.zeros() : nil,
      nu: try parameters.full(initialScale))
  }

  /// g / √(v + ε).
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let t = try state.count.map(incremented)
    func corrected(_ moment: Updates) throws -> Updates {
      try t.map { try moment.biasCorrected(decay: decay, $0) } ?? moment
    }
    let mu = try state.mu?.average(of: g, decay: decay)
    let nu = try state.nu.average(ofSquareOf: g, decay: decay)
    state = State(count: t, mu: mu, nu: nu)
    var spread = try corrected(nu)
    if let mu { spread = try spread.zip(corrected(mu)) { v, m in try v - m * m } }
    return try spread.zip(g) { v, g in
      try (epsInSqrt ? rsqrt(v + eps) : 1 / (sqrt(v) + eps)) * g
    }
  }
}

/// The direction of RMSProp, without a learning rate.
public func scaleByRms(
  decay: Hyperparameter = 0.9, eps: Hyperparameter = 1e-8, initialScale: Hyperparameter = 0,
  epsInSqrt: Bool = true, biasCorrection: Bool = false
) -> ScaleByRms {
  ScaleByRms(
    decay: decay, eps: eps, initialScale: initialScale, epsInSqrt: epsInSqrt,
    biasCorrection: biasCorrection, centred: false)
}

/// The direction of centred RMSProp, without a learning rate.
public func scaleByStddev(
  decay: Hyperparameter = 0.9, eps: Hyperparameter = 1e-8, initialScale: Hyperparameter = 0,
  epsInSqrt: Bool = true, biasCorrection: Bool = false
) -> ScaleByRms {
  ScaleByRms(
    decay: decay, eps: eps, initialScale: initialScale, epsInSqrt: epsInSqrt,
    biasCorrection: biasCorrection, centred: true)
}

/// RMSProp, with momentum of the scaled steps if there is one.
public func rmsprop(
  _ learningRate: LearningRate, decay: Hyperparameter = 0.9, eps: Hyperparameter = 1e-8,
  initialScale: Hyperparameter = 0, epsInSqrt: Bool = true, centered: Bool = false,
  momentum: Hyperparameter? = nil, nesterov: Bool = false, biasCorrection: Bool = false
) -> Chain<ScaleByRms, ScaleByLearningRate, Trace?> {
  chain(
    ScaleByRms(
      decay: decay, eps: eps, initialScale: initialScale, epsInSqrt: epsInSqrt,
      biasCorrection: biasCorrection, centred: centered),
    scaleByLearningRate(learningRate),
    momentum.map { trace(decay: $0, nesterov: nesterov) })
}
