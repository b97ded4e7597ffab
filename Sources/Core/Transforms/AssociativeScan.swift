// All prefixes under an associative operation, in logarithmic depth.

/// The combinations of elements 0…i along `axis` for each i, by `combine`, which is associative.
///
/// Odd places are combined in pairs, scanned, and the even places filled in between: the same order
/// of operations as `jax.lax.associative_scan`, so results agree to the bit where `combine`'s do.
/// - Parameters:
///   - combine: operates on stacks of elements at once, place by place.
///   - xs: operands whose extents along `axis` are equal.
///   - reverse: whether it combines from the end.
/// - Throws: `TraceError.illTyped` when the extents along `axis` differ.
public func associativeScan(
  _ combine: (_ a: [Tensor], _ b: [Tensor]) throws -> [Tensor], _ xs: [Tensor], axis: Int = 0,
  reverse: Bool = false
) throws -> [Tensor] {
  guard let first = xs.first else { return [] }
  let axis = try canonical([axis], rank: first.rank)[0]
  for x in xs where x.rank <= axis || x.shape[axis] != first.shape[axis] {
    throw TraceError.illTyped(
      "Array inputs to associative_scan must have the same extent along axis \(axis), got "
        + "\(xs.map(\.aval))")
  }
  let ordered = reverse ? try xs.map { try bind1(.rev([axis]), [$0]) } : xs
  let scanned = try prefixes(combine, ordered, axis)
  return reverse ? try scanned.map { try bind1(.rev([axis]), [$0]) } : scanned
}

private func prefixes(
  _ combine: ([Tensor], [Tensor]) throws -> [Tensor], _ xs: [Tensor], _ axis: Int
) throws -> [Tensor] {
  let count = xs[0].shape[axis]
  if count < 2 { return xs }
  func part(_ all: [Tensor], _ start: Int, _ end: Int, by step: Int = 1) throws -> [Tensor] {
    try all.map { x in
      var (from, to, steps) = (x.shape.map { _ in 0 }, x.shape, x.shape.map { _ in 1 })
      (from[axis], to[axis], steps[axis]) = (start, end, step)
      return try bind1(.slice(start: from, limit: to, strides: steps), [x])
    }
  }
  func combined(_ a: [Tensor], _ b: [Tensor]) throws -> [Tensor] {
    let both = try combine(a, b)
    try require(
      both.map(\.aval) == a.map(\.aval),
      "associative_scan requires a function whose results have the types of its operands, "
        + "\(a.map(\.aval)), got \(both.map(\.aval))")
    return both
  }
  let pairs = try combined(part(xs, 0, count - 1, by: 2), part(xs, 1, count, by: 2))
  let odd = try prefixes(combine, pairs, axis)
  let half = odd[0].shape[axis]
  let before = count % 2 == 0 ? try part(odd, 0, half - 1) : odd
  let rest = try combined(before, part(xs, 2, count, by: 2))
  let even = try zip(part(xs, 0, 1), rest).map { try bind1(.concatenate(axis), [$0, $1]) }
  return try zip(even, odd).map { try interleaved($0, $1, axis) }
}

/// a[0], b[0], a[1], b[1], …: two padded sums, as no two overlap.
private func interleaved(_ a: Tensor, _ b: Tensor, _ axis: Int) throws -> Tensor {
  let isLonger = a.shape[axis] > b.shape[axis]
  func spread(_ x: Tensor, _ low: Int, _ high: Int) throws -> Tensor {
    var config = x.shape.map { _ in PaddingConfig(0, 0) }
    config[axis] = PaddingConfig(low, high, 1)
    return try bind1(.pad(config), [x, Tensor(constant: 0, x.dtype)])
  }
  let op: Binary = a.dtype == .bool ? .or : .add
  return try bind1(
    .binary(op), [spread(a, 0, isLonger ? 0 : 1), spread(b, 1, isLonger ? 1 : 0)])
}
