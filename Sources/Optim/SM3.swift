// SM3: Adagrad with one accumulator per row and column instead of one per element.
//
// Anil et al. 2019, "Memory-Efficient Adaptive Optimization", arXiv:1901.11150.

public import Core
public import Tree

/// a = c g² + b₂ minᵢ sᵢ,  m ← b₁ m + (1 − b₁) g / √(a + ε),  sᵢ ← max of a over all axes but i;
/// u = m
///
/// with c = 1 − b₂, or 1 for b₂ = 1. A parameter has one sᵢ per axis, so a scalar has none and is
/// refused.
public struct ScaleBySM3: GradientTransformation {
  let b1: Hyperparameter
  let b2: Double
  let eps: Hyperparameter

  /// The accumulators and the momentum.
  public struct State: PyTree {
    /// For each leaf, one vector per axis.
    public var mu: AxisSums
    /// The momentum.
    public var nu: Updates

    /// Shows mu, nu.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("mu", &mu)
      visitor.field("nu", &nu)
    }
  }

  /// All zero.
  /// - Throws: `OptimError.badArgument` for a parameter without axes.
  public func initialise(_ parameters: Updates) throws -> State {
    for (path, x) in zip(parameters.paths, parameters.values) where x?.rank == 0 {
      throw OptimError.badArgument(
        "\(path): SM3 keeps one vector per axis of a parameter; a scalar has none")
    }
    let sums = try parameters.values.map { x in
      try x.map { x in try x.shape.map { try zeros([$0], x.dtype) } }
    }
    return State(
      mu: AxisSums(outline: parameters.outline, values: sums), nu: try parameters.zeros())
  }

  /// The momentum of g / √(a + ε).
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    var sums = state.mu.values[...]
    // The momentum pairs the leaves, so that each tensor has its accumulators.
    let a = try Updates(
      state.nu.outline,
      state.nu.zip(g) { _, g in g }.values.map { g in
        let own = sums.popFirst() ?? nil
        guard let g, let own else { return nil }
        return try accumulated(g, own)
      })
    let steps = try a.zip(g) { a, g in try g * positiveRsqrt(a, eps) }
    state.mu.values = try a.values.map { try $0.map(axisMaxima) }
    state.nu = try state.nu.average(of: steps, decay: b1)
    return state.nu
  }

  /// c g² + b₂ min over the axes of what stands in g's row there.
  private func accumulated(_ g: Tensor, _ sums: [Tensor]) throws -> Tensor {
    let rows = try sums.enumerated().map { i, s in
      try reshape(s, g.shape.indices.map { $0 == i ? g.shape[i] : 1 })
    }
    let least = try rows.dropFirst().reduce(rows[0]) { try minimum($0, $1) }
    let weight = Hyperparameter(b2 == 1 ? 1 : 1 - b2)
    return try weight * integerPow(g, 2) + Hyperparameter(b2) * least
  }
}

/// For each axis the maxima of `a` over all others.
private func axisMaxima(_ a: Tensor) throws -> [Tensor] {
  if a.rank == 1 { return [a] }
  return try a.shape.indices.map { i in try max(a, axes: a.shape.indices.filter { $0 != i }) }
}

/// For each leaf of a tree, one vector per axis.
public struct AxisSums: PyTree {
  let outline: Outline
  /// The vectors; nil for a leaf that is not trained.
  public internal(set) var values: [[Tensor]?]

  /// A node that announces the structure of its tree.
  public static var nodeRole: NodeRole { .container }

  /// Shows the vectors under the paths of the leaves they belong to.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    let outline = outline
    visitor.visit(leavesOf: outline.definition, paths: outline.paths, &values)
  }
}

/// The direction of SM3, without a learning rate.
public func scaleBySM3(
  b1: Hyperparameter = 0.9, b2: Double = 1, eps: Hyperparameter = 1e-8
) -> ScaleBySM3 {
  ScaleBySM3(b1: b1, b2: b2, eps: eps)
}

/// SM3.
public func sm3(
  _ learningRate: LearningRate, momentum: Hyperparameter = 0.9
) -> Chain<ScaleBySM3, ScaleByLearningRate> {
  chain(scaleBySM3(b1: momentum), scaleByLearningRate(learningRate))
}
