// Staging once per signature, compiling once per backend.
//
// Under another transformation a jitted function is simply called: the outer transformation sees
// its primitives.

import Synchronization

/// A function that is traced once per signature and then runs as a compiled program.
public final class Jitted: Sendable {
  /// What a compiled program is good for.
  private struct Signature: Hashable {
    let inputs: [ShapedArray]
    let backend: String
  }

  private let f: @Sendable ([Tensor]) throws -> [Tensor]
  private let programs = Mutex<[Signature: any Executable]>([:])

  init(_ f: @escaping @Sendable ([Tensor]) throws -> [Tensor]) { self.f = f }

  /// How many signatures have been traced.
  public var traceCount: Int { programs.withLock { $0.count } }

  /// The results of the function.
  public func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] {
    guard Context.interpreter is Evaluation else { return try f(inputs) }
    let program = try program(for: inputs.map(\.aval))
    return try program.run(inputs.map { try $0.buffer }).map { Tensor($0) }
  }

  private func program(for avals: [ShapedArray]) throws -> any Executable {
    let signature = Signature(inputs: avals, backend: Context.backend.name)
    if let known = programs.withLock({ $0[signature] }) { return known }
    let program = try Context.backend.compile(makeJaxpr(f)(avals))
    programs.withLock { $0[signature] = program }
    return program
  }
}

/// `f`, traced once per signature of its arguments.
public func jit(_ f: @escaping @Sendable ([Tensor]) throws -> [Tensor]) -> Jitted { Jitted(f) }

/// `f`, traced once per signature of its argument.
public func jit(
  _ f: @escaping @Sendable (Tensor) throws -> Tensor
) -> @Sendable (Tensor) throws -> Tensor {
  let jitted = Jitted { [try f($0[0])] }
  return { try jitted([$0])[0] }
}
