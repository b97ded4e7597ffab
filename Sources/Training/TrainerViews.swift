// A run seen from outside: the program of its step, and its report.

public import Core
public import NN
internal import Optim
internal import Tree

extension Trainer {
  /// The program that one step of `run` on `batch` executes.
  public func program(of run: Run, on batch: Examples) throws -> Jaxpr {
    try trainStep.lower(run.model, run.state, run.optimiserState, batch, run.key).jaxpr
  }
}

extension Trainer where Model: PlainLayer {
  /// The report of a run of a function of one number, `[1]` → `[1]`, judged by `data`; `truth` is what
  /// was to be learnt.
  /// - Throws: `TrainingError.badArgument` for a trainer that follows no schedule.
  public func report(
    _ run: Run, on data: Examples, truth: (Tensor) throws -> Tensor
  ) throws -> RunReport {
    guard let schedule else {
      throw TrainingError.badArgument("a report shows a schedule, and this trainer follows none")
    }
    return try RunReport(
      run.history, schedule: schedule, steps: run.step, data: data, truth: truth,
      model: { try run.model($0) })
  }
}
