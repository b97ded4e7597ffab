// Branches and loops over trees: the tensors of a carry are computed, its other leaves are static.
//
// A static leaf is the same in every round and in every branch; one that changes is an error with its
// path, because the round that changed it would be traced once and then run many times.

public import Core

/// `then` on `operands` where `predicate`, a boolean scalar, holds, else `otherwise`; only that one
/// runs.
/// - Throws: `TreeError` unless both results have one structure and the same static leaves,
///   `TraceError` unless their tensors have the same types.
public func cond<O: PyTree, R: PyTree>(
  _ predicate: Tensor, _ operands: O, then: (O) throws -> R, else otherwise: (O) throws -> R
) throws -> R {
  let inputs = Unpacked(operands, where: isArray)
  let result = Agreement<R>("cond branches")
  return try withoutActuallyEscaping(then) { then in
    try withoutActuallyEscaping(otherwise) { otherwise in
      let outs = try cond(
        predicate, inputs.tensors, then: { try result.tensors(of: then(inputs.packed($0))) },
        else: { try result.tensors(of: otherwise(inputs.packed($0))) })
      return try result.packed(outs)
    }
  }
}

/// `branches[index]` on `operands`, an index outside clamped to the first or last; only that one
/// runs.
/// - Throws: as `cond`.
public func switchCase<O: PyTree, R: PyTree>(
  _ index: Tensor, _ branches: Branches<O, R>, _ operands: O
) throws -> R {
  let inputs = Unpacked(operands, where: isArray)
  let result = Agreement<R>("switch branches")
  let outs = try switchCase(
    index,
    Branches(branches.functions) { (branch, xs: [Tensor]) in
      try result.tensors(of: branch(inputs.packed(xs)))
    }, inputs.tensors)
  return try result.packed(outs)
}

/// `body` applied to a carry again and again while `condition` holds of it.
///
/// Differentiable forwards only: how often it runs is not known before.
/// - Throws: `TreeError` unless the carry keeps its structure and its static leaves.
public func whileLoop<C: PyTree>(
  _ initial: C, while condition: (C) throws -> Tensor, do body: (C) throws -> C
) throws -> C {
  let start = Unpacked(initial, where: isArray)
  let carry = Agreement("whileLoop body's carry input and carry output", start)
  let outs = try whileLoop(
    start.tensors, while: { xs in try condition(start.packed(xs)) },
    do: { xs in try carry.tensors(of: body(start.packed(xs))) })
  return try carry.packed(outs)
}

/// `body` run once per index of the leading axis of the tensors of `xs`: it takes the carry and one
/// slice, and gives the next carry and what is stacked into `ys`.
///
/// - Parameters:
///   - xs: tensors of shapes `[length, …]`; leaves that are no tensors are the same in each slice.
///   - length: needed if `xs` holds no tensors, as `Tuple()`.
///   - reverse: whether it runs from the last index to the first.
/// - Throws: `TreeError` unless the carry keeps its structure and its static leaves.
public func scan<C: PyTree, X: PyTree, Y: PyTree>(
  _ body: (_ carry: C, _ x: X) throws -> (carry: C, y: Y), _ initial: C, _ xs: X,
  length: Int? = nil, reverse: Bool = false
) throws -> (carry: C, ys: Y) {
  let (start, items) = (Unpacked(initial, where: isArray), Unpacked(xs, where: isArray))
  let carry = Agreement("scan body's carry input and carry output", start)
  let results = Slot<Unpacked<Y>>()
  let (last, stacked) = try scan(
    { (c: [Tensor], x: [Tensor]) in
      let (next, y) = try body(start.packed(c), items.packed(x))
      let result = Unpacked(y, where: isArray)
      results.store(result)
      return (carry: try carry.tensors(of: next), y: result.tensors)
    }, start.tensors, items.tensors, length: length, reverse: reverse)
  return (try carry.packed(last), try results.value().packed(stacked))
}

/// `body(i, carry)` for i = lower, …, upper − 1. Differentiable in both modes.
/// - Throws: `TreeError` unless the carry keeps its structure and its static leaves.
public func foriLoop<C: PyTree>(
  _ range: Range<Int>, _ initial: C, _ body: (_ i: Tensor, _ carry: C) throws -> C
) throws -> C {
  let start = Unpacked(initial, where: isArray)
  let carry = Agreement("foriLoop body's carry input and carry output", start)
  let outs = try foriLoop(range, start.tensors) { (i: Tensor, xs: [Tensor]) in
    try carry.tensors(of: body(i, start.packed(xs)))
  }
  return try carry.packed(outs)
}

/// `body(i, carry)` for i = lower, …, upper − 1, bounds that may be known only when it runs.
/// Differentiable forwards only.
/// - Throws: `TreeError` unless the carry keeps its structure and its static leaves.
public func foriLoop<C: PyTree>(
  from lower: Tensor, to upper: Tensor, _ initial: C,
  _ body: (_ i: Tensor, _ carry: C) throws -> C
) throws -> C {
  let start = Unpacked(initial, where: isArray)
  let carry = Agreement("foriLoop body's carry input and carry output", start)
  let outs = try foriLoop(from: lower, to: upper, start.tensors) { (i: Tensor, xs: [Tensor]) in
    try carry.tensors(of: body(i, start.packed(xs)))
  }
  return try carry.packed(outs)
}

/// The combinations of elements 0…i along `axis` of the tensors of `xs`, for each i, by `combine`,
/// which is associative and works on stacks of elements at once.
/// - Throws: `TreeError` unless `combine` gives the structure and the static leaves of `xs`.
public func associativeScan<T: PyTree>(
  _ combine: (_ a: T, _ b: T) throws -> T, _ xs: T, axis: Int = 0, reverse: Bool = false
) throws -> T {
  let elements = Unpacked(xs, where: isArray)
  let result = Agreement("associativeScan's elements and combinations", elements)
  let outs = try associativeScan(
    { (a: [Tensor], b: [Tensor]) in
      try result.tensors(of: combine(elements.packed(a), elements.packed(b)))
    }, elements.tensors, axis: axis, reverse: reverse)
  return try elements.packed(outs)
}

/// Trees that must have one structure and the same leaves where these are no tensors.
private final class Agreement<T: PyTree> {
  private let words: String
  private var agreed: Unpacked<T>?

  init(_ words: String, _ first: Unpacked<T>? = nil) { (self.words, agreed) = (words, first) }

  /// The tensors of `tree`.
  /// - Throws: `TreeError` unless it agrees with the trees before it.
  func tensors(of tree: T) throws -> [Tensor] {
    let own = Unpacked(tree, where: isArray)
    guard let agreed else {
      self.agreed = own
      return own.tensors
    }
    try requireSameStructure(agreed.tree, agreed.tree.treeDef, tree, tree.treeDef)
    for (k, pair) in zip(agreed.leaves, own.leaves).enumerated()
    where pair.0.staticValue != pair.1.staticValue {
      throw TreeError.badArgument(
        "\(words) must have the same leaves where these are no tensors, but at "
          + "\(tree.leafPaths[k].place) are \(pair.0.words) and \(pair.1.words)")
    }
    return own.tensors
  }

  /// The tree that was agreed on, with these tensors.
  func packed(_ tensors: [Tensor]) throws -> T {
    guard let agreed else {
      throw TraceError.badArgument("\(words) were not called while they were transformed")
    }
    return try agreed.packed(tensors)
  }
}

extension Leaf {
  fileprivate var words: String { staticValue?.description ?? "a tensor" }
}
