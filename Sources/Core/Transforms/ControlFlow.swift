// Branches and loops as operations of the language, for what a Swift `if` or `for` cannot decide:
// values that are known only when the program runs.
//
// Bodies are traced once; what they close over becomes an operand. Rules and messages as `jax.lax`.

/// `then` on `operands` where `predicate`, a scalar, is true or a number other than 0, else
/// `otherwise`; only that one runs.
/// - Throws: `TraceError.illTyped` unless both give results of the same types.
public func cond(
  _ predicate: Tensor, _ operands: [Tensor], then: @escaping ([Tensor]) throws -> [Tensor],
  else otherwise: @escaping ([Tensor]) throws -> [Tensor]
) throws -> [Tensor] {
  guard predicate.rank == 0 else {
    throw TraceError.illTyped(
      "Pred must be a scalar, got \(predicate.aval) of shape \(pythonTuple(predicate.shape)).")
  }
  let zero = Tensor(constant: 0, predicate.dtype)
  let isTrue =
    predicate.dtype == .bool ? predicate : try bind1(.compare(.ne), [predicate, zero])
  let index = try bind1(.convertElementType(.i32), [isTrue])
  return try branch("cond", index, [otherwise, then], operands)
}

/// `branches[index]` on `operands`, an index outside clamped to the first or last; only that one
/// runs. (`jax.lax.switch`)
/// - Throws: `TraceError.illTyped` unless all give results of the same types.
public func switchCase(
  _ index: Tensor, _ branches: Branches<[Tensor], [Tensor]>, _ operands: [Tensor]
) throws -> [Tensor] {
  let branches = branches.functions
  guard let first = branches.first else { throw TraceError.badArgument("Empty branch sequence") }
  guard index.rank == 0 else {
    throw TraceError.illTyped(
      "Branch index must be scalar, got \(index.aval) of shape \(pythonTuple(index.shape)).")
  }
  guard index.dtype == .i32 || index.dtype == .u32 else {
    throw TraceError.illTyped(
      "Index type must be an integer, got \(index.aval) as \(index.dtype.longName)")
  }
  if branches.count == 1 { return try first(operands) }
  let i32 = index.dtype == .i32 ? index : try bind1(.convertElementType(.i32), [index])
  let last = Tensor(constant: DoubleDouble(Double(branches.count - 1)), .i32)
  return try branch(
    "switch", bind1(.clamp, [Tensor(constant: 0, .i32), i32, last]), branches, operands)
}

/// The branches of `name` traced with one list of operands: the free tensors of all, then their own.
private func branch(
  _ name: String, _ index: Tensor, _ branches: [([Tensor]) throws -> [Tensor]], _ operands: [Tensor]
) throws -> [Tensor] {
  let traced = try branches.map { try traceProgram($0, operands.map(\.aval)) }
  let free = traced.map(\.free)
  let programs = traced.enumerated().map { place, one in
    // The free tensors of the others are operands that this branch ignores.
    let before = free[..<place].joined().map { Var($0.aval) }
    let after = free[(place + 1)...].joined().map { Var($0.aval) }
    let own = one.program.invars.prefix(one.free.count)
    return Subprogram(
      Jaxpr(
        invars: before + own + after + one.program.invars.dropFirst(one.free.count),
        eqns: one.program.eqns, outs: one.program.outs))
  }
  // Both are one primitive, but its complaint should be about what was called.
  try agreedTypes(name, programs)
  return try bind(
    .higherOrder(.cond(branches: programs)), [index] + free.joined() + operands)
}

/// `body` applied to a carry again and again while `condition` holds of it.
///
/// Differentiable forwards only: how often it runs is not known before.
/// - Throws: `TraceError.illTyped` unless `condition` gives a boolean scalar and `body` a carry of the
///   types of `initial`; `TraceError.unsupported` in reverse mode.
public func whileLoop(
  _ initial: [Tensor], while condition: ([Tensor]) throws -> Tensor,
  do body: ([Tensor]) throws -> [Tensor]
) throws -> [Tensor] {
  let avals = initial.map(\.aval)
  let (test, ofTest) = try traceProgram({ [try condition($0)] }, avals)
  let (step, ofStep) = try traceProgram(body, avals)
  let loop = WhileLoop(
    condition: Subprogram(test), body: Subprogram(step), conditionConstCount: ofTest.count,
    bodyConstCount: ofStep.count)
  return try bind(.higherOrder(.whileLoop(loop)), ofTest + ofStep + initial)
}

