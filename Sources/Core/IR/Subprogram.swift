// A jaxpr as a parameter of an equation: the body of a loop, a branch, a called function.
//
// Identity decides equality, so primitives that carry programs stay hashable and cheap to compare.
// What transformations derive from a program is kept with it: a loop that is differentiated twice
// is transformed once, and a backend compiles it once.

import Synchronization

/// A jaxpr that an equation carries; two are equal when they are the same object.
public final class Subprogram: Hashable, Sendable {
  /// The program. Its constants, if any, are known.
  public let jaxpr: Jaxpr

  private let memo = Mutex(Memo())

  /// What has been derived from the program so far.
  struct Memo {
    var jvp: [JVPProgram.Key: JVPProgram] = [:]
    var partial: [PartialProgram.Key: PartialProgram] = [:]
    var batched: [BatchedProgram.Key: BatchedProgram] = [:]
    var transposed: [[Bool]: Subprogram] = [:]
    var executables: [String: any Executable] = [:]
  }

  /// `jaxpr` as a parameter.
  package init(_ jaxpr: Jaxpr) { self.jaxpr = jaxpr }

  /// Identity.
  public static func == (a: Subprogram, b: Subprogram) -> Bool { a === b }
  /// The hash of the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// The outputs at `inputs`, under whatever transformation is active.
  func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] { try evalJaxpr(jaxpr, inputs) }

  /// The program compiled by `backend`, once per backend.
  package func executable(on backend: any Backend) throws -> any Executable {
    try remembered(backend.name, in: \.executables) { try backend.compile(jaxpr.inlined) }
  }

  /// What stands under `key`, made if it is not there. Nothing is kept while a fault is planted in
  /// the rules.
  func remembered<Key: Hashable, Value: Sendable>(
    _ key: Key, in table: any WritableKeyPath<Memo, [Key: Value]> & Sendable,
    _ make: () throws -> Value
  ) throws -> Value {
    guard Context.fault == nil else { return try make() }
    if let known = memo.withLock({ $0[keyPath: table][key] }) { return known }
    let made = try make()
    memo.withLock { $0[keyPath: table][key] = made }
    return made
  }
}

extension Jaxpr {
  /// The same program with its inputs and outputs in another order: new `i` is old `ins[i]`.
  func reordered(ins: [Int], outs order: [Int]) -> Jaxpr {
    Jaxpr(
      constvars: constvars, consts: consts, invars: ins.map { invars[$0] }, eqns: eqns,
      outs: order.map { outs[$0] })
  }

  /// The same program without the equations that no output needs.
  func pruned(outs kept: [Atom]) -> Jaxpr {
    var needed = Set(kept.compactMap(\.variable))
    var live: [Eqn] = []
    for eqn in eqns.reversed() where eqn.outs.contains(where: needed.contains) {
      live.append(eqn)
      needed.formUnion(eqn.ins.compactMap(\.variable))
    }
    let closed = zip(constvars, consts).filter { needed.contains($0.0) }
    return Jaxpr(
      constvars: closed.map(\.0), consts: closed.map(\.1), invars: invars,
      eqns: live.reversed(), outs: kept)
  }

  /// The same program with called programs written out in place: what a backend runs and an audit
  /// looks into. Custom rules are lost, so nothing differentiates the result.
  public var inlined: Jaxpr {
    guard eqns.contains(where: { $0.primitive.calledProgram != nil }) else { return self }
    return Inlining.inlined(self)
  }
}

extension Primitive {
  /// The programs that this operation carries.
  public var programs: [Subprogram] {
    if case .higherOrder(let op) = self { op.programs } else { [] }
  }

  /// The program that this equation merely calls.
  var calledProgram: Subprogram? {
    if case .higherOrder(.call(let call)) = self { call.program } else { nil }
  }
}

/// Writes called programs out, each with fresh variables.
private struct Inlining {
  private var eqns: [Eqn] = []
  private var constvars: [Var] = []
  private var consts: [Tensor] = []

  /// `jaxpr` written out.
  static func inlined(_ jaxpr: Jaxpr) -> Jaxpr {
    var inlining = Inlining()
    let inputs = Dictionary(uniqueKeysWithValues: jaxpr.invars.map { ($0, Atom.variable($0)) })
    let outs = inlining.append(jaxpr, inputs)
    return Jaxpr(
      constvars: inlining.constvars, consts: inlining.consts, invars: jaxpr.invars,
      eqns: inlining.eqns, outs: outs)
  }

  /// Appends the equations of `jaxpr`, whose inputs are called as `names` says.
  /// - Returns: what its outputs are called here.
  private mutating func append(_ jaxpr: Jaxpr, _ inputs: [Var: Atom]) -> [Atom] {
    var names = inputs
    names.reserveCapacity(inputs.count + jaxpr.constvars.count + jaxpr.eqns.count)
    func name(_ atom: Atom) -> Atom { atom.variable.flatMap { names[$0] } ?? atom }
    for (old, value) in zip(jaxpr.constvars, jaxpr.consts) {
      let new = Var(old.aval)
      names[old] = .variable(new)
      constvars.append(new)
      consts.append(value)
    }
    for eqn in jaxpr.eqns {
      let ins = eqn.ins.map(name)
      let results: [Atom]
      if let program = eqn.primitive.calledProgram?.jaxpr {
        results = append(program, Dictionary(uniqueKeysWithValues: zip(program.invars, ins)))
      } else {
        let outs = eqn.outs.map { Var($0.aval) }
        eqns.append(Eqn(outs: outs, primitive: eqn.primitive, ins: ins))
        results = outs.map(Atom.variable)
      }
      for (old, new) in zip(eqn.outs, results) { names[old] = new }
    }
    return jaxpr.outs.map(name)
  }
}
