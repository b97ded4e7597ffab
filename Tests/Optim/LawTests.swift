// What optimisers are, whatever the numbers: scales, signs, equalities between them.

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct OptimiserLawTests {
  private func scaled(_ xs: [Tensor], _ c: Double) throws -> [Tensor] {
    try xs.enumerated().map { try $0 < 2 ? $1 : $1 * c }
  }

  /// With ε = 0 these divide a gradient by its own size.
  @Test("OX-03 adam and its kin do not feel the scale of gradients, exactly in reals")
  func scaleInvariance() throws {
    func check(_ optimiser: some GradientTransformation, _ name: String) throws {
      let updates = program(optimiser)
      try expectSame(
        { xs in try updates(scaled(xs, 8)) }, updates, at: sampleInputs(3), name)
    }
    try check(adam(0.1, eps: 0), "adam")
    try check(nadam(0.1, eps: 0), "nadam")
    try check(amsgrad(0.1, eps: 0), "amsgrad")
    try check(adamax(0.1, eps: 0), "adamax")
    try check(rmsprop(0.1, eps: 0), "rmsprop")
    try check(lion(0.1, weightDecay: 0), "lion")
    try check(adagrad(0.1, initialAccumulatorValue: 0, eps: 0), "adagrad")
    try check(adan(0.1, eps: 0, epsRoot: 0), "adan")
    try check(novograd(0.1, eps: 0), "novograd")
    try check(fromage(0.1, minNorm: 0), "fromage")
    try check(lars(0.1), "lars")
  }

  @Test("OX-03 the first step of adam is −lr sign g, exactly in reals") func firstStep() throws {
    try expectSame(
      program(adam(0.125, eps: 0)), { xs in try xs.suffix(2).map { try -0.125 * sign($0) } },
      at: sampleInputs(1), "sign")
  }

  @Test("OX-05 momentum sums gradients, each μ weaker; nesterov is one step of it ahead")
  func momentum() throws {
    try expectSame(
      program(sgd(1, momentum: 0.5)),
      { xs in
        let (g, h) = ((xs[2], xs[3]), (xs[4], xs[5]))
        return try [-g.0, -g.1, -(h.0 + 0.5 * g.0), -(h.1 + 0.5 * g.1)]
      }, at: sampleInputs(2), "momentum")
    try expectSame(
      program(sgd(1, momentum: 0.5, nesterov: true)),
      { xs in try xs.suffix(2).map { try -1.5 * $0 } },
      at: sampleInputs(1), "nesterov")
    try expectSame(
      program(ema(0.75)), { xs in Array(xs.suffix(2)) }, at: sampleInputs(1), "debiased ema")
  }

  @Test("equal special cases: adamw without decay, amsgrad at first, rms as adam without momentum")
  func specialCases() throws {
    let inputs = sampleInputs(3)
    try expectSameBits(
      program(adamw(0.1, weightDecay: 0))(inputs), program(adam(0.1))(inputs), "adamw")
    try expectSameBits(
      Array(program(amsgrad(0.1))(inputs).prefix(2)), Array(program(adam(0.1))(inputs).prefix(2)),
      "amsgrad")
    try expectSame(
      program(
        rmsprop(0.1, decay: 0.75, epsInSqrt: false, biasCorrection: true)),
      program(adam(0.1, b1: 0, b2: 0.75)), at: inputs, "rmsprop")
    try expectSameBits(
      program(sgd(0.1))(inputs), program(scale(-0.1))(inputs), "sgd")
    try expectSame(
      program(radam(0.1, b2: 0.5, threshold: 100)), program(sgdOfAdamMean()), at: inputs, "radam")
  }

  /// Rectified Adam before its average is long: the bias-corrected mean.
  private func sgdOfAdamMean() -> some GradientTransformation {
    chain(ema(0.9), sgd(0.1))
  }

  @Test("every update is traced: jitted steps give the bits of steps that are not") func jitted()
    throws
  {
    let optimiser = chain(
      clipByGlobalNorm(1),
      adamw(
        LearningRate.schedule(
          Schedule { count in
            try 0.5 / (1.0 + count.asType(.f32))
          })))
    let step = filterJit {
      (
        state: Chain<ClipByGlobalNorm, Chain<ScaleByAdam, AddDecayedWeights, ScaleByLearningRate>>
          .State,
        model: Small, gradient: LeafMap<Small, Tensor?>
      ) in
      var state = state
      let u = try optimiser.update(gradient, &state, model)
      return Tuple(try applyUpdates(model, u), state)
    }
    var (plain, jitted) = (sampleModel(.f32), sampleModel(.f32))
    var (a, b) = try (optimiser.initialise(plain), optimiser.initialise(jitted))
    let gradients = sampleGradients(3, .f32)
    for k in 0..<3 {
      let g = try plain.gradient([gradients[2 * k], gradients[2 * k + 1]])
      plain = try applyUpdates(plain, optimiser.update(g, &a, plain))
      (jitted, b) = try step(b, jitted, g).elements
    }
    try expectSameBits(jitted.tensors, plain.tensors, "parameters")
    try expectSameBits(b.leaves.compactMap(\.tensor), a.leaves.compactMap(\.tensor), "states")
    #expect(step.traceCount == 1)
  }
}
