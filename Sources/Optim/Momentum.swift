// Momentum: a trace of past gradients, and gradient descent with it.
//
// Polyak 1964; Nesterov's form: Sutskever et al. 2013, "On the importance of initialization and
// momentum in deep learning". There is no factor 1 − μ (rule OX-05).

public import Core
public import Tree

/// t ← g + μ t;  u = t, or g + μ t with Nesterov.
public struct Trace: GradientTransformation {
  let decay: Hyperparameter
  let nesterov: Bool
  let accumulatorDtype: DType?

  /// The trace.
  public struct State: PyTree {
    /// Σ μᵏ g.
    public var trace: Updates

    /// Shows the trace.
    public mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("trace", &trace) }
  }

  /// The trace zero.
  public func initialise(_ parameters: Updates) throws -> State {
    State(trace: try parameters.zeros(accumulatorDtype))
  }

  /// The trace, or one more step of it.
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    func step(_ trace: Updates) throws -> Updates { try trace.zip(g) { t, g in try g + decay * t } }
    let trace = try step(state.trace)
    state.trace = try trace.cast(to: accumulatorDtype)
    return try nesterov ? step(trace) : trace
  }
}

/// The sum of past gradients, each μ times weaker than the next.
public func trace(
  decay: Hyperparameter, nesterov: Bool = false, accumulatorDtype: DType? = nil
) -> Trace {
  Trace(decay: decay, nesterov: nesterov, accumulatorDtype: accumulatorDtype)
}

/// e ← d e + (1 − d) g;  u = ê, bias-corrected if `debias` (rule OX-05).
public struct Ema: GradientTransformation {
  let decay: Hyperparameter
  let debias: Bool
  let accumulatorDtype: DType?

  /// The average.
  public struct State: PyTree {
    /// i32[]
    public var count = Tensor(0, .i32)
    /// The average of updates.
    public var ema: Updates

    /// Shows count, ema.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("ema", &ema)
    }
  }

  /// The average zero.
  public func initialise(_ parameters: Updates) throws -> State {
    State(ema: try parameters.zeros(accumulatorDtype))
  }

  /// The average.
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let t = try incremented(state.count)
    let average = try state.ema.average(of: g, decay: decay)
    state = State(count: t, ema: try average.cast(to: accumulatorDtype))
    return try debias ? average.biasCorrected(decay: decay, t) : average
  }
}

/// The exponential moving average of updates.
public func ema(
  _ decay: Hyperparameter, debias: Bool = true, accumulatorDtype: DType? = nil
) -> Ema {
  Ema(decay: decay, debias: debias, accumulatorDtype: accumulatorDtype)
}

/// Gradient descent: −lr · g, with momentum if there is one.
public func sgd(
  _ learningRate: LearningRate, momentum: Hyperparameter? = nil, nesterov: Bool = false,
  accumulatorDtype: DType? = nil
) -> Chain<Trace?, ScaleByLearningRate> {
  chain(
    momentum.map { trace(decay: $0, nesterov: nesterov, accumulatorDtype: accumulatorDtype) },
    scaleByLearningRate(learningRate))
}
