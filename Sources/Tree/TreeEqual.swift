// When two trees are equal: as Equinox's tree_equal (rules TE-01 to TE-03), and bit for bit.
//
// Trees of different structure are unequal, whatever their types. Tensors must agree in dtype and
// shape. Constants belong to the structure and are compared strictly.
// Differs from Equinox: a constant 1 is not a constant 1.0; leaves follow Equinox.

public import Core

/// Whether all trees have one structure and equal leaves.
///
/// NaN differs from itself, +0 equals −0. With a tolerance, floating-point tensors need only satisfy
/// |x − y| ≤ atol + rtol · |y|.
/// - Parameter typematch: whether leaves must also be of one kind; else 1, 1.0 and true are equal.
/// - Throws: `TraceError.notConcrete` for traced tensors; `treeEqualArray` takes those.
public func treeEqual<A: PyTree, each B: PyTree>(
  _ first: A, _ others: repeat each B, rtol: Double = 0, atol: Double = 0, typematch: Bool = false
) throws -> Bool {
  let (leaves, definition) = first.flatten()
  for other in repeat each others {
    let (otherLeaves, otherDefinition) = other.flatten()
    guard definition == otherDefinition else { return false }
    for (x, y) in zip(leaves, otherLeaves) {
      guard try equal(x, y, rtol: rtol, atol: atol, typematch: typematch) else { return false }
    }
  }
  return true
}

/// As `treeEqual`, as a tensor `bool[]` that may be traced.
public func treeEqualArray<A: PyTree, B: PyTree>(
  _ a: A, _ b: B, rtol: Double = 0, atol: Double = 0, typematch: Bool = false
) throws -> Tensor {
  let ((x, definition), (y, other)) = (a.flatten(), b.flatten())
  guard definition == other else { return Tensor(shape: [], .bool([false])) }
  var result = Tensor(shape: [], .bool([true]))
  for pair in zip(x, y) {
    guard case (.tensor(let x), .tensor(let y)) = pair else {
      if try equal(pair.0, pair.1, rtol: rtol, atol: atol, typematch: typematch) { continue }
      return Tensor(shape: [], .bool([false]))
    }
    guard x.aval == y.aval else { return Tensor(shape: [], .bool([false])) }
    result = try logicalAnd(result, allEqual(x, y, rtol: rtol, atol: atol))
  }
  return result
}

/// Whether both trees have one structure and the same bits: NaN equals itself, +0 differs from −0.
/// - Throws: `TraceError.notConcrete` for traced tensors.
public func treeBitwiseEqual<A: PyTree, B: PyTree>(_ a: A, _ b: B) throws -> Bool {
  let ((x, definition), (y, other)) = (a.flatten(), b.flatten())
  guard definition == other else { return false }
  return try zip(x, y).allSatisfy { try $0.isBitwiseEqual(to: $1) }
}

private func equal(
  _ x: Leaf, _ y: Leaf, rtol: Double, atol: Double, typematch: Bool
) throws -> Bool {
  switch (x, y) {
  case (.tensor(let x), .tensor(let y)):
    guard x.aval == y.aval else { return false }
    let exact = (rtol == 0 && atol == 0) || !x.dtype.isInexact
    if exact { return try x.storage.isEqual(to: y.storage) }
    return try allEqual(x, y, rtol: rtol, atol: atol).item == 1
  case (.tensor, _), (_, .tensor): return false
  case (.string(let x), .string(let y)): return x == y
  case (.function(let x), .function(let y)): return x == y
  case (.bool, _), (.int, _), (.double, _), (.string, _), (.function, _):
    guard !typematch || x.kind == y.kind, let x = PlainNumber(x), let y = PlainNumber(y) else {
      return false
    }
    return x == y
  }
}

/// A Bool, Int or Double as Python compares them: by value, whatever the type.
private enum PlainNumber: Equatable {
  case whole(Int)
  case real(Double)

  init?(_ leaf: Leaf) {
    switch leaf {
    case .bool(let bit): self = .whole(bit ? 1 : 0)
    case .int(let number): self = .whole(number)
    case .double(let number): self = Int(exactly: number).map { .whole($0) } ?? .real(number)
    case .tensor, .string, .function: return nil
    }
  }
}

/// ∧ over all elements of x = y, or of |x − y| ≤ atol + rtol · |y| as `jnp.allclose`.
private func allEqual(_ x: Tensor, _ y: Tensor, rtol: Double, atol: Double) throws -> Tensor {
  let same = try equal(x, y)
  guard x.dtype.isInexact, rtol != 0 || atol != 0 else { return try conjunction(same) }
  let close = try lessOrEqual(abs(x - y), abs(y) * rtol + atol)
  // ∞ is close to itself only: the bound would be ∞, and ∞ − ∞ is NaN.
  let finite = try logicalAnd(isFinite(x), isFinite(y))
  return try conjunction(logicalOr(same, logicalAnd(finite, close)))
}

/// ∧ over all elements of a tensor of Bools.
private func conjunction(_ x: Tensor) throws -> Tensor {
  try bind1(.reduce(.and, axes: Array(x.shape.indices)), [x])
}

extension Storage {
  /// Whether both hold equal numbers: NaN differs from itself, +0 equals −0.
  fileprivate func isEqual(to other: Storage) -> Bool {
    switch (self, other) {
    // Not `==`: arrays that share storage are equal to it without a look, NaN or not.
    case (.f32(let x), .f32(let y)): x.elementsEqual(y)
    case (.f64(let x), .f64(let y)): x.elementsEqual(y)
    case (.i32(let x), .i32(let y)): x == y
    case (.u32(let x), .u32(let y)): x == y
    case (.bool(let x), .bool(let y)): x == y
    case (.f32, _), (.f64, _), (.i32, _), (.u32, _), (.bool, _): false
    }
  }
}

extension Leaf {
  fileprivate func isBitwiseEqual(to other: Leaf) throws -> Bool {
    switch (self, other) {
    case (.tensor(let x), .tensor(let y)):
      try x.shape == y.shape && x.storage.isBitwiseEqual(to: y.storage)
    case (.bool(let x), .bool(let y)): x == y
    case (.int(let x), .int(let y)): x == y
    case (.double(let x), .double(let y)): x.bitPattern == y.bitPattern
    case (.string(let x), .string(let y)): x == y
    case (.function(let x), .function(let y)): x == y
    case (.tensor, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.function, _): false
    }
  }
}
