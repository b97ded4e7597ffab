// Adan: Nesterov momentum by the differences of gradients.
//
// Xie et al. 2022, "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models",
// arXiv:2208.06677.

public import Core
public import Tree

/// d = g − g₋₁, 0 at first;  m ← b₁ m + (1 − b₁) g,  v ← b₂ v + (1 − b₂) d,
/// n ← b₃ n + (1 − b₃) (g + (1 − b₂) d)²;  u = (m̂ + (1 − b₂) v̂) / (√(n̂ + ε₀) + ε)
public struct ScaleByAdan: GradientTransformation {
  let b1, b2, b3, eps, epsRoot: Hyperparameter

  /// Three averages, the last gradient, and how many there were.
  public struct State: PyTree {
    /// The average of gradients.
    public var m: Updates
    /// The average of their differences.
    public var v: Updates
    /// The average of the squares of gradients that look ahead.
    public var n: Updates
    /// The last gradient.
    public var g: Updates
    /// i32[]
    public var t = Tensor(0, .i32)

    /// Shows m, v, n, g, t.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("m", &m)
      visitor.field("v", &v)
      visitor.field("n", &n)
      visitor.field("g", &g)
      visitor.field("t", &t)
    }
  }

  /// All zero.
  public func initialise(_ parameters: Updates) throws -> State {
    let zeros = try parameters.zeros()
    return State(m: zeros, v: zeros, n: zeros, g: zeros)
  }

  /// (m̂ + (1 − b₂) v̂) / (√(n̂ + ε₀) + ε).
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let isFirst = try equal(state.t, Tensor(constant: 0, .i32))
    let d = try g.zip(state.g) { g, last in try `where`(isFirst, zeros(like: g), g - last) }
    let ahead = try g.zip(d) { g, d in try g + (1 - b2) * d }
    let t = try incremented(state.t)
    state = State(
      m: try state.m.average(of: g, decay: b1), v: try state.v.average(of: d, decay: b2),
      n: try state.n.average(ofSquareOf: ahead, decay: b3), g: g, t: t)
    let m = try state.m.biasCorrected(decay: b1, t)
    let v = try state.v.biasCorrected(decay: b2, t)
    let n = try state.n.biasCorrected(decay: b3, t)
    return try m.zip(v, n) { m, v, n in
      try (m + (1 - b2) * v) / (sqrt(n + epsRoot) + eps)
    }
  }
}

/// The direction of Adan, without a learning rate.
public func scaleByAdan(
  b1: Hyperparameter = 0.98, b2: Hyperparameter = 0.92, b3: Hyperparameter = 0.99,
  eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 0
) -> ScaleByAdan {
  ScaleByAdan(b1: b1, b2: b2, b3: b3, eps: eps, epsRoot: epsRoot)
}

/// Adan.
public func adan(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.98, b2: Hyperparameter = 0.92,
  b3: Hyperparameter = 0.99, eps: Hyperparameter = 1e-8, epsRoot: Hyperparameter = 1e-8,
  weightDecay: LearningRate = 0, mask: Mask? = nil
) -> Chain<ScaleByAdan, AddDecayedWeights, ScaleByLearningRate> {
  chain(
    scaleByAdan(b1: b1, b2: b2, b3: b3, eps: eps, epsRoot: epsRoot),
    addDecayedWeights(weightDecay, mask: mask), scaleByLearningRate(learningRate))
}
