// Types, tangents and transposes of sort, top_k and split, which give several results.
//
// Sorting is a permutation that the keys choose, constant where none tie: a tangent travels as one
// more operand with the same keys. The transpose sends cotangents back by the inverse permutation,
// which is again a sort, of the permutation itself.

func sortTypes(
  _ ins: [ShapedArray], _ dimension: Int, numKeys: Int
) throws -> [ShapedArray] {
  try require(
    ins.allSatisfy { $0.shape == ins[0].shape },
    "Arguments to sort must have equal shapes, got: "
      + ins.map { pythonTuple($0.shape) }.joined(separator: " "))
  try requireAxis(dimension, ins[0])
  try require(
    (1...ins.count).contains(numKeys),
    "num_keys=\(numKeys) must be between 1 and len(operand)=\(ins.count)")
  return ins
}

func topKTypes(_ x: ShapedArray, _ k: Int, _ axis: Int) throws -> [ShapedArray] {
  try requireAxis(axis, x)
  try require(k >= 0, "k argument to top_k must be nonnegative, got \(k)")
  try require(
    k <= x.shape[axis],
    "k argument to top_k must be no larger than size along axis; got k=\(k) with "
      + "shape=\(x.shape) and axis=\(axis)")
  var shape = x.shape
  shape[axis] = k
  return [x.with(shape: shape), ShapedArray(.i32, shape)]
}

func splitTypes(_ x: ShapedArray, _ sizes: [Int], _ axis: Int) throws -> [ShapedArray] {
  try requireAxis(axis, x)
  try require(
    sizes.allSatisfy { $0 >= 0 }, "Sizes passed to split must be nonnegative, got \(sizes)")
  try require(
    sizes.reduce(0, +) == x.shape[axis],
    "Sum of sizes \(sizes.reduce(0, +)) must be equal to dimension \(axis) of the operand shape "
      + "\(x.shape)")
  return sizes.map { size in
    var shape = x.shape
    shape[axis] = size
    return x.with(shape: shape)
  }
}

private func requireAxis(_ axis: Int, _ x: ShapedArray) throws {
  try require(
    x.shape.indices.contains(axis),
    "axis \(axis) is out of bounds for array of dimension \(x.rank)")
}

/// Each tangent in the order that the keys `x` have.
func sortTangents(
  _ x: [Tensor], _ dx: [Tensor?], _ dimension: Int, numKeys: Int
) throws -> [Tensor?] {
  let keys = Array(x.prefix(numKeys))
  var sorted = try bind(
    .sort(dimension: dimension, numKeys: numKeys), keys + dx.compactMap(\.self)
  ).dropFirst(numKeys)
  return dx.map { $0 == nil ? nil : sorted.removeFirst() }
}

/// dx[p⁻¹] for every linear operand, where p is the permutation that the known keys choose.
func sortTranspose(
  _ cts: [Tensor?], _ ins: [LinearInput], _ dimension: Int, numKeys: Int
) throws -> [Tensor?] {
  let sort = Primitive.sort(dimension: dimension, numKeys: numKeys)
  let keys = ins.prefix(numKeys).compactMap(\.known)
  guard keys.count == numKeys else { throw notLinear(sort) }
  let index = try iota(.i32, keys[0].shape, dim: dimension)
  let permutation = try bind(sort, keys + [index])[numKeys]
  let linear = ins.indices.filter { ins[$0].known == nil && cts[$0] != nil }
  var sent = try bind(
    .sort(dimension: dimension, numKeys: 1), [permutation] + linear.compactMap { cts[$0] }
  ).dropFirst()
  return ins.indices.map { linear.contains($0) ? sent.removeFirst() : nil }
}

extension LinearInput {
  /// The value, unless the program is linear in it.
  fileprivate var known: Tensor? { if case .known(let x) = self { x } else { nil } }
}

/// dx at the indices that top_k finds: all of dx in the order of x, cut after k. The rank of each
/// element in that order is the inverse of the permutation that top_k of everything gives.
func topKTangent(_ x: Tensor, _ dx: Tensor, _ k: Int, _ axis: Int) throws -> Tensor {
  let permutation = try bind(.topK(x.shape[axis], axis: axis), [x])[1]
  let sort = Primitive.sort(dimension: axis, numKeys: 1)
  let rank = try bind(sort, [permutation, iota(.i32, x.shape, dim: axis)])[1]
  return try slice(bind(sort, [rank, dx])[1], axis: axis, from: 0, to: k)
}

/// The sections' cotangents side by side, zeros for those that have none.
func splitTranspose(
  _ cts: [Tensor?], _ x: ShapedArray, _ sizes: [Int], _ axis: Int
) throws -> Tensor {
  let types = try splitTypes(x, sizes, axis)
  return try concatenate(
    zip(cts, types).map { try $0 ?? full($1.shape, 0, x.dtype) }, axis: axis)
}
