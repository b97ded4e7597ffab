// Adadelta: steps in the units of the parameters.
//
// Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method", arXiv:1212.5701.

import Core
public import Tree

/// e ← ρ e + (1 − ρ) g²;  u = √(x + ε) / √(e + ε) · g;  x ← ρ x + (1 − ρ) u²
public struct ScaleByAdadelta: GradientTransformation {
  let rho, eps: Hyperparameter

  /// The averages of both squares.
  public struct State: PyTree {
    /// Of gradients.
    public var eG: Updates
    /// Of updates.
    public var eX: Updates

    /// Shows e_g, e_x.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("e_g", &eG)
      visitor.field("e_x", &eX)
    }
  }

  /// Both zero.
  public func initialise(_ parameters: Updates) throws -> State {
    State(eG: try parameters.zeros(), eX: try parameters.zeros())
  }

  /// √(x + ε) / √(e + ε) · g.
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    let eG = try state.eG.average(ofSquareOf: g, decay: rho)
    let u = try g.zip(eG, state.eX) { g, e, x in try sqrt(x + eps) / sqrt(e + eps) * g }
    state = State(eG: eG, eX: try state.eX.average(ofSquareOf: u, decay: rho))
    return u
  }
}

/// The direction of Adadelta, without a learning rate.
public func scaleByAdadelta(
  rho: Hyperparameter = 0.9, eps: Hyperparameter = 1e-6
) -> ScaleByAdadelta {
  ScaleByAdadelta(rho: rho, eps: eps)
}

/// Adadelta; without a learning rate u is returned as it is, uphill.
public func adadelta(
  _ learningRate: LearningRate? = nil, rho: Hyperparameter = 0.9, eps: Hyperparameter = 1e-6,
  weightDecay: LearningRate = 0, weightDecayMask: Mask? = nil
) -> Chain<AddDecayedWeights, ScaleByAdadelta, ScaleByLearningRate?> {
  chain(
    addDecayedWeights(weightDecay, mask: weightDecayMask), scaleByAdadelta(rho: rho, eps: eps),
    learningRate.map { scaleByLearningRate($0) })
}
