// What the losses share: what they demand of operands, sums over the elements that count, classes as
// masks.
//
// A mask tells which elements count; it broadcasts. Elements that do not count are replaced, not
// multiplied, so that they may be infinite or NaN.

internal import Core

/// What becomes of the losses of a batch.
public enum LossReduction: String, Hashable, Sendable, CaseIterable {
  case mean, sum, none
}

/// Throws unless `x` is floating point, as every prediction must be.
func requireFloating(_ x: Tensor) throws {
  guard x.dtype.isInexact else {
    throw TraceError.illTyped(
      "Expected the input to have a floating-point dtype, got \(x.dtype.longName) instead")
  }
}

/// Throws unless both have one shape: a loss that broadcast would be a sum over the wrong pairs.
func requireEqualShapes(_ x: Tensor, _ y: Tensor) throws {
  guard x.shape == y.shape else {
    throw TraceError.illTyped(
      "Shape mismatch: got \(pythonTuple(x.shape)) and \(pythonTuple(y.shape)).")
  }
}

/// Throws unless `x` has this many axes.
func requireRank(_ x: Tensor, _ rank: Int) throws {
  guard x.rank == rank else {
    throw TraceError.illTyped("Expected the input to have rank \(rank), got \(x.rank) instead")
  }
}

/// Throws unless `x` has a last axis.
func requireLastAxis(_ x: Tensor) throws {
  guard x.rank > 0 else {
    throw TraceError.illTyped("Expected the input to have a last axis, got \(x.aval)")
  }
}

/// Labels that are whole numbers or booleans as numbers of the dtype of `x`.
func asNumbers(_ labels: Tensor, like x: Tensor) throws -> Tensor {
  labels.dtype.isInexact ? labels : try labels.asType(x.dtype)
}

/// The scalar `x` in the dtype of `like`.
func scalar(_ x: Double, like: Tensor) -> Tensor { Tensor(x, like.dtype) }

/// Axes counted from the front.
func fromFront(_ axes: [Int]?, rank: Int) throws -> [Int] {
  try (axes ?? Array(0..<rank)).map { axis in
    guard (-rank..<rank).contains(axis) else {
      throw TraceError.illTyped(
        "axis \(axis) is out of bounds for array of dimension \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }
}

/// Σ x over the elements that count.
func total(
  _ x: Tensor, axes: [Int]?, where mask: Tensor?, keepDims: Bool = false
) throws -> Tensor {
  try sum(masked(x, mask, otherwise: 0), axes: axes, keepDims: keepDims)
}

/// `x` where it counts, else a number.
func masked(_ x: Tensor, _ mask: Tensor?, otherwise: Double) throws -> Tensor {
  guard let mask else { return x }
  return try `where`(mask, x, scalar(otherwise, like: x))
}

/// `x` less its largest element that counts, which is held constant; −∞ where it does not count.
func shifted(_ x: Tensor, axes: [Int]?, where mask: Tensor?) throws -> Tensor {
  let counted = try masked(x, mask, otherwise: -.infinity)
  let largest = try maximum(
    scalar(-.infinity, like: x), max(counted, axes: axes, keepDims: true))
  return try counted - stopGradient(largest)
}

/// x − ln Σ exp x over several axes and the elements that count; −∞ elsewhere.
func logSoftmax(_ x: Tensor, axes: [Int]?, where mask: Tensor?) throws -> Tensor {
  let centered = try shifted(x, axes: axes, where: mask)
  let normalizer = try log(total(exp(centered), axes: axes, where: mask, keepDims: true))
  return try masked(centered - normalizer, mask, otherwise: -.infinity)
}

/// exp x / Σ exp x over several axes and the elements that count; 0 elsewhere.
func softmax(_ x: Tensor, axes: [Int]?, where mask: Tensor?) throws -> Tensor {
  let weights = try exp(shifted(x, axes: axes, where: mask))
  let share = try weights / total(weights, axes: axes, where: mask, keepDims: true)
  return try masked(share, mask, otherwise: 0)
}

/// ln(1/(1 + e⁻ˣ)).
func logSigmoid(_ x: Tensor) throws -> Tensor { try -softplus(-x) }

/// Whether a class is that of the label, along a new last axis; nowhere for a label out of range.
///
/// `labels: […]` → `bool[…, classes]`.
func isClass(_ labels: Tensor, count: Int) throws -> Tensor {
  guard labels.dtype.isInteger else {
    throw TraceError.illTyped("labels must be of integer type, got \(labels.dtype.longName)")
  }
  let shape = Array(repeating: 1, count: labels.rank) + [count]
  return try equal(expandDims(labels, -1), iota(labels.dtype, shape, dim: labels.rank))
}

/// 1 at the class of the label, 0 elsewhere.
func oneHot(_ labels: Tensor, count: Int, _ dtype: DType) throws -> Tensor {
  try isClass(labels, count: count).asType(dtype)
}

/// What is left of the losses of a batch.
func reduced(_ losses: Tensor, _ reduction: LossReduction, axes: [Int]? = nil) throws -> Tensor {
  switch reduction {
  case .mean: try mean(losses, axes: axes)
  case .sum: try sum(losses, axes: axes)
  case .none: losses
  }
}
