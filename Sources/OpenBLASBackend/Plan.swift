// A jaxpr with every decision made: one step per equation, each with its kernel and its slots, and the
// stages in which a run carries the steps out.
//
// Slots replace variables, so a run looks nothing up. A trace runs the steps one by one and keeps
// everything; a run goes through the stages, where elementwise steps are fused and what nobody reads is
// left out. Both run the same kernels on the same elements, so they agree bit for bit. Invariants: a
// stage reads only slots that an input, a constant or an earlier stage has filled and none has
// emptied; a run empties a slot once its last reader has its operands, so that memory peaks at what is
// still needed. Every pass here is linear in the equations.

public import Core

/// A compiled program.
public struct Plan: Executable {
  /// The equations in order.
  public let steps: [Step]
  private(set) var stages: [Stage]
  let inAvals: [ShapedArray]
  let consts: [Buffer]
  /// The outputs as the steps give them, and as the stages do.
  private let outs: (traced: [Operand], run: [Operand])
  private let slotCount: Int
  let backend: OpenBLASBackend

  /// One equation and what runs it.
  public struct Step: Sendable {
    /// The operation.
    public let primitive: Primitive
    /// The types of the operands.
    public let ins: [ShapedArray]
    let operands: [Operand]
    /// The types of the results, and their slots.
    let outs: [ShapedArray]
    let results: Range<Int>
    /// What a trace runs on `operands`.
    let kernel: Kernel
    /// What a run needs for it.
    let role: StepRole
    /// What a run runs, and on what.
    let run: (kernel: Kernel, operands: [Operand])
  }

  /// Where a value comes from, and the shape in which it is read.
  struct Operand: Sendable {
    /// What holds the elements.
    enum Source: Sendable {
      /// Constants, then inputs, then the results of each step.
      case slot(Int)
      case literal(Storage)
    }
    let source: Source
    let shape: [Int]
  }

  init(_ jaxpr: Jaxpr, backend: OpenBLASBackend) throws {
    var slots: [Var: Int] = [:]
    func bind(_ vars: [Var]) -> Range<Int> {
      let first = slots.count
      for v in vars { slots[v] = slots.count }
      return first..<slots.count
    }
    func operand(_ atom: Atom) -> Operand {
      switch atom {
      case .literal(let l): return Operand(source: .literal(l.rounded), shape: [])
      case .variable(let v):
        guard let slot = slots[v] else { preconditionFailure("unbound variable \(v.aval)") }
        return Operand(source: .slot(slot), shape: v.aval.shape)
      }
    }
    self.backend = backend
    inAvals = jaxpr.inAvals
    consts = try jaxpr.consts.map { try $0.buffer }
    _ = bind(jaxpr.constvars + jaxpr.invars)
    var folding = ContractionFolding(jaxpr)
    steps = try jaxpr.eqns.map { eqn in
      let (ins, outs) = (eqn.ins.map(\.aval), eqn.outs.map(\.aval))
      let folded = try folding.folded(eqn)
      let kernel =
        try folded.map(Kernel.foldedContraction)
        ?? lower(eqn.primitive, ins, to: outs, on: backend)
      let operands = eqn.ins.map(operand)
      let run = folded.map { (Kernel.contraction($0.contraction), $0.operands.map(operand)) }
      return Step(
        primitive: eqn.primitive, ins: ins, operands: operands, outs: outs,
        results: bind(eqn.outs), kernel: kernel,
        role: folding.isGiven(eqn) ? .alias : StepRole(eqn.primitive, ins, outs, kernel),
        run: run ?? (kernel, operands))
    }
    slotCount = slots.count
    let traced = jaxpr.outs.map(operand)
    let scheduled = scheduled(steps, slots: slotCount, outs: traced)
    stages = scheduled.stages
    outs = (traced, scheduled.outs)
  }

  /// The outputs for inputs of the program's input types.
  public func run(_ inputs: consuming [Buffer]) throws -> [Buffer] {
    try run(consume inputs) { _ in }
  }

  /// The same with loops that write over the first `count` inputs; nil if a nested program could throw.
  public func givingUp(_ count: Int) -> (any Executable)? {
    for case .programs in stages.map(\.kernel) { return nil }
    var plan = self
    plan.stages = inPlace(stages, slots: slotCount, given: consts.count..<consts.count + count)
    return plan
  }

  /// The outputs; `observe` sees after each stage what is still held, slot by slot.
  package func run(
    _ inputs: consuming [Buffer], observe: (_ held: [Buffer?]) -> Void
  ) throws -> [Buffer] {
    var values = try filled(inputs)
    // Nobody but the slots holds what the caller gave up.
    inputs = []
    let workers = backend.workers
    for stage in stages {
      var operands = stage.operands.map { read($0, values) }
      for slot in stage.lastUses { values[slot] = nil }
      let results = try stage.kernel.run(&operands, workers)
      for (slot, result) in zip(stage.results, results) { values[slot] = result }
      for slot in stage.unread { values[slot] = nil }
      observe(values)
    }
    return outs.run.map { read($0, values) }
  }

  /// Every value of the run; values are shared, not copied.
  public func trace(_ inputs: [Buffer]) throws -> ExecutionTrace {
    var values = try filled(inputs)
    let workers = backend.workers
    var (operands, results): ([[Buffer]], [[Buffer]]) = ([], [])
    for step in steps {
      operands.append(step.operands.map { read($0, values) })
      var taken = operands[operands.count - 1]
      results.append(try step.kernel.run(&taken, workers))
      for (slot, result) in zip(step.results, results[results.count - 1]) { values[slot] = result }
    }
    return ExecutionTrace(
      operands: operands, results: results, outputs: outs.traced.map { read($0, values) })
  }

  /// The slots before the first step.
  private func filled(_ inputs: [Buffer]) throws -> [Buffer?] {
    guard
      inputs.count == inAvals.count,
      zip(inputs, inAvals).allSatisfy({ $0.storage.dtype == $1.dtype && $0.shape == $1.shape })
    else {
      throw TraceError.badArgument(
        "a program of inputs \(inAvals) was called with \(inputs.map(\.aval))")
    }
    backend.useOneThread()
    var values = [Buffer?](repeating: nil, count: slotCount)
    for (slot, buffer) in consts.enumerated() { values[slot] = buffer }
    for (slot, buffer) in inputs.enumerated() { values[consts.count + slot] = buffer }
    return values
  }

  private func read(_ operand: Operand, _ values: [Buffer?]) -> Buffer {
    switch operand.source {
    case .slot(let index):
      guard let value = values[index] else { preconditionFailure("slot \(index) is empty") }
      return value.shape == operand.shape ? value : Buffer(shape: operand.shape, value.storage)
    case .literal(let storage): return Buffer(shape: operand.shape, storage)
    }
  }
}

extension Plan: CustomStringConvertible {
  /// One line per stage: equation → kernel, or the operations of a fused loop.
  public var description: String {
    stages.map { stage in
      stage.steps.count == 1
        ? steps[stage.steps[0]].description
        : "\(stage.steps.map { steps[$0].primitive.name }.joined(separator: ", ")) → \(stage.kernel)"
    }.joined(separator: "\n")
  }
}

extension Plan.Step: CustomStringConvertible {
  /// Which family of kernels runs it.
  public var kind: StepKind { kernel.kind }

  /// `dot_general f32[8,3] f32[3,4] → sgemm(N, N) m=8 n=4 k=3 batch=1`.
  public var description: String {
    let operands = ins.map { " \($0)" }.joined()
    return "\(primitive.name)\(operands) → \(kernel)"
  }
}
