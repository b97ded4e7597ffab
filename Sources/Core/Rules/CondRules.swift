// Branches: operand 0 says which program runs on the others.
//
// The transformed branches must have one type, so what any of them needs all of them give.

/// The types of the results: those of every branch.
func condTypes(_ branches: [Subprogram], _ ins: [ShapedArray]) throws -> [ShapedArray] {
  try require(!branches.isEmpty, "cond requires at least one branch")
  try require(
    ins.first == ShapedArray(.i32),
    "cond requires a scalar i32 index, got \(ins.first.map { "\($0)" } ?? "nothing")")
  for branch in branches { try requireOperands("cond", branch, Array(ins.dropFirst())) }
  return try agreedTypes("cond", branches)
}

/// The types of the results of every branch of `name`.
/// - Throws: `TraceError.illTyped` unless all have the same.
@discardableResult
func agreedTypes(_ name: String, _ branches: [Subprogram]) throws -> [ShapedArray] {
  let outs = branches[0].jaxpr.outAvals
  for (number, branch) in branches.enumerated() {
    let own = branch.jaxpr.outAvals
    try require(
      own.count == outs.count,
      "\(name) branch outputs must have the same structure, but they differ: branch 0 gives "
        + "\(outs.count) tensors and branch \(number) gives \(own.count)")
    for (a, b) in zip(outs, own) {
      try require(
        a == b,
        "\(name) branches must have equal output types but they differ: the output of branch 0 has "
          + "type \(a) but the corresponding output of branch \(number) has type \(b), so the "
          + "\(mismatch(a, b))")
    }
  }
  return outs
}

private func cond(_ branches: [Subprogram]) -> Primitive { .higherOrder(.cond(branches: branches)) }

/// The flags that any of the branches raises.
private func union(_ flags: [[Bool]]) -> [Bool] {
  flags.dropFirst().reduce(flags[0]) { zip($0, $1).map { $0 || $1 } }
}

private func none(_ branches: [Subprogram]) -> [Bool] { branches[0].jaxpr.outs.map { _ in false } }

func condJVP(
  _ branches: [Subprogram], _ x: [Tensor], _ dx: [Tensor?]
) throws -> (outs: [Tensor], tangents: [Tensor?]) {
  let perturbed = dx.dropFirst().map { $0 != nil }
  let needed = union(
    try branches.map { try $0.jvp(perturbed, instantiated: none(branches)).perturbed })
  let derived = try branches.map { try $0.jvp(perturbed, instantiated: needed).program }
  let all = try bind(cond(derived), x + dx.compactMap(\.self))
  return (Array(all.prefix(needed.count)), scattered(Array(all.dropFirst(needed.count)), needed))
}

/// Known branches hand over the residuals of all: its own where a branch ran, zeros for the others.
func condPartiallyEvaluated(
  _ branches: [Subprogram], _ x: [Tensor], _ staging: Staging
) throws -> [Tensor]? {
  let unknown = x.map { staging.owned($0) != nil }
  // Which branch runs is not known: no part of any is.
  if unknown[0] { return nil }
  let operands = Array(unknown.dropFirst())
  let isUnknown = union(
    try branches.map { try $0.partial(unknown: operands, instantiated: none(branches)).isUnknown })
  let parts = try branches.map { try $0.partial(unknown: operands, instantiated: isUnknown) }
  let count = isUnknown.count { !$0 }
  let residuals = parts.map { Array($0.known.jaxpr.outAvals.dropFirst(count)) }
  let known = try parts.indices.map { try padded(parts[$0].known, count, residuals, own: $0) }
  let unknownBranches = try parts.indices.map {
    try choosing(parts[$0].unknown, residuals, own: $0)
  }
  let results = try staging.evaluate(
    cond(known), [x[0]] + chosen(x, unknown.map { !$0 }).dropFirst())
  let staged = try staging.record(
    cond(unknownBranches), [x[0]] + results.dropFirst(count) + chosen(x, unknown))
  return HigherOrder.merged(Array(results.prefix(count)), staged, isUnknown)
}

