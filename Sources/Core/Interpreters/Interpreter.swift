// Who answers when a primitive is applied.
//
// Every operator calls `bind`, and `bind` asks the innermost active interpreter. Interpreters are
// nested by `under`, task-local, so parallel tasks never meet; each one evaluates its own rules
// under the interpreter outside it. Corresponds to the context-based interpreters of autodidax2.

/// One meaning of the primitives: evaluation, differentiation, batching or staging.
package protocol Interpreter: Sendable {
  /// The results of `p` on `inputs`.
  func interpret(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor]
}

/// What is active in the current task.
public enum Context {
  @TaskLocal package static var interpreter: any Interpreter = Evaluation()
  @TaskLocal package static var axisSizes: [String: Int] = [:]
  /// The backend that evaluates known values.
  @TaskLocal public static var backend: any Backend = ReferenceBackend()
  /// Whether no transformation is active, so that known values are evaluated at once.
  package static var isEvaluating: Bool { interpreter is Evaluation }
  /// A deliberate error in a rule, for tests of the checks themselves.
  @TaskLocal public static var fault: RuleFault?
}

/// Applies `p` to `inputs` under the innermost interpreter.
package func bind(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
  try Context.interpreter.interpret(p, inputs)
}

/// `bind` for primitives with one result.
package func bind1(_ p: Primitive, _ inputs: [Tensor]) throws -> Tensor {
  try bind(p, inputs)[0]
}

/// Runs `body` with `interpreter` innermost.
func under<R>(_ interpreter: any Interpreter, _ body: () throws -> R) rethrows -> R {
  try Context.$interpreter.withValue(interpreter, operation: body)
}

/// Runs `body` with known values evaluated by `backend`.
public func withBackend<R>(_ backend: any Backend, _ body: () throws -> R) rethrows -> R {
  try Context.$backend.withValue(backend, operation: body)
}

/// Known values in, known values out.
struct Evaluation: Interpreter {
  func interpret(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    _ = try typingRule(p, inputs.map(\.aval))
    return try Context.backend.evaluate(p, inputs.map { try $0.buffer }).map { Tensor($0) }
  }
}
