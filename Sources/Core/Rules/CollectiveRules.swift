// Every rule of the collectives: types, derivatives, and what they are over a mapped axis 0.
//
// All but the extrema are linear. `resolved` is their meaning; as in JAX 0.10.2, a result that is
// the same for every example is not mapped.

func collectiveType(
  _ op: Collective, _ axisName: String, _ x: ShapedArray
) throws -> ShapedArray {
  let bound = try axisSize(axisName)
  var shape = x.shape
  switch op {
  case .psum, .pmax, .pmin: break
  case .allGather(let axis, let size, let tiled):
    try requireAxis(axis, of: tiled ? x.rank : x.rank + 1)
    tiled ? shape[axis] *= size : shape.insert(size, at: axis)
  case .reduceScatter(let axis, let size, let tiled):
    try requireAxis(axis, of: x.rank)
    let dimension = "reduce_scatter operand scatter dimension size \(x.shape[axis])"
    if tiled {
      try require(
        size > 0 && x.shape[axis] % size == 0,
        "tiled \(dimension) must be divisible by shard_count \(size)")
    } else {
      try require(x.shape[axis] == size, "\(dimension) must match shard count \(size)")
    }
    if tiled { shape[axis] /= size } else { shape.remove(at: axis) }
  case .ppermute(let pairs): try requirePermutation(pairs, size: bound)
  }
  return x.with(shape: shape)
}

private func requireAxis(_ axis: Int, of rank: Int) throws {
  try require(
    (0..<rank).contains(axis), "axis \(axis) is out of bounds for array of dimension \(rank)")
}

/// Differs from JAX, which takes some lists under `vmap` whose transpose is then wrong.
private func requirePermutation(_ pairs: [Collective.Exchange], size: Int) throws {
  try require(pairs.count == size, "Permutation doesn't match the axis size!")
  let all = Set(0..<size)
  try require(
    Set(pairs.map(\.source)) == all && Set(pairs.map(\.target)) == all,
    "ppermute sources and destinations must be unique, got \(printed(pairs)).")
}

/// The collectives but the extrema are linear; those have no rule in JAX.
func collectiveTangent(_ p: Primitive, _ op: Collective, _ dx: Tensor) throws -> Tensor {
  switch op {
  case .psum, .allGather, .reduceScatter, .ppermute: try bind1(p, [dx])
  case .pmax, .pmin: throw TraceError.noRule(transformation: "JVP", primitive: p.name)
  }
}

/// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩, both summed over the named axis.
func collectiveTranspose(_ op: Collective, _ axisName: String, _ ct: Tensor) throws -> Tensor {
  let transposed: Collective =
    switch op {
    case .psum: .psum
    case .allGather(let axis, let size, let tiled):
      .reduceScatter(axis: axis, size: size, tiled: tiled)
    case .reduceScatter(let axis, let size, let tiled):
      .allGather(axis: axis, size: size, tiled: tiled)
    case .ppermute(let pairs): .ppermute(pairs.map { Collective.Exchange($0.target, $0.source) })
    case .pmax, .pmin: throw notLinear(.collective(op, axisName: axisName))
    }
  return try bind1(.collective(transposed, axisName: axisName), [ct])
}

extension Collective {
  /// The same behind an axis in front, which another `vmap` maps.
  var withLeadingAxis: Collective {
    switch self {
    case .psum, .pmax, .pmin, .ppermute: self
    case .allGather(let axis, let size, let tiled):
      .allGather(axis: axis + 1, size: size, tiled: tiled)
    case .reduceScatter(let axis, let size, let tiled):
      .reduceScatter(axis: axis + 1, size: size, tiled: tiled)
    }
  }
}

/// `op` over axis 0 of `x` if it is mapped there; else every example has the same `x`.
func resolved(
  _ op: Collective, _ x: Tensor, isMapped: Bool, _ size: Int
) throws -> (values: Tensor, isMapped: Bool) {
  switch op {
  case .psum: (try summed(x, isMapped, size), false)
  case .pmax: (isMapped ? try bind1(.reduce(.max, axes: [0]), [x]) : x, false)
  case .pmin: (isMapped ? try bind1(.reduce(.min, axes: [0]), [x]) : x, false)
  case .allGather(let axis, _, let tiled):
    (try allGathered(isMapped ? x : repeated(x, size), axis, tiled: tiled), false)
  case .reduceScatter(let axis, _, let tiled):
    (try scattered(summed(x, isMapped, size), axis, size, tiled: tiled), true)
  case .ppermute(let pairs): (isMapped ? try permuted(x, pairs) : x, isMapped)
  }
}

private func summed(_ x: Tensor, _ isMapped: Bool, _ size: Int) throws -> Tensor {
  if isMapped { return try bind1(.reduce(.sum, axes: [0]), [x]) }
  let count = Tensor(constant: DoubleDouble(Double(size)), x.dtype)
  return try bind1(.binary(.mul), [x, count])
}

/// `[size, …]` with axis 0 at `axis`, or joined with the axis there: example by example.
private func allGathered(_ x: Tensor, _ axis: Int, tiled: Bool) throws -> Tensor {
  let moved = try moveAxis(x, 0, axis)
  guard tiled else { return moved }
  var shape = Array(x.shape.dropFirst())
  shape[axis] *= x.shape[0]
  return try bind1(.reshape(shape), [moved])
}

/// Each example's own part of `total` along `axis`, the examples in front.
private func scattered(_ total: Tensor, _ axis: Int, _ size: Int, tiled: Bool) throws -> Tensor {
  guard tiled else { return try moveAxis(total, axis, 0) }
  var shape = total.shape
  shape[axis] /= size
  shape.insert(size, at: axis)
  return try moveAxis(bind1(.reshape(shape), [total]), axis, 0)
}

/// out[target] = x[source].
private func permuted(_ x: Tensor, _ pairs: [Collective.Exchange]) throws -> Tensor {
  let sources = pairs.sorted { $0.target < $1.target }.map { Int32($0.source) }
  return try take(x, Tensor(shape: [sources.count], .i32(sources)), axis: 0, mode: .clip)
}