/// `branch` with zeros among its results for the residuals of the other branches.
private func padded(
  _ branch: Subprogram, _ count: Int, _ residuals: [[ShapedArray]], own: Int
) throws -> Subprogram {
  let jaxpr = try makeJaxpr { x in
    let all = try branch(x)
    return try all.prefix(count)
      + residuals.enumerated().flatMap { index, avals in
        try index == own
          ? Array(all.dropFirst(count)) : avals.map { try full($0.shape, 0, $0.dtype) }
      }
  }(branch.jaxpr.inAvals)
  return Subprogram(jaxpr)
}

/// `branch`, which reads its own residuals, as a program that is given those of all branches.
private func choosing(
  _ branch: Subprogram, _ residuals: [[ShapedArray]], own: Int
) throws -> Subprogram {
  let before = residuals[..<own].joined().count
  let all = Array(residuals.joined())
  let operands = Array(branch.jaxpr.inAvals.dropFirst(residuals[own].count))
  let jaxpr = try makeJaxpr { x in
    try branch(Array(x[before..<(before + residuals[own].count)]) + x[all.count...])
  }(all + operands)
  return Subprogram(jaxpr)
}

/// One index for all examples: the batched branches. One index each: every branch runs on all, and
/// each example takes its own; operands of a branch that does not count for an example are cut off
/// from differentiation there, as in JAX.
func condBatched(
  _ branches: [Subprogram], _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
) throws -> [(values: Tensor, isMapped: Bool)] {
  let operands = Array(mapped.dropFirst())
  guard mapped[0] else {
    let needed = union(
      try branches.map {
        try $0.batched(operands, instantiated: none(branches), batching).isMapped
      })
    let derived = try branches.map { try $0.batched(operands, instantiated: needed, batching) }
    let outs = try bind(cond(derived.map(\.program)), x)
    return zip(outs, needed).map { ($0, $1) }
  }
  let all = operands.map { _ in true }
  let repeatedOperands = try zip(x, mapped).dropFirst().map {
    try $1 ? $0 : repeated($0, batching.size)
  }
  let index = try bind1(.clamp, [Tensor(constant: 0, .i32), x[0], last(branches)])
  let results = try branches.enumerated().map { number, branch in
    let isOwn = try bind1(
      .compare(.eq), [index, Tensor(constant: DoubleDouble(Double(number)), .i32)])
    let guarded = try repeatedOperands.map { operand in
      try bind1(
        .selectN,
        [spread(isOwn, over: operand), bind1(.unary(.stopGradient), [operand]), operand])
    }
    let needed = branch.jaxpr.outs.map { _ in true }
    return try branch.batched(all, instantiated: needed, batching).program(guarded)
  }
  return try branches[0].jaxpr.outs.indices.map { place in
    let cases = results.map { $0[place] }
    guard cases.count > 1 else { return (cases[0], true) }
    let which = cases.count == 2 ? try bind1(.convertElementType(.bool), [index]) : index
    return (try bind1(.selectN, [spread(which, over: cases[0])] + cases), true)
  }
}

private func last(_ branches: [Subprogram]) -> Tensor {
  Tensor(constant: DoubleDouble(Double(branches.count - 1)), .i32)
}

/// A vector `[n]`, one per example, in the shape of `x`, `[n, …]`.
func spread(_ vector: Tensor, over x: Tensor) throws -> Tensor {
  try bind1(.broadcastInDim(shape: x.shape, dims: [0]), [vector])
}

func condTransposed(
  _ branches: [Subprogram], _ cts: [Tensor?], _ ins: [LinearInput]
) throws -> [Tensor?] {
  guard case .known(let index)? = ins.first else {
    throw TraceError.noRule(transformation: "transpose", primitive: "cond")
  }
  let operands = Array(ins.dropFirst())
  let transposes = try branches.map { try $0.transposed(linear: operands.isLinear) }
  let all = try instantiated(cts, branches[0].jaxpr.outAvals)
  let results = try bind(cond(transposes), [index] + operands.known + all)
  return [nil] + scattered(results, operands.isLinear)
}
