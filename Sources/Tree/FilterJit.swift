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
  /// How many of the first tensors a call gives up.
  private let given: @Sendable (repeat each A) -> Int
  private let state = Mutex(State())

  private struct State {
    var programs: [ProgramKey: FilterCompiled<R>] = [:]
    /// The program that ran last: most calls are for the same one, which is told without hashing.
    var latest: FilterCompiled<R>?
    var traceCount = 0
  }

  init(
    _ f: @escaping @Sendable (repeat each A) throws -> R,
    givingUp given: @escaping @Sendable (repeat each A) -> Int = { (_: repeat each A) in 0 }
  ) {
    (self.f, self.given) = (f, given)
  }

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
    let (program, leaves) = try prepared(repeat each arguments)
    return try program.run(leaves)
  }

  /// The program for these arguments, and their leaves.
  func prepared(_ arguments: repeat each A) throws -> (program: FilterCompiled<R>, leaves: [Leaf]) {
    let latest = state.withLock { $0.latest }
    let visitor = visited(as: latest?.key.arguments, repeat each arguments)
    if let latest, latest.key.fits(visitor) { return (latest, visitor.leaves) }
    let key = ProgramKey(visitor.definition, visitor.leaves)
    let program =
      try known(key)
      ?? lower(repeat each arguments).compile().givingUp(given(repeat each arguments))
    state.withLock {
      $0.programs[key] = program
      $0.latest = program
    }
    return (program, visitor.leaves)
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
    let isGiven: Bool

    init(_ program: any Executable, _ key: ProgramKey, _ result: Unpacked<R>, isGiven: Bool) {
      (self.program, self.key, self.result) = (program, key, result)
      self.isGiven = isGiven
    }
  }

  init(program: any Executable, key: ProgramKey, result: Unpacked<R>, isGiven: Bool = false) {
    content = Content(program, key, result, isGiven: isGiven)
  }

  var key: ProgramKey { content.key }
  /// What the function returned, with its tensors as they were staged.
  var template: R { content.result.tree }
  /// Whether it writes over inputs that its callers give up.
  var isGiven: Bool { content.isGiven }

  /// The same for callers who give up the first `count` tensors, if the backend makes use of them.
  func givingUp(_ count: Int) -> FilterCompiled {
    guard count > 0, let giving = content.program.givingUp(count) else { return self }
    return FilterCompiled(program: giving, key: key, result: content.result, isGiven: true)
  }

  /// The result of the function.
  /// - Throws: `TreeError` for arguments of another structure than the program was made for, and under
  ///   another backend than the one that compiled it.
  public func callAsFunction<each A: PyTree>(_ arguments: repeat each A) throws -> R {
    guard key.backend == Context.backend.name else {
      throw TreeError.badArgument(
        "the program was compiled by the backend \(key.backend) and cannot run on "
          + "\(Context.backend.name)")
    }
    let visitor = visited(as: key.arguments, repeat each arguments)
    guard key.arguments.fits(visitor) else {
      throw TreeError.badArgument(
        "the program was compiled for other arguments: their structure, leaves that are no tensors "
          + "and types of tensors must be those of the example")
    }
    return try run(visitor.leaves)
  }

  func run(_ leaves: [Leaf]) throws -> R { try run(buffers(of: leaves)) }

  /// The result for the tensors of all leaves.
  func run(_ buffers: consuming [Buffer]) throws -> R {
    try content.result.packed(content.program.run(consume buffers).map { Tensor($0) })
  }
}

/// The tensors among `leaves`.
func buffers(of leaves: [Leaf]) throws -> [Buffer] {
  var buffers: [Buffer] = []
  buffers.reserveCapacity(leaves.count)
  for case .tensor(let tensor) in leaves { buffers.append(try tensor.buffer) }
  return buffers
}
