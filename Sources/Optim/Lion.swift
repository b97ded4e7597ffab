// Lion: the sign of a momentum that leans towards the latest gradient.
//
// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", arXiv:2302.06675.

public import Core
public import Tree

/// u = sign((1 − b₁) g + b₁ m);  m ← b₂ m + (1 − b₂) g
public struct ScaleByLion: GradientTransformation {
  let b1, b2: Hyperparameter
  let muDtype: DType?
  let mode: LionMode

  /// The momentum.
  public struct State: PyTree {
    /// i32[]
    public var count = Tensor(0, .i32)
    /// The average of gradients.
    public var mu: Updates

    /// Shows count, mu.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("mu", &mu)
    }
  }

  /// The momentum zero.
  public func initialise(_ parameters: Updates) throws -> State {
    State(mu: try parameters.zeros(muDtype))
  }

  /// The sign, or what stands for it.
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let u = try g.zip(state.mu) { g, m in try mode.sign((1 - b1) * g + b1 * m) }
    state = State(
      count: try incremented(state.count),
      mu: try state.mu.average(of: g, decay: b2).cast(to: muDtype))
    return u
  }
}

/// What Lion takes for the sign of x.
public enum LionMode: Sendable, Hashable {
  /// −1, 0 or 1.
  case hard
  /// tanh(β x).
  case smooth(beta: Double)
  /// x within ±1, else its sign.
  case refined

  func sign(_ x: Tensor) throws -> Tensor {
    switch self {
    case .hard: try Core.sign(x)
    case .smooth(let beta): try tanh(Hyperparameter(beta) * x)
    case .refined: try `where`(less(abs(x), Tensor(constant: 1, x.dtype)), x, Core.sign(x))
    }
  }
}

/// The direction of Lion, without a learning rate.
public func scaleByLion(
  b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.99, muDtype: DType? = nil,
  mode: LionMode = .hard
) -> ScaleByLion {
  ScaleByLion(b1: b1, b2: b2, muDtype: muDtype, mode: mode)
}

/// Lion, with decoupled weight decay.
public func lion(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.99,
  muDtype: DType? = nil, weightDecay: LearningRate = 1e-3, mask: Mask? = nil
) -> Chain<ScaleByLion, AddDecayedWeights, ScaleByLearningRate> {
  chain(
    scaleByLion(b1: b1, b2: b2, muDtype: muDtype), addDecayedWeights(weightDecay, mask: mask),
    scaleByLearningRate(learningRate))
}
