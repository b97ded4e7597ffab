// Creating, choosing and moving elements.

/// Every element `x`.
public func full(_ shape: [Int], _ x: Double, _ dtype: DType = .f32) throws -> Tensor {
  try broadcast(Tensor(x, dtype), to: shape)
}

/// Every element 0.
public func zeros(_ shape: [Int], _ dtype: DType = .f32) throws -> Tensor {
  try full(shape, 0, dtype)
}

/// Every element 1.
public func ones(_ shape: [Int], _ dtype: DType = .f32) throws -> Tensor {
  try full(shape, 1, dtype)
}

/// Zeros of the type of `x`.
public func zeros(like x: Tensor) throws -> Tensor { try full(x.shape, 0, x.dtype) }

/// Ones of the type of `x`.
public func ones(like x: Tensor) throws -> Tensor { try full(x.shape, 1, x.dtype) }

/// 0, 1, …, n − 1.
public func arange(_ n: Int, _ dtype: DType = .i32) throws -> Tensor {
  try bind1(.iota(dtype, shape: [n], dim: 0), [])
}

/// 0, 1, 2, … along axis `dim` of `shape`.
public func iota(_ dtype: DType, _ shape: [Int], dim: Int) throws -> Tensor {
  try bind1(.iota(dtype, shape: shape, dim: dim), [])
}

/// `x` repeated to `shape`, axes aligned at the last one.
public func broadcast(_ x: Tensor, to shape: [Int]) throws -> Tensor {
  if x.shape == shape { return x }
  try require(
    x.rank <= shape.count,
    "Incompatible shapes for broadcasting: \(pythonTuple(x.shape)) and requested shape "
      + pythonTuple(shape))
  let offset = shape.count - x.rank
  return try broadcastInDim(x, shape: shape, dims: x.shape.indices.map { $0 + offset })
}

/// `x` with its axis i placed at axis `dims[i]` of `shape`, repeated along the others.
public func broadcastInDim(_ x: Tensor, shape: [Int], dims: [Int]) throws -> Tensor {
  try bind1(.broadcastInDim(shape: shape, dims: dims), [x])
}

/// Where `condition` holds, `x`, else `y`; all three broadcast together.
public func `where`(_ condition: Tensor, _ x: Tensor, _ y: Tensor) throws -> Tensor {
  let values = try broadcastShapes("where", x.shape, y.shape)
  let shape = try broadcastShapes("where", condition.shape, values)
  return try selectTensors(
    broadcast(condition, to: shape), broadcast(x, to: shape), broadcast(y, to: shape))
}

/// Where `condition` holds, `x`, else `y`; one shape. (`select_n` lists the false case first.)
func selectTensors(_ condition: Tensor, _ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.selectN, [condition, y, x])
}

/// `cases[which]`, element by element; `which` is `bool` (two cases) or a whole number.
public func selectN(_ which: Tensor, _ cases: [Tensor]) throws -> Tensor {
  try bind1(.selectN, [which] + cases)
}

/// The same elements in row-major order under another shape; one extent may be −1.
public func reshape(_ x: Tensor, _ shape: [Int]) throws -> Tensor {
  let known = shape.filter { $0 != -1 }.reduce(1, *)
  try require(
    shape.allSatisfy { $0 >= -1 } && shape.filter { $0 == -1 }.count <= 1
      && (!shape.contains(-1) || known > 0 && x.aval.size.isMultiple(of: known)),
    "cannot reshape array of shape \(pythonTuple(x.shape)) into shape \(pythonTuple(shape))")
  let resolved = shape.map { $0 == -1 ? x.aval.size / known : $0 }
  return resolved == x.shape ? x : try bind1(.reshape(resolved), [x])
}

/// Axis `permutation[i]` of `x` as axis i; reversed when no permutation is given.
public func transpose(_ x: Tensor, _ permutation: [Int]? = nil) throws -> Tensor {
  try bind1(.transpose(permutation ?? x.shape.indices.reversed()), [x])
}

/// `x` without the axes `dims`, which must have extent 1.
public func squeeze(_ x: Tensor, _ dims: [Int]) throws -> Tensor {
  try bind1(.squeeze(try canonical(dims, rank: x.rank)), [x])
}

/// `x` with a new axis of extent 1 at `axis`.
public func expandDims(_ x: Tensor, _ axis: Int) throws -> Tensor {
  let at = try canonical([axis], rank: x.rank + 1)[0]
  var shape = x.shape
  shape.insert(1, at: at)
  return try broadcastInDim(x, shape: shape, dims: shape.indices.filter { $0 != at })
}

/// `xs` one after another along `axis`.
public func concatenate(_ xs: [Tensor], axis: Int = 0) throws -> Tensor {
  try require(!xs.isEmpty, "Need at least one array to concatenate or to stack.")
  return try bind1(.concatenate(canonical([axis], rank: xs.first?.rank ?? 0)[0]), xs)
}

/// `xs` along a new axis.
public func stack(_ xs: [Tensor], axis: Int = 0) throws -> Tensor {
  try concatenate(xs.map { try expandDims($0, axis) }, axis: axis)
}

/// `x[start ..< limit]` on every axis, in steps of `strides`.
public func slice(
  _ x: Tensor, start: [Int], limit: [Int], strides: [Int]? = nil
) throws -> Tensor {
  let strides = strides ?? start.map { _ in 1 }
  return try bind1(.slice(start: start, limit: limit, strides: strides), [x])
}

/// `x[from ..< to]` on one axis.
public func slice(_ x: Tensor, axis: Int, from: Int, to: Int) throws -> Tensor {
  let axis = try canonical([axis], rank: x.rank)[0]
  var (start, limit) = (x.shape.map { _ in 0 }, x.shape)
  (start[axis], limit[axis]) = (from, to)
  return try slice(x, start: start, limit: limit)
}

/// `x` in reverse order along `dims`.
public func rev(_ x: Tensor, _ dims: [Int]) throws -> Tensor { try bind1(.rev(dims), [x]) }

/// `x` with `value` before, after and between its elements.
public func pad(_ x: Tensor, _ value: Tensor, _ config: [PaddingConfig]) throws -> Tensor {
  try bind1(.pad(config), [x, value])
}

/// `axes` with negative ones counted from the end.
func canonical(_ axes: [Int], rank: Int) throws -> [Int] {
  try axes.map { axis in
    try require(
      (-rank..<rank).contains(axis),
      "axis \(axis) is out of bounds for array of dimension \(rank)")
    return axis < 0 ? axis + rank : axis
  }
}
