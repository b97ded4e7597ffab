// jit of functions from trees to trees: traced once per structure, compiled once per backend.
//
// The key of a program is everything but the values of tensors: the definition of the arguments,
// their other leaves by type and bit pattern, the types of their tensors (rules JT-01, JT-03, JT-05).
// Under another transformation the function is simply called, as with `jit`.

public import Core
import Synchronization

/// A function of trees that is traced once per structure and then runs as a compiled program.
public final class FilterJitted<each A: PyTree, R: PyTree>: Sendable {
  private let f: @Sendable (repeat each A) throws -> R
  private let state = Mutex(State())

  private struct State {
    var programs: [ProgramKey: FilterCompiled<R>] = [:]
    /// The program that ran last: most calls are for the same one, which is told without hashing.
    var latest: FilterCompiled<R>?
    var traceCount = 0
  }

  init(_ f: @escaping @Sendable (repeat each A) throws -> R) { self.f = f }

  /// How often the function was traced.
  public var traceCount: Int { state.withLock { $0.traceCount } }

  /// Forgets every program; the next call traces again.
  public func clearCaches() {
    state.withLock {
      $0.programs = [:]
      $0.latest = nil
    }
  }

  /// The result of the function.
  public func callAsFunction(_ arguments: repeat each A) throws -> R {
    guard Context.isEvaluating else { return try f(repeat each arguments) }
    let latest = state.withLock { $0.latest }
    let visitor = visited(as: latest?.key, repeat each arguments)
    if let latest, latest.key.fits(visitor) { return try latest.run(visitor.leaves) }
    let key = ProgramKey(visitor.definition, visitor.leaves)
    let program = try known(key) ?? lower(repeat each arguments).compile()
    state.withLock {
      $0.programs[key] = program
      $0.latest = program
    }
    return try program.run(visitor.leaves)
  }

  private func known(_ key: ProgramKey) -> FilterCompiled<R>? {
    state.withLock { $0.programs[key] }
  }

  /// The program for arguments like these, ahead of time.
  public func lower(_ arguments: repeat each A) throws -> FilterLowered<R> {
    let visitor = visited(as: nil, repeat each arguments)
    state.withLock { $0.traceCount += 1 }
    let (jaxpr, result) = try staged(f, repeat each arguments)
    let key = ProgramKey(visitor.definition, visitor.leaves)
    return FilterLowered(jaxpr: jaxpr, key: key, result: result)
  }
}

/// `f`, traced once per structure of its arguments.
public func filterJit<each A: PyTree, R: PyTree>(
  _ f: @escaping @Sendable (repeat each A) throws -> R
) -> FilterJitted<repeat each A, R> {
  FilterJitted(f)
}

/// A traced function that has not been compiled.
public struct FilterLowered<R: PyTree>: Sendable {
  /// The program; its inputs are the tensors of the arguments in order.
  public let jaxpr: Jaxpr
  let key: ProgramKey
  let result: Unpacked<R>

  /// The program, compiled by the current backend; called programs stand in their places, so that a
  /// backend may join their loops with those around them.
  public func compile() throws -> FilterCompiled<R> {
    FilterCompiled(program: try Context.backend.compile(jaxpr.inlined), key: key, result: result)
  }
}

/// A compiled function of arguments of one structure.
public struct FilterCompiled<R: PyTree>: Sendable {
  /// All of it behind one reference: every call copies it out of the cache.
  private let content: Content

  private final class Content: Sendable {
    let program: any Executable
    let key: ProgramKey
    let result: Unpacked<R>

    init(_ program: any Executable, _ key: ProgramKey, _ result: Unpacked<R>) {
      (self.program, self.key, self.result) = (program, key, result)
    }
  }

  init(program: any Executable, key: ProgramKey, result: Unpacked<R>) {
    content = Content(program, key, result)
  }

  var key: ProgramKey { content.key }

  /// The result of the function.
  /// - Throws: `TreeError` for arguments of another structure than the program was made for.
  public func callAsFunction<each A: PyTree>(_ arguments: repeat each A) throws -> R {
    let visitor = visited(as: key, repeat each arguments)
    guard key.fits(visitor) else {
      throw TreeError.badArgument(
        "the program was compiled for other arguments: their structure, leaves that are no tensors "
          + "and types of tensors must be those of the example")
    }
    return try run(visitor.leaves)
  }

  func run(_ leaves: [Leaf]) throws -> R {
    var buffers: [Buffer] = []
    buffers.reserveCapacity(leaves.count)
    for case .tensor(let tensor) in leaves { buffers.append(try tensor.buffer) }
    return try content.result.packed(content.program.run(buffers).map { Tensor($0) })
  }
}
