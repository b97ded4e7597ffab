// From one program to another: its derivative, its two halves under partial evaluation, the program
// for a whole batch, its transpose.
//
// Each is the ordinary transformation run on the program while a fresh staging listens: no
// primitive needs a second rule for programs inside programs.

/// (x, dx of what is perturbed) ↦ (y, dy of what is perturbed).
struct JVPProgram: Sendable {
  let program: Subprogram
  /// Which results have a tangent.
  let perturbed: [Bool]

  struct Key: Hashable {
    let perturbed: [Bool]
    let instantiated: [Bool]
  }
}

/// A program divided by what is known.
struct PartialProgram: Sendable {
  /// Known operands ↦ (known results, residuals).
  let known: Subprogram
  /// Known operands ↦ (known results, residuals that are not operands themselves).
  let brief: Subprogram
  /// Known operands ↦ known results: the same without what only residuals need.
  let essential: Subprogram
  /// (residuals, unknown operands) ↦ unknown results.
  let unknown: Subprogram
  /// Which results are unknown.
  let isUnknown: [Bool]
  /// For each residual the operand that it simply is, if it is one.
  let forwarded: [Int?]

  struct Key: Hashable {
    let unknown: [Bool]
    let instantiated: [Bool]
  }
}

/// The program for all examples at once.
struct BatchedProgram: Sendable {
  let program: Subprogram
  /// Which results have a mapped axis, in front.
  let isMapped: [Bool]

  struct Key: Hashable {
    let mapped: [Bool]
    let instantiated: [Bool]
    let size: Int
    let axisName: String?
  }
}

extension Subprogram {
  /// The derivative along operands that are `perturbed`; results that are `instantiated` have a
  /// tangent even where it is zero.
  func jvp(_ perturbed: [Bool], instantiated: [Bool]) throws -> JVPProgram {
    let key = JVPProgram.Key(perturbed: perturbed, instantiated: instantiated)
    return try remembered(key, in: \.jvp) {
      let staging = Staging()
      let x = jaxpr.inAvals.map { staging.variable($0) }
      let dx = zip(jaxpr.inAvals, perturbed).map { $1 ? staging.variable($0) : nil }
      return try under(staging) {
        let (y, dy) = try jvpSymbolic(callAsFunction, x.map(\.1), dx.map { $0?.1 })
        let tangents = try zip(zip(y, dy), instantiated).map { pair, isNeeded in
          try pair.1 ?? (isNeeded && pair.0.dtype.isInexact ? zeros(like: pair.0) : nil)
        }
        let jaxpr = staging.finish(
          x.map(\.0) + dx.compactMap { $0?.0 }, y + tangents.compactMap(\.self))
        return JVPProgram(program: Subprogram(jaxpr), perturbed: tangents.map { $0 != nil })
      }
    }
  }

  /// The part that needs only known operands, and the rest; results that are `instantiated` count
  /// as unknown whatever they need.
  func partial(unknown: [Bool], instantiated: [Bool]) throws -> PartialProgram {
    let key = PartialProgram.Key(unknown: unknown, instantiated: instantiated)
    return try remembered(key, in: \.partial) {
      let outer = Staging()
      let inner = Staging(outer: outer)
      let x = zip(jaxpr.inAvals, unknown).map { aval, isUnknown in
        isUnknown ? inner.variable(aval) : outer.variable(aval)
      }
      let outs = try under(inner) { try self(x.map(\.1)) }
      let isUnknown = zip(outs, instantiated).map { inner.owned($0) != nil || $1 }
      let vars = x.map(\.0)
      let staged = inner.finish(chosen(vars, unknown), chosen(outs, isUnknown))
      let pruned = staged.pruned(outs: staged.outs)
      let results = chosen(outs, isUnknown.map { !$0 })
      let known = outer.finish(chosen(vars, unknown.map { !$0 }), results + pruned.consts)
      let places = Dictionary(uniqueKeysWithValues: zip(vars, vars.indices))
      let forwarded = pruned.consts.map { outer.owned($0).flatMap { places[$0] } }
      let made = zip(known.outs.dropFirst(results.count), forwarded).filter { $0.1 == nil }
      return PartialProgram(
        known: Subprogram(known.pruned(outs: known.outs)),
        brief: Subprogram(
          known.pruned(outs: known.outs.prefix(results.count) + made.map(\.0))),
        essential: Subprogram(known.pruned(outs: Array(known.outs.prefix(results.count)))),
        unknown: Subprogram(pruned.withConstsAsInputs),
        isUnknown: isUnknown,
        forwarded: forwarded)
    }
  }

