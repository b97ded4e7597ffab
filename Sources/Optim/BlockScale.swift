// Updates scaled by the size of their parameter, leaf by leaf.

import Core
import Tree

/// u ← u · max(‖p‖, least), or max(rms p, least).
public struct ScaleByParamBlock: StatelessTransformation {
  let size: @Sendable (Tensor) throws -> Tensor
  let least: Hyperparameter

  /// u times the size of p.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    let parameters = try required(parameters, for: updates, "scaleByParamBlock")
    return try updates.zip(parameters) { u, p in try u * atLeast(least, size, p) }
  }
}

/// u ← u · max(‖p‖, minScale).
public func scaleByParamBlockNorm(minScale: Hyperparameter = 1e-3) -> ScaleByParamBlock {
  ScaleByParamBlock(size: { try norm($0) }, least: minScale)
}

/// u ← u · max(rms p, minScale).
public func scaleByParamBlockRms(minScale: Hyperparameter = 1e-3) -> ScaleByParamBlock {
  ScaleByParamBlock(size: rootMeanSquare, least: minScale)
}

/// √(Σ x² / n).
func rootMeanSquare(_ x: Tensor) throws -> Tensor { try sqrt(mean(x * x)) }

/// max(size(x), least), with derivative 0 where the size is not more, also at x = 0 where that of a
/// norm is NaN.
func atLeast(
  _ least: Hyperparameter, _ size: (Tensor) throws -> Tensor, _ x: Tensor
) throws -> Tensor {
  let floor = try least.tensor(x.dtype)
  let isSmall = try lessOrEqual(size(x), floor)
  return try `where`(isSmall, floor, size(`where`(isSmall, ones(like: x), x)))
}
