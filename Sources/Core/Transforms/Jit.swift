// Staging once per signature, compiling once per backend.
//
// Under another transformation a jitted function is one call of its program, which the outer
// transformation transforms as a whole.

import Synchronization

/// A function that is traced once per signature and then runs as a compiled program.
public final class Jitted: Sendable {
  /// What a compiled program is good for.
  private struct Signature: Hashable {
    let inputs: [ShapedArray]
    let axisSizes: [String: Int]
  }

  /// A traced function and the tensors that it closes over.
  private struct Traced: Sendable {
    let call: Primitive
    let program: Subprogram
    let free: [Tensor]
  }

  private let name: String
  private let f: @Sendable ([Tensor]) throws -> [Tensor]
  private let programs = Mutex<[Signature: Traced]>([:])
  private let traces = Mutex(0)

  init(name: String, _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor]) {
    (self.name, self.f) = (name, f)
  }

  /// How many times the function has been traced.
  public var traceCount: Int { traces.withLock { $0 } }

  /// The results of the function.
  public func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] {
    let traced = try traced(inputs.map(\.aval))
    guard Context.interpreter is Evaluation else {
      return try bind(traced.call, traced.free + inputs)
    }
    let buffers = try (traced.free + inputs).map { try $0.buffer }
    return try traced.program.executable(on: Context.backend).run(buffers).map { Tensor($0) }
  }

  /// The program for operands of these types. One that closes over tensors of another transformation
  /// is good for that transformation only and not kept.
  private func traced(_ avals: [ShapedArray]) throws -> Traced {
    let signature = Signature(inputs: avals, axisSizes: Context.axisSizes)
    // A trace may hold derivatives by rules at fault, which are of no use without the fault.
    let isKept = Context.fault == nil
    if isKept, let known = programs.withLock({ $0[signature] }) { return known }
    traces.withLock { $0 += 1 }
    let (jaxpr, free) = try traceProgram(f, avals)
    let program = Subprogram(jaxpr)
    let call = Call(kind: .jit(name: name), program: program)
    let traced = Traced(call: .higherOrder(.call(call)), program: program, free: free)
    if isKept, free.allSatisfy({ (try? $0.buffer) != nil }) {
      programs.withLock { $0[signature] = traced }
    }
    return traced
  }
}

/// `f`, traced once per signature of its arguments; `name` is what a jaxpr calls it.
public func jit(
  name: String = "f", _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor]
) -> Jitted {
  Jitted(name: name, f)
}

/// `f`, traced once per signature of its argument.
public func jit(
  name: String = "f", _ f: @escaping @Sendable (Tensor) throws -> Tensor
) -> @Sendable (Tensor) throws -> Tensor {
  let jitted = Jitted(name: name) { [try f($0[0])] }
  return { try jitted([$0])[0] }
}
