// A run seen from outside: the program of a step, its report, and how it prints.

import Core
import NN
import Optim
import Random
import TestSupport
import Testing
import Training
import Tree

@Suite struct TrainerViewsTests {
  private typealias Line = Trainer<Linear, Chain<ScaleByAdam, ScaleByLearningRate>>

  private func trained(_ schedule: Schedule?) throws -> (Line, Line.Run, Examples) {
    let trainer = Trainer(adam(1e-2), schedule: schedule) { (net: Linear, data) in
      try mean(square(vmap { try net($0) }(data.x) - data.y))
    }
    let data = try Examples.noisySine(training: 8, validation: 4, key: Key(1))
    var run = try trainer.start(Linear(1, 1, key: Key(2)), key: Key(3))
    try trainer.train(&run, on: data, epochs: 2, batchSize: 4)
    return (trainer, run, data.validation)
  }

  @Test func `examples of a function have its values as targets`() throws {
    let examples = try Examples(Tensor([[1], [2]], .f32)) { try $0 * 3 }
    #expect(try examples.y.scalars == [3, 6])
    #expect(throws: TrainingError.self) { _ = try Examples(ones([2, 1])) { _ in try ones([3]) } }
  }

  @Test func `the program of a run is that of its step`() throws {
    let (trainer, run, data) = try trained(nil)
    let program = try trainer.program(of: run, on: data)
    let step = try trainer.trainStep.lower(run.model, run.state, run.optimiserState, data, run.key)
    #expect("\(program)" == "\(step.jaxpr)")
  }

  @Test func `a report needs a schedule, and has a rate for each step taken`() throws {
    let (free, freeRun, data) = try trained(nil)
    #expect(throws: TrainingError.self) {
      _ = try free.report(freeRun, on: data) { try sin($0) }
    }
    let (trainer, run, _) = try trained(constantSchedule(1e-2))
    let report = try trainer.report(run, on: data) { try sin($0) }
    #expect(report.rates.count == 4 && report.history == run.history)
  }

  @Test func `a run prints its size and how far it is`() throws {
    let (_, run, _) = try trained(nil)
    let size = run.optimiserState.leaves.count
    #expect("\(run)" == "2 parameters in 2 leaves, \(size) leaves of the optimiser, after 2 epochs")
  }
}
