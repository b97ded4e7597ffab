// A jaxpr with every decision made: one step per equation, each with its kernel and its slots.
//
// Slots replace variables, so a run looks nothing up. Invariant: a step reads only slots that an
// input, a constant or an earlier step has filled. Every pass here is linear in the equations;
// fusing steps and planning memory can come as passes over `steps`.

public import Core

/// A compiled program.
public struct Plan: Executable {
  /// The equations in order.
  public let steps: [Step]
  let inAvals: [ShapedArray]
  let consts: [Buffer]
  let outs: [Operand]
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
    steps = try jaxpr.eqns.map { eqn in
      let ins = eqn.ins.map(\.aval)
      let kernel = try lower(eqn.primitive, ins, to: eqn.outs.map(\.aval))
      return Step(
        primitive: eqn.primitive, ins: ins, operands: eqn.ins.map(operand),
        resultCount: eqn.outs.count, kernel: kernel)
    }
    outs = jaxpr.outs.map(operand)
  }

  /// The outputs for inputs of the program's input types.
  public func run(_ inputs: [Buffer]) throws -> [Buffer] {
    let values = try execute(inputs)
    return outs.map { read($0, values) }
  }

  /// Every value of the run; values are shared, not copied.
  public func trace(_ inputs: [Buffer]) throws -> ExecutionTrace {
    let values = try execute(inputs)
    var rest = values.dropFirst(consts.count + inAvals.count)
    return ExecutionTrace(
      operands: steps.map { $0.operands.map { read($0, values) } },
      results: steps.map { step in
        defer { rest = rest.dropFirst(step.resultCount) }
        return Array(rest.prefix(step.resultCount))
      },
      outputs: outs.map { read($0, values) })
  }

  /// The value of every slot.
  private func execute(_ inputs: [Buffer]) throws -> [Buffer] {
    guard inputs.map(\.aval) == inAvals else {
      throw TraceError.badArgument(
        "a program of inputs \(inAvals) was called with \(inputs.map(\.aval))")
    }
    backend.useThreads()
    var values = consts + inputs
    values.reserveCapacity(values.count + steps.count)
    for step in steps {
      values += try step.kernel.run(step.operands.map { read($0, values) })
    }
    return values
  }

  private func read(_ operand: Operand, _ values: [Buffer]) -> Buffer {
    switch operand {
    case .slot(let index): values[index]
    case .literal(let buffer): buffer
    }
  }
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
