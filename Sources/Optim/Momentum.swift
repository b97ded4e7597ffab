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

/// Gradient descent: −lr · g, with momentum if there is one.
public func sgd(
  _ learningRate: LearningRate, momentum: Hyperparameter? = nil, nesterov: Bool = false,
  accumulatorDtype: DType? = nil
) -> Chain<Trace?, ScaleByLearningRate> {
  chain(
    momentum.map { trace(decay: $0, nesterov: nesterov, accumulatorDtype: accumulatorDtype) },
    scaleByLearningRate(learningRate))
}
