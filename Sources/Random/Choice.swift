// Choices from a list: uniform, weighted, by logits, with and without replacement.
//
// Weighted choice inverts the cumulative sum of p; choice by logits takes the largest of logits plus
// Gumbel noise, or, without replacement, the largest k.

public import Core

extension Key {
  /// Numbers of `0 ..< count`, `i32[shape…]`, with probabilities `p: [count]`, else equal ones.
  ///
  /// `x64` draws indices as JAX does once 64-bit types are enabled (see `randint`).
  public func choice(
    _ count: Int, _ shape: [Int] = [], replace: Bool = true, p: Tensor? = nil, x64: Bool = false
  ) throws -> Tensor {
    let draws = shape.reduce(1, *)
    if draws == 0 { return try zeros(shape, .i32) }
    try checkChoice(count, draws, replace, p)
    switch (p, replace) {
    case (nil, true): return try randint(shape, from: 0, to: count, x64: x64)
    case (nil, false):
      return try reshape(slice(permutation(count), axis: 0, from: 0, to: draws), shape)
    case (let p?, true): return try weighted(p, shape)
    case (let p?, false):
      return try reshape(topK(gumbel([count], p.dtype) + log(p), draws).indices, shape)
    }
  }

  /// Sections of `x` along `axis`: `x: [a…, n, b…]` → `[a…, shape…, b…]`.
  public func choice(
    of x: Tensor, _ shape: [Int] = [], axis: Int = 0, replace: Bool = true, p: Tensor? = nil,
    x64: Bool = false
  ) throws -> Tensor {
    guard (-x.rank..<x.rank).contains(axis) else {
      throw TraceError.badArgument(
        "axis \(axis) is out of bounds for array of dimension \(x.rank)")
    }
    let axis = axis < 0 ? axis + x.rank : axis
    let indices = try choice(x.shape[axis], shape, replace: replace, p: p, x64: x64)
    // An empty draw from an empty axis takes nothing.
    if indices.aval.size == 0 {
      return try zeros(x.shape.prefix(axis) + shape + x.shape.dropFirst(axis + 1), x.dtype)
    }
    return try take(x, indices, axis: axis, mode: .clip)
  }

  /// Indices drawn by logits along `axis`, `i32`: argmax of logits + Gumbel noise.
  ///
  /// `shape` ends with the shape of logits without `axis`; what stands before it are repeated draws,
  /// without replacement all of one order.
  public func categorical(
    _ logits: Tensor, axis: Int = -1, shape: [Int]? = nil, replace: Bool = true
  ) throws -> Tensor {
    guard (-logits.rank..<logits.rank).contains(axis) else {
      throw TraceError.badArgument(
        "axis \(axis) is out of bounds for array of dimension \(logits.rank)")
    }
    let axis = axis < 0 ? axis : axis - logits.rank
    let place = axis + logits.rank
    var batch = logits.shape
    let count = batch.remove(at: place)
    let shape = shape ?? batch
    guard shape.suffix(batch.count) == batch[...] else {
      throw TraceError.badArgument(
        "categorical: shape \(pythonTuple(shape)) must end with the batch shape "
          + pythonTuple(batch))
    }
    let prefix = Array(shape.dropLast(batch.count))
    if replace {
      let noise = try gumbel(prefix + logits.shape, logits.dtype)
      return try argmax(noise + logits, axis: axis)
    }
    let k = prefix.reduce(1, *)
    guard k <= count else {
      throw TraceError.badArgument(
        "Number of samples without replacement (\(k)) cannot exceed number of categories "
          + "(\(count)).")
    }
    let scores = try logits + gumbel(logits.shape, logits.dtype)
    let indices = try topK(moveAxis(scores, place, -1), k).indices
    return try reshape(moveAxis(indices, -1, 0), shape)
  }

  /// The first index whose cumulative probability reaches r, for r uniform in (0, Σ p].
  private func weighted(_ p: Tensor, _ shape: [Int]) throws -> Tensor {
    let sums = try cumsum(p, axis: 0)
    let total = try squeeze(slice(sums, axis: 0, from: p.shape[0] - 1, to: p.shape[0]), [0])
    let r = try total * (1 - uniform(shape, p.dtype))
    return try firstReaching(r, in: sums)
  }

  /// For each r the first index with r ≤ sums[index], by halving.
  private func firstReaching(_ r: Tensor, in sums: Tensor) throws -> Tensor {
    let count = sums.shape[0]
    var (low, high) = (try zeros(r.shape, .i32), try full(r.shape, Double(count), .i32))
    var reach = 1
    while reach <= count {
      let middle = try shiftRightArithmetic(low + high, Tensor(1, .i32))
      let isBelow = try lessOrEqual(r, take(sums, middle, axis: 0, mode: .clip))
      low = try `where`(isBelow, low, middle)
      high = try `where`(isBelow, middle, high)
      reach *= 2
    }
    return high
  }

  private func checkChoice(_ count: Int, _ draws: Int, _ replace: Bool, _ p: Tensor?) throws {
    guard count > 0 else {
      throw TraceError.badArgument("a must be greater than 0 unless no samples are taken")
    }
    guard replace || draws <= count else {
      throw TraceError.badArgument(
        "Cannot take a larger sample (size \(draws)) than population (size \(count)) when "
          + "'replace=False'")
    }
    guard let p, p.shape != [count] else { return }
    throw TraceError.badArgument(
      "p must be None or a 1D vector with the same size as a.shape[axis]. p has shape "
        + "\(pythonTuple(p.shape)) and a.shape[axis] is \(count).")
  }
}
