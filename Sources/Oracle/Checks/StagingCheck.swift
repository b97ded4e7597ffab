// Tracing loses nothing: a staged program does, bit for bit, what the function does at once.

import Core

/// The staging check of one function.
struct StagingCheck {
  private let function: @Sendable ([Tensor]) throws -> [Tensor]
  private let subject: String
  private let family: String

  init(
    _ function: @escaping @Sendable ([Tensor]) throws -> [Tensor], subject: String, family: String
  ) {
    (self.function, self.subject, self.family) = (function, subject, family)
  }

  /// evalJaxpr(makeJaxpr(f)) = jit(f) = f, and the jaxpr is well-formed.
  func finding(at inputs: [Tensor]) throws -> Finding {
    let eager = try function(inputs)
    let jaxpr = try makeJaxpr(function)(inputs.map(\.aval))
    try jaxpr.check()
    var tally = BitTally()
    try tally.compare(evalJaxpr(jaxpr, inputs), eager, "evalJaxpr(makeJaxpr(f))")
    try tally.compare(jit(function)(inputs), eager, "jit(f)")
    return tally.finding(subject: subject, family: family, check: "staging = eager")
  }
}
