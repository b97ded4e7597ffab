// A jaxpr with every decision made: one step per equation, each with its kernel and its slots.
//
// Slots replace variables, so a run looks nothing up. Invariants: a step reads only slots that an
// input, a constant or an earlier step has filled and none has emptied; a run empties a slot once its
// last reader has its operands, so that memory peaks at what is still needed. Every pass here is
// linear in the equations; fusing steps and writing in place can come as passes over `steps`.

public import Core

/// A compiled program.
public struct Plan: Executable {
  /// The equations in order.
  public let steps: [Step]
  let inAvals: [ShapedArray]
  let consts: [Buffer]
  let outs: [Operand]
  private let slotCount: Int
  let backend: OpenBLASBackend

  /// One equation and what runs it.
  public struct Step: Sendable {
    /// The operation.
    public let primitive: Primitive
    /// The types of the operands.
    public let ins: [ShapedArray]
    let operands: [Operand]
    let resultCount: Int
    let kernel: Kernel
    /// The slots that nothing reads after this step: operands', and its own results'.
    fileprivate(set) var lastUses: [Int] = []
  }

  /// Where a value comes from.
  enum Operand: Sendable {
    /// Constants, then inputs, then the results of each step.
    case slot(Int)
    case literal(Buffer)
  }

  init(_ jaxpr: Jaxpr, backend: OpenBLASBackend) throws {
    let bound = jaxpr.constvars + jaxpr.invars + jaxpr.eqns.flatMap(\.outs)
    let slots = Dictionary(uniqueKeysWithValues: bound.enumerated().map { ($1, $0) })
    func operand(_ atom: Atom) -> Operand {
      switch atom {
      case .literal(let l): return .literal(Buffer(shape: [], l.rounded))
      case .variable(let v):
        guard let slot = slots[v] else { preconditionFailure("unbound variable \(v.aval)") }
        return .slot(slot)
      }
    }
    self.backend = backend
    inAvals = jaxpr.inAvals
    consts = try jaxpr.consts.map { try $0.buffer }
    let unplanned = try jaxpr.eqns.map { eqn in
      let ins = eqn.ins.map(\.aval)
      let kernel = try lower(eqn.primitive, ins, to: eqn.outs.map(\.aval), on: backend)
      return Step(
        primitive: eqn.primitive, ins: ins, operands: eqn.ins.map(operand),
        resultCount: eqn.outs.count, kernel: kernel)
    }
    outs = jaxpr.outs.map(operand)
    slotCount = bound.count
    steps = endingLives(unplanned, slotCount, outs)
  }

  /// The outputs for inputs of the program's input types.
  public func run(_ inputs: [Buffer]) throws -> [Buffer] { try run(inputs) { _ in } }

  /// The outputs; `observe` sees after each step what is still held, slot by slot.
  package func run(
    _ inputs: [Buffer], observe: (_ held: [Buffer?]) -> Void
  ) throws -> [Buffer] {
    var values = try filled(inputs)
    for step in steps {
      let operands = step.operands.map { read($0, values) }
      for result in try step.kernel.run(operands) { values.append(result) }
      for slot in step.lastUses { values[slot] = nil }
      observe(values)
    }
    return outs.map { read($0, values) }
  }

  /// Every value of the run; values are shared, not copied.
  public func trace(_ inputs: [Buffer]) throws -> ExecutionTrace {
    var values = try filled(inputs)
    var (operands, results): ([[Buffer]], [[Buffer]]) = ([], [])
    for step in steps {
      operands.append(step.operands.map { read($0, values) })
      results.append(try step.kernel.run(operands[operands.count - 1]))
      for result in results[results.count - 1] { values.append(result) }
    }
    return ExecutionTrace(
      operands: operands, results: results, outputs: outs.map { read($0, values) })
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
    backend.useThreads()
    var values: [Buffer?] = []
    values.reserveCapacity(slotCount)
    for buffer in consts { values.append(buffer) }
    for buffer in inputs { values.append(buffer) }
    return values
  }

  private func read(_ operand: Operand, _ values: [Buffer?]) -> Buffer {
    switch operand {
    case .slot(let index):
      guard let value = values[index] else { preconditionFailure("slot \(index) is empty") }
      return value
    case .literal(let buffer): return buffer
    }
  }
}

/// `steps`, each with the slots that nothing reads after it; what `outs` reads is read to the end.
private func endingLives(
  _ steps: [Plan.Step], _ slotCount: Int, _ outs: [Plan.Operand]
) -> [Plan.Step] {
  var steps = steps
  var isRead = [Bool](repeating: false, count: slotCount)
  for case .slot(let slot) in outs { isRead[slot] = true }
  var end = slotCount
  for index in steps.indices.reversed() {
    let results = (end - steps[index].resultCount)..<end
    var lastUses = results.filter { !isRead[$0] }
    for case .slot(let slot) in steps[index].operands where !isRead[slot] {
      isRead[slot] = true
      lastUses.append(slot)
    }
    steps[index].lastUses = lastUses
    end = results.lowerBound
  }
  return steps
}

extension Plan: CustomStringConvertible {
  /// One line per step: equation → kernel.
  public var description: String { steps.map(\.description).joined(separator: "\n") }
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
