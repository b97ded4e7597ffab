// L-BFGS: the inverse Hessian applied to the gradient, from the last few steps.
//
// Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; Nocedal &
// Wright, "Numerical Optimization", algorithms 7.4 and 7.5. Corresponds to scale_by_lbfgs in
// optax/_src/transform.py.

public import Core
public import Tree

/// u = P g with P from the last m pairs sᵢ = pᵢ₊₁ − pᵢ, yᵢ = gᵢ₊₁ − gᵢ, ρᵢ = 1 / ⟨sᵢ, yᵢ⟩:
///
/// q ← g;  newest to oldest: αᵢ = ρᵢ ⟨sᵢ, q⟩, q ← q − αᵢ yᵢ;  q ← γ q;
/// oldest to newest: q ← q + (αᵢ − ρᵢ ⟨yᵢ, q⟩) sᵢ;  u = q
///
/// with γ = ⟨s, y⟩ / ⟨y, y⟩ of the newest pair, min(1, 1 / ‖g‖) before there is one, or always 1.
public struct ScaleByLBFGS: GradientTransformation {
  let memorySize: Int
  let scaleInitPrecond: Bool

  /// The last step and the memory, which is written round and round.
  public struct State: PyTree {
    /// i32[]
    public var count = Tensor(0, .i32)
    /// The last parameters.
    public var params: Updates
    /// The last gradient.
    public var updates: Updates
    /// `[m, …]`: the sᵢ.
    public var diffParamsMemory: Updates
    /// `[m, …]`: the yᵢ.
    public var diffUpdatesMemory: Updates
    /// `[m]`: the ρᵢ.
    public var weightsMemory: Tensor

    /// Shows count, params, updates, diff_params_memory, diff_updates_memory, weights_memory.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("params", &params)
      visitor.field("updates", &updates)
      visitor.field("diff_params_memory", &diffParamsMemory)
      visitor.field("diff_updates_memory", &diffUpdatesMemory)
      visitor.field("weights_memory", &weightsMemory)
    }
  }

  /// An empty memory.
  /// - Throws: `OptimError.badArgument` for a memory of less than one pair.
  public func initialise(_ parameters: Updates) throws -> State {
    guard memorySize >= 1 else {
      throw OptimError.badArgument("memorySize must be at least 1, got \(memorySize)")
    }
    let memory = try parameters.map { try zeros([memorySize] + $0.shape, $0.dtype) }
    return State(
      params: try parameters.zeros(), updates: try parameters.zeros(), diffParamsMemory: memory,
      diffUpdatesMemory: memory, weightsMemory: try zeros([memorySize], parameters.widest))
  }

  /// P g.
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let parameters = try required(parameters, for: g, "scaleByLbfgs")
    let hasPair = try greater(state.count, Tensor(constant: 0, .i32))
    func known(_ x: Tensor) throws -> Tensor { try `where`(hasPair, x, zeros(like: x)) }
    let s = try parameters.zip(state.params, -).map(known)
    let y = try g.zip(state.updates, -).map(known)
    let curvature = try inner(y, s)
    let isFlat = try equal(curvature, Tensor(constant: 0, curvature.dtype))
    let weight = try known(`where`(isFlat, zeros(like: curvature), 1 / curvature))

    let oldest = try rem(state.count, size)
    let newest = try slot(oldest, memorySize - 1)
    func stored(_ memory: Tensor, _ x: Tensor) throws -> Tensor {
      try dynamicUpdateIndexInDim(memory, x.asType(memory.dtype), newest, axis: 0)
    }
    state = State(
      count: try incremented(state.count), params: parameters, updates: g,
      diffParamsMemory: try state.diffParamsMemory.zip(s, stored),
      diffUpdatesMemory: try state.diffUpdatesMemory.zip(y, stored),
      weightsMemory: try stored(state.weightsMemory, weight))
    let scale = try scaleInitPrecond ? firstScale(g, y, curvature, hasPair) : nil
    return try preconditioned(g, state, oldest: oldest, scale: scale)
  }

  /// γ.
  private func firstScale(
    _ g: Updates, _ y: Updates, _ curvature: Tensor, _ hasPair: Tensor
  ) throws -> Tensor {
    let square = try globalSquare(y)
    let (zero, one) = (Tensor(constant: 0, square.dtype), Tensor(constant: 1, square.dtype))
    let newest = try `where`(greater(square, zero), curvature / square, one)
    let norm = try globalNorm(g.map(stopGradient))
    return try `where`(hasPair, newest, minimum(one, one / norm))
  }

  /// The two loops.
  private func preconditioned(
    _ g: Updates, _ state: State, oldest: Tensor, scale: Tensor?
  ) throws -> Updates {
    let pairs = try (0..<memorySize).map { k in
      let i = try slot(oldest, k)
      func at(_ memory: Tensor) throws -> Tensor {
        try dynamicIndexInDim(memory, i, axis: 0, keepDims: false)
      }
      return try (
        s: state.diffParamsMemory.map(at), y: state.diffUpdatesMemory.map(at),
        rho: at(state.weightsMemory)
      )
    }
    var q = g
    var alphas: [Tensor] = []
    for pair in pairs.reversed() {
      let alpha = try pair.rho * inner(pair.s, q).asType(pair.rho.dtype)
      q = try q.adding(-alpha, times: pair.y)
      alphas.append(alpha)
    }
    if let scale { q = try q.map { try scale.asType($0.dtype) * $0 } }
    for (pair, alpha) in zip(pairs, alphas.reversed()) {
      let beta = try pair.rho * inner(pair.y, q).asType(pair.rho.dtype)
      q = try q.adding(alpha - beta, times: pair.s)
    }
    return q
  }

  /// The place in the memory of the pair that came `k` after the oldest.
  private func slot(_ oldest: Tensor, _ k: Int) throws -> Tensor {
    try rem(oldest + Tensor(constant: DoubleDouble(Double(k)), .i32), size)
  }

  private var size: Tensor { Tensor(constant: DoubleDouble(Double(memorySize)), .i32) }
}

extension Updates {
  /// This + a · y, in the dtypes of this.
  func adding(_ a: Tensor, times y: Updates) throws -> Updates {
    try zip(y) { x, y in try x + a.asType(x.dtype) * y }.cast(like: self)
  }
}

/// The gradient times the inverse Hessian as the last steps show it, without a learning rate.
public func scaleByLbfgs(memorySize: Int = 10, scaleInitPrecond: Bool = true) -> ScaleByLBFGS {
  ScaleByLBFGS(memorySize: memorySize, scaleInitPrecond: scaleInitPrecond)
}

/// L-BFGS with a zoom line search, which needs the value and the function at every update; without a
/// line search, steps of the learning rate.
public func lbfgs(
  _ learningRate: LearningRate? = nil, memorySize: Int = 10, scaleInitPrecond: Bool = true,
  linesearch: ScaleByZoomLinesearch? = scaleByZoomLinesearch(
    maxLinesearchSteps: 20, initialGuessStrategy: .one)
) -> Chain<ScaleByLBFGS, ScaleByLearningRate, ScaleByZoomLinesearch?> {
  chain(
    scaleByLbfgs(memorySize: memorySize, scaleInitPrecond: scaleInitPrecond),
    scaleByLearningRate(learningRate ?? 1), linesearch)
}
