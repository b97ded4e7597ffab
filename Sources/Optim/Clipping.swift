// Bounds on updates.
//
// By the size of a leaf's part in relation to its parameter: Brock et al. 2021, "High-Performance
// Large-Scale Image Recognition Without Normalization", arXiv:2102.06171.
// By the norm of all leaves together: Pascanu et al. 2013, "On the difficulty of training recurrent
// neural networks", arXiv:1211.5063. Rule OX-06.

import Core
import Tree

/// How a norm of exactly 0 is clipped to exactly 0 (divergence DV-50).
public enum ClipAtZero: Sendable, Hashable, CaseIterable {
  /// Zeros stay: they are within every bound.
  case unchanged
  /// (0 / 0) · 0 = NaN, as Optax 0.2.8 computes it.
  case optax
}

/// u ← u if ‖u‖ < max, else (u / ‖u‖) · max, ‖u‖ over all leaves.
///
/// In f32 a norm above 1.8e19 overflows in its square and clips everything to 0; an infinity clips to
/// NaN at its place and 0 elsewhere; a NaN makes every element NaN.
public struct ClipByGlobalNorm: StatelessTransformation {
  let maxNorm: Hyperparameter
  let atZero: ClipAtZero

  /// Updates of a norm that is at most max.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    let norm = try globalNorm(updates)
    var passes = try less(norm, maxNorm.tensor(norm.dtype))
    // A positive bound lets a norm of 0 pass anyway.
    if atZero == .unchanged, (maxNorm.known ?? 0) <= 0 {
      passes = try logicalOr(passes, equal(norm, Tensor(constant: 0, norm.dtype)))
    }
    return try updates.map { u in
      try selectN(passes, [(u / norm.asType(u.dtype)) * maxNorm, u])
    }
  }
}

/// u ← u if ‖u‖ < max, else (u / ‖u‖) · max.
public func clipByGlobalNorm(
  _ maxNorm: Hyperparameter, atZero: ClipAtZero = .unchanged
) -> ClipByGlobalNorm {
  ClipByGlobalNorm(maxNorm: maxNorm, atZero: atZero)
}

/// u ← min(max(u, −δ), δ), element by element; NaN stays.
public struct Clip: StatelessTransformation {
  let maxDelta: Hyperparameter

  /// Updates within ±δ.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    try updates.map { u in
      try minimum(maximum(u, (-maxDelta).tensor(u.dtype)), maxDelta.tensor(u.dtype))
    }
  }
}

/// u ← min(max(u, −δ), δ), element by element.
public func clip(_ maxDelta: Hyperparameter) -> Clip { Clip(maxDelta: maxDelta) }

/// u ← u / max(1, rms u / threshold), leaf by leaf.
public struct ClipByBlockRms: StatelessTransformation {
  let threshold: Hyperparameter

  /// Updates whose root mean square is at most the threshold.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    try updates.map { u in
      try u / maximum(Tensor(constant: 1, u.dtype), rootMeanSquare(u) / threshold)
    }
  }
}

/// u ← u / max(1, rms u / threshold), leaf by leaf.
public func clipByBlockRms(_ threshold: Hyperparameter) -> ClipByBlockRms {
  ClipByBlockRms(threshold: threshold)
}

/// u ← u if ‖u‖ < c max(‖p‖, ε), else u scaled to that norm, unit by unit.
///
/// A unit is what shares all but the contracted axes: see `unitAxes`.
public struct AdaptiveGradClip: StatelessTransformation {
  let clipping, eps: Hyperparameter
  let axis: [Int]?

  /// Updates whose units are at most c times those of the parameters.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    let parameters = try required(parameters, for: updates, "adaptiveGradClip")
    return try updates.zip(parameters) { u, p in
      let size = try unitNorms(u)
      let most = try clipping * maximum(unitNorms(p), eps.tensor(u.dtype))
      let clipped = try u * (most / maximum(size, Tensor(constant: 1e-6, u.dtype)))
      return try `where`(less(size, most), u, clipped)
    }
  }

  /// The norm of the unit that each element belongs to.
  private func unitNorms(_ x: Tensor) throws -> Tensor {
    let squares = try sum(x * x, axes: axis ?? unitAxes(x.shape), keepDims: true)
    return try broadcast(sqrt(squares), to: x.shape)
  }

  /// All axes of what is a vector but for axes of extent 1; the first of 2 or 3; all but the last of 4
  /// or 5.
  private func unitAxes(_ shape: [Int]) throws -> [Int] {
    if shape.count(where: { $0 != 1 }) <= 1 { return Array(shape.indices) }
    switch shape.count {
    case 2, 3: return [0]
    case 4, 5: return Array(0..<shape.count - 1)
    case _:
      throw OptimError.badArgument(
        "adaptiveGradClip knows the units of parameters with up to 5 axes, got shape "
          + "\(pythonTuple(shape)); pass `axis` for others")
    }
  }
}

/// u ← u if ‖u‖ < c max(‖p‖, ε), else u scaled to that norm, unit by unit.
public func adaptiveGradClip(
  _ clipping: Hyperparameter, eps: Hyperparameter = 1e-3, axis: [Int]? = nil
) -> AdaptiveGradClip {
  AdaptiveGradClip(clipping: clipping, eps: eps, axis: axis)
}
