// Steps in proportion to the parameters they move: LARS, LAMB, Fromage.
//
// You, Gitman & Ginsburg 2017, "Large Batch Training of Convolutional Networks", arXiv:1708.03888;
// You et al. 2020, "Large Batch Optimization for Deep Learning", arXiv:1904.00962; Bernstein et al.
// 2020, "On the distance between two neural networks and the stability of learning",
// arXiv:2002.03432.

import Core
import Tree

/// u ← u · c ‖p‖ / (‖u‖ + ε), leaf by leaf, norms at least `minNorm`; u where either norm is 0.
public struct ScaleByTrustRatio: StatelessTransformation {
  let minNorm, trustCoefficient, eps: Hyperparameter

  /// u at the scale of its parameter.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    let parameters = try required(parameters, for: updates, "scaleByTrustRatio")
    return try updates.zip(parameters) { u, p in
      let sizeOfP = try atLeast(minNorm, { try norm($0) }, p)
      let sizeOfU = try atLeast(minNorm, { try norm($0) }, u)
      let zero = Tensor(constant: 0, u.dtype)
      let isZero = try logicalOr(equal(sizeOfP, zero), equal(sizeOfU, zero))
      let ratio = try trustCoefficient * sizeOfP / (sizeOfU + eps)
      return try u * `where`(isZero, Tensor(constant: 1, u.dtype), ratio)
    }
  }
}

/// u ← u · c ‖p‖ / (‖u‖ + ε), leaf by leaf.
public func scaleByTrustRatio(
  minNorm: Hyperparameter = 0, trustCoefficient: Hyperparameter = 1, eps: Hyperparameter = 0
) -> ScaleByTrustRatio {
  ScaleByTrustRatio(minNorm: minNorm, trustCoefficient: trustCoefficient, eps: eps)
}

/// LAMB: Adam with weight decay, each leaf at the scale of its parameter.
public func lamb(
  _ learningRate: LearningRate, b1: Hyperparameter = 0.9, b2: Hyperparameter = 0.999,
  eps: Hyperparameter = 1e-6, epsRoot: Hyperparameter = 0, weightDecay: LearningRate = 0,
  mask: Mask? = nil
) -> Chain<ScaleByAdam, AddDecayedWeights, ScaleByTrustRatio, ScaleByLearningRate> {
  chain(
    scaleByAdam(b1: b1, b2: b2, eps: eps, epsRoot: epsRoot),
    addDecayedWeights(weightDecay, mask: mask), scaleByTrustRatio(),
    scaleByLearningRate(learningRate))
}

/// LARS: momentum with weight decay, each leaf at the scale of its parameter.
public func lars(
  _ learningRate: LearningRate, weightDecay: LearningRate = 0, weightDecayMask: Mask? = .all,
  trustCoefficient: Hyperparameter = 1e-3, eps: Hyperparameter = 0, trustRatioMask: Mask = .all,
  momentum: Hyperparameter = 0.9, nesterov: Bool = false
) -> Chain<AddDecayedWeights, Masked<ScaleByTrustRatio>, ScaleByLearningRate, Trace> {
  chain(
    addDecayedWeights(weightDecay, mask: weightDecayMask),
    masked(
      scaleByTrustRatio(trustCoefficient: trustCoefficient, eps: eps), mask: trustRatioMask),
    scaleByLearningRate(learningRate), trace(decay: momentum, nesterov: nesterov))
}

/// Fromage: p ← (p − lr ‖p‖/‖g‖ g) / √(1 + lr²).
public func fromage(
  _ learningRate: LearningRate, minNorm: Hyperparameter = 1e-6
) -> Chain<ScaleByTrustRatio, ScaleByLearningRate, AddDecayedWeights> {
  func shrink(_ x: Double) -> Double { 1 / (1 + x * x).squareRoot() }
  @Sendable func shrink(_ x: Tensor) throws -> Tensor { try 1 / sqrt(1 + integerPow(x, 2)) }
  return chain(
    scaleByTrustRatio(minNorm: minNorm),
    scaleByLearningRate(learningRate.map({ $0 * shrink($0) }, { try shrink($0) * $0 })),
    addDecayedWeights(learningRate.map({ shrink($0) - 1 }, { try shrink($0) - 1 })))
}