  /// The program for each index of the mapped axes; results that are `instantiated` get one whether
  /// or not the examples differ.
  func batched(
    _ mapped: [Bool], instantiated: [Bool], _ batching: Batching
  ) throws -> BatchedProgram {
    let key = BatchedProgram.Key(
      mapped: mapped, instantiated: instantiated, size: batching.size, axisName: batching.axisName)
    return try remembered(key, in: \.batched) {
      let staging = Staging()
      let inner = Batching(outer: staging, size: batching.size, axisName: batching.axisName)
      let x = zip(jaxpr.inAvals, mapped).map { aval, isMapped in
        staging.variable(isMapped ? aval.with(shape: [batching.size] + aval.shape) : aval)
      }
      return try under(staging) {
        let inputs = zip(x, mapped).map { $1 ? inner.batched($0.1) : $0.1 }
        let outs = try under(inner) { try self(inputs) }.map { inner.split($0) }
        let results = try zip(outs, instantiated).map { out, isNeeded in
          isNeeded && !out.isMapped ? try repeated(out.values, batching.size) : out.values
        }
        return BatchedProgram(
          program: Subprogram(staging.finish(x.map(\.0), results)),
          isMapped: zip(outs, instantiated).map { $0.isMapped || $1 })
      }
    }
  }

  /// (operands that are not `linear`, cotangents of all results) ↦ cotangents of the linear operands.
  func transposed(linear: [Bool]) throws -> Subprogram {
    try remembered(linear, in: \.transposed) {
      let outer = Staging()
      let inner = Staging(outer: outer)
      let x = zip(jaxpr.inAvals, linear).map { aval, isLinear in
        isLinear ? inner.variable(aval) : outer.variable(aval)
      }
      let cts = jaxpr.outAvals.map { outer.variable($0) }
      let outs = try under(inner) { try self(x.map(\.1)) }
      let vars = x.map(\.0)
      let program = inner.finish(chosen(vars, linear), outs)
      let results = try under(outer) { try backwardPass(program, cts.map(\.1)) }
      let known = chosen(vars, linear.map { !$0 })
      let jaxpr = outer.finish(known + cts.map(\.0), results)
      return Subprogram(jaxpr.pruned(outs: jaxpr.outs))
    }
  }

  /// The same program with its inputs and outputs in another order.
  func reordered(ins: [Int], outs: [Int]) -> Subprogram {
    Subprogram(jaxpr.reordered(ins: ins, outs: outs))
  }
}

extension Jaxpr {
  /// The same program with its constants as its first inputs.
  var withConstsAsInputs: Jaxpr { Jaxpr(invars: constvars + invars, eqns: eqns, outs: outs) }
}

/// `f` traced at these types, its free tensors as its first inputs.
/// - Returns: the program and the free tensors, to be handed over as operands.
func traceProgram(
  _ f: ([Tensor]) throws -> [Tensor], _ avals: [ShapedArray]
) throws -> (program: Jaxpr, free: [Tensor]) {
  let staging = Staging()
  let inputs = avals.map { staging.variable($0) }
  let outs = try under(staging) { try f(inputs.map(\.1)) }
  let jaxpr = staging.finish(inputs.map(\.0), outs)
  return (jaxpr.withConstsAsInputs, jaxpr.consts)
}
