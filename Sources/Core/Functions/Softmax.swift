// Softmax and its relatives, shifted by the largest element so that no exponential overflows.

/// ln Σ exp x over `axis` (over all when `nil`).
public func logsumexp(_ x: Tensor, axis: Int? = nil) throws -> Tensor {
  let axes = try canonical(axis.map { [$0] } ?? Array(x.shape.indices), rank: x.rank)
  let largest = try lowest(x, maximum: maxOrLowest(x, axes: axes))
  let shift = try stopGradient(selectTensors(isFinite(largest), largest, zeros(like: largest)))
  let spread = try keep(shift, axes, of: x)
  return try log(abs(sum(exp(x - spread), axes: axes))) + shift
}

/// exp x / Σ exp x over `axis`.
public func softmax(_ x: Tensor, axis: Int = -1) throws -> Tensor {
  let unnormalized = try exp(shifted(x, axis))
  return try unnormalized / sum(unnormalized, axes: [axis], keepDims: true)
}

/// x − logsumexp x over `axis`.
public func logSoftmax(_ x: Tensor, axis: Int = -1) throws -> Tensor {
  let centered = try shifted(x, axis)
  return try centered - log(sum(exp(centered), axes: [axis], keepDims: true))
}

/// −Σ targets · logSoftmax(logits) / B: the mean cross-entropy of rows.
///
/// `logits, targets: [B, k]` → `[]`.
public func softmaxCrossEntropy(_ logits: Tensor, _ targets: Tensor) throws -> Tensor {
  try require(
    logits.rank == 2, "softmaxCrossEntropy requires logits [B, k], got \(logits.aval)")
  return try -(sum(targets * logSoftmax(logits, axis: 1)) / Double(logits.shape[0]))
}

/// x minus its largest element along `axis`, which is held constant.
private func shifted(_ x: Tensor, _ axis: Int) throws -> Tensor {
  let axes = try canonical([axis], rank: x.rank)
  let largest = try lowest(x, maximum: maxOrLowest(x, axes: axes))
  return try x - stopGradient(keep(largest, axes, of: x))
}

/// `maximum`, at least −∞: NaN passes, and a maximum over nothing is −∞.
private func lowest(_ x: Tensor, maximum largest: Tensor) throws -> Tensor {
  try maximum(real(-.infinity, x), largest)
}

/// A reduced tensor with its reduced axes put back at extent 1.
private func keep(_ reduced: Tensor, _ axes: [Int], of x: Tensor) throws -> Tensor {
  let shape = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
  return try broadcastInDim(
    reduced, shape: shape, dims: x.shape.indices.filter { !axes.contains($0) })
}
