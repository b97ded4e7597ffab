// Adagrad: gradients divided by the root of the sum of all squares so far.
//
// Duchi, Hazan & Singer 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic
// Optimization".

import Core
public import Tree

/// s ← s + g²;  u = g / √(s + ε), and 0 where s = 0
public struct ScaleByRss: GradientTransformation {
  let initialAccumulatorValue, eps: Hyperparameter

  /// The sums.
  public struct State: PyTree {
    /// Σ g².
    public var sumOfSquares: Updates

    /// Shows the sums.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("sum_of_squares", &sumOfSquares)
    }
  }

  /// The sums at their initial value.
  public func initialise(_ parameters: Updates) throws -> State {
    State(sumOfSquares: try parameters.full(initialAccumulatorValue))
  }

  /// g / √(s + ε).
  public func update(
    _ g: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    state.sumOfSquares = try state.sumOfSquares.zip(g) { s, g in try g * g + s }
    return try state.sumOfSquares.zip(g) { s, g in try positiveRsqrt(s, eps) * g }
  }
}

/// 1/√(s + ε) where s > 0, else 0.
func positiveRsqrt(_ s: Tensor, _ eps: Hyperparameter) throws -> Tensor {
  try `where`(greater(s, Tensor(constant: 0, s.dtype)), rsqrt(s + eps), zeros(like: s))
}

/// The direction of Adagrad, without a learning rate.
public func scaleByRss(
  initialAccumulatorValue: Hyperparameter = 0.1, eps: Hyperparameter = 1e-7
) -> ScaleByRss {
  ScaleByRss(initialAccumulatorValue: initialAccumulatorValue, eps: eps)
}

/// Adagrad.
public func adagrad(
  _ learningRate: LearningRate, initialAccumulatorValue: Hyperparameter = 0.1,
  eps: Hyperparameter = 1e-7
) -> Chain<ScaleByRss, ScaleByLearningRate> {
  chain(
    scaleByRss(initialAccumulatorValue: initialAccumulatorValue, eps: eps),
    scaleByLearningRate(learningRate))
}
