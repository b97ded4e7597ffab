// Adam: its recurrence against the paper's scalars, its state, its dtypes (rules OX-03, OX-04, OX-09).

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct AdamTests {
  /// The loss moves by (k + 1) p − ¼; numbers of real Optax 0.2.8 under x64.
  ///
  /// Bound: an update is at most lr (|u| ≤ 1.1 · 0.1) and is made with 16 roundings without
  /// cancellation in either system, the parameter is below 4 and is rounded once per step; so three
  /// steps of two systems are within 2 · 3 · (16 · 0.11 + 4) · 2⁻⁵³ < 35 · 2⁻⁵³, and the change of the
  /// gradient with the parameter only contracts.
  @Test("OX-03 adam, OX-04 adamw, OX-05 sgd and OX-06 a clipped adam follow Optax for three steps")
  func followsOptax() throws {
    let bound = 35 * 0x1p-53
    func expect(_ o: some GradientTransformation, _ numbers: [Double], _ name: String) throws {
      let found = try trained(o)
      for (x, y) in zip(found, numbers) {
        #expect((x - y).magnitude <= bound, "\(name): \(x), \(y)")
      }
      #expect(found.count == numbers.count)
    }
    try expect(
      adam(0.1),
      [
        0.2076215721382373, -0.9539351731335366, 0.7075594728073717, 1.7076173773393406,
        2.707638720953323, -3.7063855483000547,
      ], "adam")
    try expect(
      adamw(0.1, weightDecay: 0.01),
      [
        0.20637169866029553, -0.9504634024126575, 0.7048232131741899, 1.7018884003877628,
        2.6989139515908183, -3.6946675733682364,
      ], "adamw")
    try expect(
      sgd(0.1, momentum: 0.9, nesterov: true),
      [
        0.10857399999999995, 0.14883099999999994, 0.09707200000000005, 0.07406800000000002,
        0.051064, 0.21209200000000017,
      ], "sgd")
    try expect(
      chain(clipByGlobalNorm(1), adam(0.1)),
      [
        0.20048112982138522, -0.9516071203751864, 0.6998324071213973, 1.6997467861482094,
        2.6997311971365208, -3.7001121081730384,
      ], "clip and adam")
  }

  private func trained(_ optimiser: some GradientTransformation) throws -> [Double] {
    var model = [
      "b": Tensor([0.5, -1.25], .f64), "w": Tensor([[1, 2], [3, -4]], .f64),
    ]
    var state = try optimiser.initialise(model)
    for k in 1...3 {
      let gradient = try LeafMap<[String: Tensor], Tensor?>(like: model) {
        try $0.tensor.map { try $0 * Double(k) - 0.25 }
      }
      model = try applyUpdates(model, optimiser.update(gradient, &state, model))
    }
    return try model.leaves.flatMap { try $0.tensor?.scalars ?? [] }
  }

  @Test("OX-07 the state of a chain shows Optax's paths, and the count saturates")
  func paths() throws {
    let optimiser = adam(LearningRate.schedule(Schedule { try $0.asType(.f32) }))
    var state = try optimiser.initialise(sampleModel())
    #expect(
      state.leafPaths.map(\.description) == [
        "[0].count", "[0].mu.weight", "[0].mu.bias", "[0].nu.weight", "[0].nu.bias", "[1].count",
      ])
    let last = Tensor(Double(Int32.max), .i32)
    var (adam, rate) = state.elements
    (adam.count, rate.count) = (last, last)
    state.elements = (adam, rate)
    let gradient = try sampleModel().gradient(sampleGradients(1))
    _ = try optimiser.update(gradient, &state)
    (adam, rate) = state.elements
    #expect(try adam.count.item == Double(Int32.max))
    #expect(try rate.count?.item == Double(Int32.max))
  }
}