/// `body` run once per index of the leading axis of `xs`: it takes the carry and one slice of each,
/// and gives the next carry and what is stacked into `ys`.
///
/// - Parameters:
///   - xs: operands of shapes `[length, …]`; may be empty when `length` is given.
///   - reverse: whether it runs from the last index to the first.
/// - Returns: the last carry, and the stacked results, each at the index of its slice.
/// - Throws: `TraceError.illTyped` when the leading axes differ or the carry changes its type.
public func scan(
  _ body: (_ carry: [Tensor], _ x: [Tensor]) throws -> (carry: [Tensor], y: [Tensor]),
  _ initial: [Tensor], _ xs: [Tensor] = [], length: Int? = nil, reverse: Bool = false
) throws -> (carry: [Tensor], ys: [Tensor]) {
  let length = try scanLength(xs, length)
  let items = xs.map { $0.aval.with(shape: Array($0.shape.dropFirst())) }
  let count = initial.count
  var carryCount = count
  let (step, free) = try traceProgram(
    { all in
      let (carry, y) = try body(Array(all.prefix(count)), Array(all.dropFirst(count)))
      carryCount = carry.count
      return carry + y
    }, initial.map(\.aval) + items)
  let given = step.outAvals.prefix(carryCount)
  try requireCarry("scan", initial.map(\.aval), Array(given))
  let loop = Scan(
    body: Subprogram(step), length: length, reverse: reverse, constCount: free.count,
    carryCount: count)
  let outs = try bind(.higherOrder(.scan(loop)), free + initial + xs)
  return (Array(outs.prefix(count)), Array(outs.dropFirst(count)))
}

/// The common extent of the leading axes.
private func scanLength(_ xs: [Tensor], _ length: Int?) throws -> Int {
  for x in xs where x.rank == 0 {
    throw TraceError.illTyped("scan got a value with no leading axis to scan over: \(x.aval)")
  }
  let lengths = xs.map { $0.shape[0] }
  guard let first = length ?? lengths.first else {
    throw TraceError.badArgument("scan got no values to scan over and `length` not provided.")
  }
  if let length, lengths.contains(where: { $0 != length }) || length < 0 {
    throw TraceError.illTyped(
      "scan got `length` argument of \(length) which disagrees with leading axis sizes \(lengths).")
  }
  guard lengths.allSatisfy({ $0 == first }) else {
    let sizes = lengths.map(String.init).joined(separator: ", ")
    throw TraceError.illTyped("scan got values with different leading axis sizes: \(sizes).")
  }
  return first
}

/// `body(i, carry)` for i = lower, …, upper − 1. Differentiable in both modes.
public func foriLoop(
  _ range: Range<Int>, _ initial: [Tensor],
  _ body: (_ i: Tensor, _ carry: [Tensor]) throws -> [Tensor]
) throws -> [Tensor] {
  let start = Tensor(constant: DoubleDouble(Double(range.lowerBound)), .i32)
  let one = Tensor(constant: 1, .i32)
  let (carry, _) = try scan(
    { all, _ in
      let next = try bind1(.binary(.add), [all[0], one])
      return (carry: [next] + (try body(all[0], Array(all.dropFirst()))), y: [])
    }, [start] + initial, length: range.count)
  return Array(carry.dropFirst())
}

/// `body(i, carry)` for i = lower, …, upper − 1, bounds that may be known only when it runs.
/// Differentiable forwards only.
public func foriLoop(
  from lower: Tensor, to upper: Tensor, _ initial: [Tensor],
  _ body: (_ i: Tensor, _ carry: [Tensor]) throws -> [Tensor]
) throws -> [Tensor] {
  guard lower.dtype == upper.dtype else {
    throw TraceError.illTyped(
      "lower and upper arguments to fori_loop must have equal types, got \(lower.dtype.longName) "
        + "and \(upper.dtype.longName)")
  }
  guard lower.rank == 0, upper.rank == 0, lower.dtype == .i32 || lower.dtype == .u32 else {
    throw TraceError.illTyped(
      "fori_loop requires whole scalars as bounds, got \(lower.aval) and \(upper.aval)")
  }
  let one = Tensor(constant: 1, lower.dtype)
  let all = try whileLoop(
    [lower, upper] + initial, while: { try bind1(.compare(.lt), [$0[0], $0[1]]) },
    do: { all in
      let next = try bind1(.binary(.add), [all[0], one])
      return [next, all[1]] + (try body(all[0], Array(all.dropFirst(2))))
    })
  return Array(all.dropFirst(2))
}
