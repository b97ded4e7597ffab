// The boundary between semantics and arithmetic.
//
// A backend runs primitives on known values. The reference says what the answer is; any other
// backend is a claim that the oracle checks, equation by equation, through `Executable.trace`.

/// A known value: shape and elements.
public struct Buffer: Sendable {
  /// The extent of each axis.
  public let shape: [Int]
  /// The elements, row-major.
  public let storage: Storage

  /// Elements in row-major order for `shape`.
  public init(shape: [Int], _ storage: Storage) {
    precondition(storage.count == shape.reduce(1, *), "\(storage.count) elements for \(shape)")
    self.shape = shape
    self.storage = storage
  }

  /// Its dtype and shape.
  public var aval: ShapedArray { ShapedArray(storage.dtype, shape) }
}

/// Something that computes.
public protocol Backend: Sendable {
  /// How reports name it.
  var name: String { get }

  /// The results of one well-typed equation.
  func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer]

  /// A program ready to run; by default, equation by equation.
  func compile(_ jaxpr: Jaxpr) throws -> any Executable
}

/// A compiled jaxpr.
public protocol Executable: Sendable {
  /// The outputs for inputs of the jaxpr's input types.
  func run(_ inputs: consuming [Buffer]) throws -> [Buffer]

  /// The same program for callers who give up its first `count` inputs: their memory may be written
  /// over, where nobody else holds it. Such a program does not throw for inputs of its types; nil
  /// where that cannot be promised.
  func givingUp(_ count: Int) -> (any Executable)?

  /// Every value of the run, as computed: what an audit compares.
  func trace(_ inputs: [Buffer]) throws -> ExecutionTrace
}

extension Executable {
  /// Nothing is written over unless an executable says so.
  public func givingUp(_ count: Int) -> (any Executable)? { nil }
}

/// All values of one run of a jaxpr.
public struct ExecutionTrace: Sendable {
  /// The operands of each equation.
  public let operands: [[Buffer]]
  /// The results of each equation.
  public let results: [[Buffer]]
  /// The outputs of the jaxpr.
  public let outputs: [Buffer]

  /// The values of a run, equation by equation.
  public init(operands: [[Buffer]], results: [[Buffer]], outputs: [Buffer]) {
    self.operands = operands
    self.results = results
    self.outputs = outputs
  }
}

extension Backend {
  /// `jaxpr`, equation by equation.
  public func compile(_ jaxpr: Jaxpr) throws -> any Executable {
    try EquationByEquation(jaxpr: jaxpr, backend: self)
  }
}

/// Runs a jaxpr in order, each equation by `backend.evaluate`.
public struct EquationByEquation: Executable {
  let jaxpr: Jaxpr
  let backend: any Backend
  let consts: [Buffer]

  /// - Throws: `TraceError.escapedTracer` when a constant of the jaxpr is not known.
  public init(jaxpr: Jaxpr, backend: any Backend) throws {
    self.jaxpr = jaxpr
    self.backend = backend
    consts = try jaxpr.consts.map { try $0.buffer }
  }

  /// The outputs.
  public func run(_ inputs: [Buffer]) throws -> [Buffer] {
    var environment = try BufferEnvironment(jaxpr, consts: consts, inputs: inputs)
    for eqn in jaxpr.eqns {
      environment.bind(eqn.outs, try backend.evaluate(eqn.primitive, environment.read(eqn.ins)))
    }
    return environment.read(jaxpr.outs)
  }

  /// Every value of the run.
  public func trace(_ inputs: [Buffer]) throws -> ExecutionTrace {
    var environment = try BufferEnvironment(jaxpr, consts: consts, inputs: inputs)
    var (operands, results): ([[Buffer]], [[Buffer]]) = ([], [])
    for eqn in jaxpr.eqns {
      operands.append(environment.read(eqn.ins))
      results.append(try backend.evaluate(eqn.primitive, operands[operands.count - 1]))
      environment.bind(eqn.outs, results[results.count - 1])
    }
    return ExecutionTrace(
      operands: operands, results: results, outputs: environment.read(jaxpr.outs))
  }
}

/// The values of a jaxpr's variables while it runs.
public struct BufferEnvironment {
  private var values: [Var: Buffer] = [:]

  /// The environment in which the inputs and constants of `jaxpr` are bound.
  /// - Throws: `TraceError.badArgument` when an input has not the declared type.
  public init(_ jaxpr: Jaxpr, consts: [Buffer], inputs: [Buffer]) throws {
    guard inputs.map(\.aval) == jaxpr.inAvals else {
      throw TraceError.badArgument(
        "a program of inputs \(jaxpr.inAvals) was called with \(inputs.map(\.aval))")
    }
    values.reserveCapacity(consts.count + inputs.count + jaxpr.eqns.count)
    bind(jaxpr.constvars, consts)
    bind(jaxpr.invars, inputs)
  }

  /// Gives `vars` their values.
  public mutating func bind(_ vars: [Var], _ buffers: [Buffer]) {
    for (v, buffer) in zip(vars, buffers) { values[v] = buffer }
  }

  /// The values of `atoms`; a literal rounded to its dtype.
  public func read(_ atoms: [Atom]) -> [Buffer] {
    atoms.map { atom in
      switch atom {
      case .literal(let l): return Buffer(shape: [], l.rounded)
      case .variable(let v):
        guard let buffer = values[v] else { preconditionFailure("unbound variable \(v.aval)") }
        return buffer
      }
    }
  }
}

extension Tensor {
  /// The known value.
  /// - Throws: `TraceError.escapedTracer` for a traced tensor.
  public var buffer: Buffer {
    get throws {
      switch value {
      case .known(let storage): return Buffer(shape: shape, storage)
      case .constant(let real): return Buffer(shape: [], Storage(rounding: [real], to: dtype))
      case .dual, .batched, .staged: throw TraceError.escapedTracer(aval)
      }
    }
  }

  /// The tensor with this value.
  public init(_ buffer: Buffer) { self.init(shape: buffer.shape, buffer.storage) }
}
