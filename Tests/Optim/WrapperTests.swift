// Transformations around others: several steps as one, only finite ones, injected hyperparameters,
// lookahead (rules OX-02, OX-08).

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct WrapperTests {
  /// The updates of sgd with momentum for one-element gradients.
  private func updates(
    _ optimiser: some GradientTransformation, _ gradients: [Double]
  ) throws -> [Double] {
    let p = Tensor(0, .f64)
    var state = try optimiser.initialise(p)
    return try gradients.map { g in
      let gradient = LeafMap<Tensor, Tensor?>(like: p, repeating: Tensor(g, .f64))
      return try optimiser.update(gradient, &state, p).values[0]?.item ?? .nan
    }
  }

  @Test("OX-08 k small steps are zeros, and then one step of the mean, exactly in reals")
  func mean() throws {
    let many = multiSteps(
      sgd(0.5, momentum: 0.5), everyKSchedule: 3, accumulatorDtype: nil)
    try expectSame(
      { xs in
        let u = try program(many)(xs)
        return [u[4], u[5], u[10], u[11]]
      },
      { xs in
        func mean(_ first: Int) throws -> Tensor {
          try (xs[first] + xs[first + 2] + xs[first + 4]) / 3.0
        }
        return try program(sgd(0.5, momentum: 0.5))(
          [xs[0], xs[1]] + [mean(2), mean(3), mean(8), mean(9)])
      }, at: sampleInputs(6), "mean of 3")
    let u = try program(many)(sampleInputs(6))
    for i in [0, 1, 2, 3, 6, 7, 8, 9] { #expect(try u[i].scalars.allSatisfy { $0 == 0 }) }
  }

  @Test("OX-08 the number of gradients may follow the number of updates") func schedule() throws {
    let growing = multiSteps(
      sgd(1), everyKSchedule: .schedule { try $0 + Tensor(1, .i32) }, useGradMean: false)
    #expect(try updates(growing, [1, 2, 3, 4, 5, 6]) == [-1, 0, -5, 0, 0, -15])
  }

  @Test("OX-08 DV-51 a NaN is forgotten after its update, in Optax never") func forgets() throws {
    func steps(_ withholding: Withholding) throws -> [Double] {
      let optimiser = multiSteps(sgd(1), everyKSchedule: 2, withholding: withholding)
      return try updates(optimiser, [.nan, 1, 2, 4])
    }
    let ours = try steps(.byChoice)
    #expect(ours[0] == 0 && ours[1].isNaN && ours[2] == 0 && ours[3] == -3)
    #expect(try steps(.byProduct).allSatisfy(\.isNaN))
  }

  @Test("OX-08 a skipped mini-batch never happened") func skips() throws {
    let optimiser = multiSteps(sgd(1), everyKSchedule: 2, shouldSkipUpdateFn: skipNotFinite)
    #expect(try updates(optimiser, [1, .infinity, .nan, 3]) == [0, 0, 0, -2])
    let small = multiSteps(
      sgd(1), everyKSchedule: 1, shouldSkipUpdateFn: skipLargeUpdates(maxSquaredNorm: 4))
    #expect(try updates(small, [1, 2, -1.5, .nan]) == [-1, 0, 1.5, 0])
  }

  @Test("OX-08 a gradient that is not finite moves nothing, at most so many times in a row")
  func finite() throws {
    let optimiser = applyIfFinite(sgd(1, momentum: 0.5), maxConsecutiveErrors: 2)
    let found = try updates(optimiser, [1, .nan, -.infinity, 2, .nan, .nan, .nan])
    #expect(found.prefix(6) == [-1, 0, 0, -2.5, 0, 0] && found[6].isNaN)
    var state = try optimiser.initialise(Tensor(0, .f64))
    let bad = LeafMap<Tensor, Tensor?>(like: Tensor(0, .f64), repeating: Tensor(.nan, .f64))
    _ = try optimiser.update(bad, &state)
    _ = try optimiser.update(bad, &state)
    #expect(try state.notfiniteCount.item == 2 && state.totalNotfinite.item == 2)
    #expect(try state.lastFinite.item == 0)
  }

  @Test("injected hyperparameters give the updates of fixed ones, bit for bit; one can be set")
  func injected() throws {
    let fixed = try program(adam(0.125, b1: 0.75))(sampleInputs(3))
    let injected = injectHyperparams(["learning_rate": 0.125, "b1": 0.75]) { h in
      adam(try h.learning_rate, b1: try h.b1)
    }
    try expectSameBits(program(injected)(sampleInputs(3)), fixed, "injected")
    let model = sampleModel()
    var state = try injected.initialise(model)
    #expect(try state.hyperparams["learning_rate"]?.item == 0.125)
    state.hyperparams["learning_rate"] = Tensor(0, .f64)
    let u = try injected.update(model.gradient(sampleGradients(1)), &state, model)
    #expect(try u.values.compactMap { $0 }.allSatisfy { try $0.scalars.allSatisfy { $0 == 0 } })
    let missing = injectHyperparams(["learning_rate": 1]) { h in sgd(try h.momentum) }
    #expect(message { try missing.initialise(model) }.contains("'momentum' was injected"))
  }

  @Test("OX-02 update k is made with schedule(k), k from 0, also an injected one")
  func schedules() throws {
    let ramp = LearningRate.schedule(Schedule { try $0.asType(.f64) })
    #expect(try updates(sgd(ramp), [1, 1, 2]) == [-0.0, -1, -4])
    let injected = injectHyperparams(["learning_rate": ramp]) { h in sgd(try h.learning_rate) }
    #expect(try updates(injected, [1, 1, 2]) == [-0.0, -1, -4])
    // The first step of a warm-up from 0 moves nothing, but the moments.
    let adam = adam(ramp)
    var state = try adam.initialise(sampleModel())
    let g = try sampleModel().gradient(sampleGradients(1))
    let u = try adam.update(g, &state).values.compactMap { $0 }
    #expect(try u.allSatisfy { try $0.scalars.allSatisfy { $0 == 0 } })
    #expect(try state.elements.0.mu.values[0]?.scalars.allSatisfy { $0 != 0 } == true)
  }

  @Test("lookahead: both sets meet every few steps, and only the fast ones move in between")
  func slowWeights() throws {
    let optimiser = lookahead(sgd(0.5), syncPeriod: 3, slowStepSize: 0.25)
    var p = LookaheadParams(synced: Tensor(1, .f64))
    var state = try optimiser.initialise(p)
    let g = LeafMap<Tensor, Tensor?>(like: p.fast, repeating: Tensor(1, .f64))
    var seen: [[Double]] = []
    for _ in 0..<6 {
      p = try applyUpdates(p, optimiser.update(g, &state, p))
      seen.append([try p.fast.item, try p.slow.item])
    }
    #expect(
      seen == [
        [0.5, 1], [0, 1], [0.625, 0.625], [0.125, 0.625], [-0.375, 0.625], [0.25, 0.25],
      ])
    let never = lookahead(sgd(1), syncPeriod: 0, slowStepSize: 1)
    #expect(message { try never.initialise(p) }.contains("at least 1"))
  }

  @Test("incrementalUpdate moves by the step: 0 keeps the old, 1 takes the new") func follows()
    throws
  {
    let (new, old) = (sampleModel(), try treeMap(tensors: sampleModel()) { try $0 * 3.0 })
    try expectSameBits(incrementalUpdate(new, old, 0).tensors, old.tensors, "0")
    try expectSameBits(incrementalUpdate(new, old, 1).tensors, new.tensors, "1")
    let half = try incrementalUpdate(new, old, 0.5).tensors
    try expectSameBits(half, new.tensors.map { try $0 * 2.0 }, "½")
  }
}
