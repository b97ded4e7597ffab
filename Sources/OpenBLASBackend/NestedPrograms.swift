// Branches, loops and calls: a step whose programs have plans of their own.

internal import Core

/// An operation that runs programs, each with its plan.
struct NestedPrograms: Sendable {
  let op: HigherOrder
  let backend: OpenBLASBackend
  let plans: [Plan]

  init(_ op: HigherOrder, on backend: OpenBLASBackend) throws {
    self.op = op
    self.backend = backend
    plans = try op.programs.compactMap { try $0.executable(on: backend) as? Plan }
  }

  func run(_ inputs: [Buffer]) throws -> [Buffer] { try backend.execute(op, inputs) }
}

extension NestedPrograms: CustomStringConvertible {
  /// `program of 3 steps`, or of the steps of each.
  var description: String {
    "program of \(plans.map { "\($0.steps.count)" }.joined(separator: " and ")) steps"
  }
}
