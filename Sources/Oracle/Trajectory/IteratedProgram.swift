// A program that runs on its own results: a training run, step after step.
//
// The oracle knows no model: a step is a jaxpr whose first inputs and first outputs are the state
// (weights, running statistics, moments of the optimiser, counts). Invariant: the state's types are the
// same before and after; every other output is observed only.

public import Core

/// A step, where it starts, and what it is fed.
public struct IteratedProgram: Sendable {
  /// Outputs that are judged together, as one vector.
  public struct Group: Sendable {
    /// How reports name it: `weights`, `loss`, ….
    public let name: String
    /// Its outputs of the step.
    public let outputs: [Int]

    /// The outputs at `outputs` under a name.
    public init(_ name: String, _ outputs: [Int]) { (self.name, self.outputs) = (name, outputs) }
  }

  /// How reports name the run.
  public let name: String
  /// From the state and the data of a step to the state and what else is observed.
  public let step: Jaxpr
  /// The state before the first step.
  public let start: [Buffer]
  /// What each step reads besides the state.
  public let data: [[Buffer]]
  /// What is compared after each step.
  public let groups: [Group]

  /// - Throws: `TraceError.badArgument` unless the outputs of `step` begin with a state of the types of
  ///   `start`, and its inputs with that state too.
  public init(
    _ name: String, step: Jaxpr, start: [Buffer], data: [[Buffer]], groups: [Group]
  ) throws {
    let state = start.map(\.aval)
    let isFed = data.allSatisfy { state + $0.map(\.aval) == step.inAvals }
    guard Array(step.outAvals.prefix(state.count)) == state, isFed else {
      throw TraceError.badArgument(
        "a step \(step.inAvals) → \(step.outAvals) cannot run on \(state)")
    }
    self.name = name
    self.step = step.inlined
    (self.start, self.data, self.groups) = (start, data, groups)
  }

  /// The first `count` steps.
  public func prefix(_ count: Int) throws -> IteratedProgram {
    try IteratedProgram(
      name, step: step, start: start, data: Array(data.prefix(count)), groups: groups)
  }

  /// The run on `backend`: what is observed after each step.
  public func record(on backend: any Backend) throws -> RunRecord {
    try record(on: backend) { _, _ in }
  }

  /// As above; `visit` sees the number of each step and its outputs.
  public func record(
    on backend: any Backend, visit: (Int, [Buffer]) throws -> Void
  ) throws -> RunRecord {
    let executable = try backend.compile(step)
    var (state, record) = (start, RunRecord())
    for index in data.indices {
      let outs = try executable.run(state + data[index])
      state = Array(outs.prefix(start.count))
      record.append(groups.map { $0.outputs.flatMap { outs[$0].storage.exact } })
      try visit(index, outs)
    }
    return record
  }
}

/// What a run showed: after each step the numbers of each group, where they are known.
public struct RunRecord: Sendable {
  /// `values[step][group]`
  public private(set) var values: [[[DoubleDouble]?]]

  /// No step yet.
  public init() { values = [] }

  /// The numbers of another step, nil for a group that was not observed.
  public mutating func append(_ groups: [[DoubleDouble]?]) { values.append(groups) }
}

/// √Σ x².
func euclideanNorm(_ xs: [DoubleDouble]) -> Double {
  xs.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// ‖x − y‖, the difference taken in 106 bits.
func distance(_ x: [DoubleDouble], _ y: [DoubleDouble]) -> Double {
  euclideanNorm(zip(x, y).map { $0 == $1 ? 0 : $0 - $1 })
}

/// √Σ x².
func euclideanNorm(_ xs: [Double]) -> Double {
  xs.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

/// √(Σ x² / n).
func rootMeanSquare(_ xs: [Double]) -> Double {
  (xs.reduce(0) { $0 + $1 * $1 } / Double(xs.count)).squareRoot()
}
