// What must hold of batch normalisation whatever the numbers: over sequences of calls, between
// training and inference, under changes of the input that ought not to matter.

import Core
import NN
import Random
import TestSupport
import Testing
import Tree

/// A layer to try a law on.
struct NormCase: Sendable, CustomTestStringConvertible {
  let mode: BatchNorm.Mode
  let momentum: Double
  let dtype: DType
  let shape: [Int]

  var testDescription: String { "\(mode) \(momentum) \(dtype)\(shape)" }

  static let all: [NormCase] = [BatchNorm.Mode.ema, .batch].flatMap { mode in
    [0, 0.5, 0.9, 0.99, 0.9999].flatMap { momentum in
      [DType.f32, .f64].flatMap { dtype in
        [[4, 3], [3, 2, 5], [2, 2, 3, 2]].map {
          NormCase(mode: mode, momentum: momentum, dtype: dtype, shape: $0)
        }
      }
    }
  }
}

@Suite struct BatchNormLawTests {
  /// The law that decides between upstream's answer and ours (DV-30).
  @Test(arguments: NormCase.all)
  func `BN-06 BN-07 after any number of equal batches inference repeats what training gave`(
    one: NormCase
  ) throws {
    let x = dyadicBatch(one.shape, 1, one.dtype)
    var run = try NormRun(one.shape[1], one.mode, momentum: one.momentum, dtype: one.dtype)
    var steps = 0
    for count in [1, 1, 3, 15] {
      var trained = x
      for _ in 0..<count { trained = try run.train(x) }
      steps += count
      let inferred = try run.infer(x)
      // Both normalise with the batch's mean and variance. Those of inference went through at most
      // five roundings per step (two constants, two products, a sum), and through six of the sum of
      // weights and the division: relative error r = (5k + 6)u. The ends: |x − m| ≤ 4 changes by at
      // most 4r + 4·2u, and divides by σ; the quotient's own relative error is r/2 + 4u.
      let u = roundoff(one.dtype)
      let r = (5 * Double(steps) + 6) * u
      let sigma = try minDeviation(x)
      for (a, b) in zip(try trained.scalars, try inferred.scalars) {
        let bound = (4 * r + 8 * u) / sigma + abs(a) * (r / 2 + 4 * u)
        #expect(abs(a - b) <= bound, "\(steps) steps, seed \(UInt64.testSeed): \(a), \(b)")
      }
    }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch], [0, 0.3, 0.9, 0.99])
  func `BN-07 statistics of inference lie between those of the batches seen`(
    mode: BatchNorm.Mode, momentum: Double
  ) throws {
    var run = try NormRun(1, mode, eps: 0, affine: false, momentum: momentum)
    var (means, variances): ([Double], [Double]) = ([], [])
    for step in 0..<6 {
      let x = dyadicBatch([4, 1], 10 + step)
      means.append(try mean(x).item)
      variances.append(try `var`(x).item)
      _ = try run.train(x)
      let (m, v) = try run.statistics()
      // As above for the averages; reading them off costs some ten roundings of numbers below 4.
      let slack = (5 * Double(step + 1) + 50) * roundoff(.f64) * 4
      #expect(m >= means.reduce(m, min) - slack && m <= means.reduce(m, max) + slack)
      let (low, high) = (try #require(variances.min()), try #require(variances.max()))
      #expect(v >= low - slack * 4 && v <= high + slack * 4, "\(v) of \(variances)")
    }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-03 momentum is the weight of the old value and the last batch has one minus it`(
    mode: BatchNorm.Mode
  ) throws {
    var run = try NormRun(1, mode, eps: 0, affine: false, momentum: 0.25)
    _ = try run.train(Tensor([[1], [3]], .f64))
    _ = try run.train(Tensor([[10], [20]], .f64))
    // ema: ¼·(2, 1) + ¾·(15, 25). batch: weights ¼·¾ and ¾ of 1 − 1/16, that is 1/5 and 4/5.
    let (m, v) = try run.statistics()
    let expected = mode == .ema ? (11.75, 19.0) : (12.4, 20.2)
    #expect(abs(m - expected.0) < 1e-12 && abs(v - expected.1) < 1e-12, "\(m) \(v)")
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-01 scaling the input by a power of two and shifting it changes no output`(
    mode: BatchNorm.Mode
  ) throws {
    // Everything that is added is a multiple of 2⁻¹⁰ below 2¹⁰, and 8 elements per channel: exact.
    var plain = try NormRun(3, mode, eps: 1e-3, momentum: 0.75)
    var moved = try NormRun(3, mode, eps: 16e-3, momentum: 0.75)
    for step in 0..<3 {
      let x = dyadicBatch([4, 3, 2], 20 + step)
      let y = try plain.train(x)
      let z = try moved.train(x * 4 + 64)
      #expect(try isSame(y, z), "step \(step), seed \(UInt64.testSeed)")
      let (a, b) = try (plain.infer(x).scalars, moved.infer(x * 4 + 64).scalars)
      // Statistics of inference are averages: rounded, and shifted by 64.
      #expect(
        zip(a, b).allSatisfy { abs($0 - $1) <= 100 * 64 * roundoff(.f64) * (1 + abs($0)) * 40 })
    }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-01 the order of the examples changes nothing but the order of the results`(
    mode: BatchNorm.Mode
  ) throws {
    var (one, other) = try (NormRun(3, mode), NormRun(3, mode))
    for step in 0..<3 {
      let x = dyadicBatch([4, 3], 30 + step)
      let order = Tensor([2, 0, 3, 1], .i32)
      let y = try one.train(x)
      let z = try other.train(take(x, order, axis: 0, mode: .clip))
      #expect(try isSame(take(y, order, axis: 0, mode: .clip), z))
      #expect(try isSame(one.state, other.state))
    }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-12 a batch split over two named axes is one batch`(mode: BatchNorm.Mode) throws {
    var whole = try NormRun(3, mode)
    var (norm, state) = try makeWithState {
      try BatchNorm(3, axisName: "batch", "device", dtype: .f64, mode: mode)
    }
    norm.weight = Tensor([1, 2, 3], .f64)
    whole.norm.weight = norm.weight
    for step in 0..<3 {
      let x = dyadicBatch([8, 3], 40 + step)
      let y = try whole.train(x)
      let z = try vmap(reshape(x, [2, 4, 3]), axisName: "device", state: &state) { x, state in
        try vmap(x, axisName: "batch", state: &state) { x, state in try norm(x, state: &state) }
      }
      #expect(try isSame(y, reshape(z, [8, 3])))
      for (a, b) in zip(whole.state.leaves, state.leaves) {
        #expect(try isSame(#require(a.tensor), #require(b.tensor)))
      }
    }
  }

  @Test func `BN-12 without a name for the outer axis each of its examples has its own batch`()
    throws
  {
    let (norm, start) = try makeWithState { try BatchNorm(2, axisName: "batch", dtype: .f64) }
    let x = dyadicBatch([3, 4, 2], 50)
    var states = try treeMap(tensors: start) { try broadcast($0, to: [3] + $0.shape) }
    let y = try vmap(x, state: &states, states: .perExample) { x, state in
      try vmap(x, axisName: "batch", state: &state) { x, state in try norm(x, state: &state) }
    }
    for i in 0..<3 {
      var state = start
      let own = try vmap(x[i], axisName: "batch", state: &state) { x, state in
        try norm(x, state: &state)
      }
      #expect(try isSame(own, y[i]))
      let sliced = try treeMap(tensors: states) { try $0[i] }
      #expect(try isSame(state, sliced))
    }
  }

  @Test func `BN-01 repeating the batch changes no statistic`() throws {
    var (one, two) = try (NormRun(2, .batch), NormRun(2, .batch))
    let x = dyadicBatch([4, 2], 60)
    let y = try one.train(x)
    let z = try two.train(concatenate([x, x]))
    #expect(try isSame(concatenate([y, y]), z))
    #expect(try isSame(one.state, two.state))
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-15 inference leaves the state unchanged and needs no axis`(
    mode: BatchNorm.Mode
  ) throws {
    var run = try NormRun(3, mode)
    _ = try run.train(dyadicBatch([4, 3], 70))
    let before = run.state
    let x = dyadicBatch([3], 71)
    _ = try inferenceMode(run.norm)(x, state: &run.state)
    _ = try run.norm(x, state: &run.state, inference: true)
    #expect(try isSame(before, run.state))
    let y = try run.infer(dyadicBatch([4, 3], 72))
    _ = try run.train(dyadicBatch([4, 3], 73) + 1)
    #expect(try !isSame(y, run.infer(dyadicBatch([4, 3], 72))), "statistics move with the data")
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-08 an untrained layer passes its input in both modes`(mode: BatchNorm.Mode) throws {
    let run = try NormRun(2, mode, eps: 0)
    let x = dyadicBatch([3, 2], 80)
    #expect(try isSame(run.infer(x), x))
  }

  @Test
  func `BN-05 in mode ema the gradient passes by the old statistics, in mode batch it sums to 0`()
    throws
  {
    let x = dyadicBatch([4, 1], 90)
    let w = dyadicBatch([4, 1], 91)
    func total(_ mode: BatchNorm.Mode, trained: Bool) throws -> Double {
      var run = try NormRun(1, mode, momentum: 0.5)
      if trained { _ = try run.train(dyadicBatch([4, 1], 92) + 1) }
      let start = run
      let gradient = try grad { (x: Tensor) in
        var run = start
        return try sum(run.train(x) * w)
      }(x)
      return try sum(gradient).item
    }
    // Four numbers of size ≤ 2·max|w|/σ < 40 with some 30 roundings each.
    let zero = 4 * 40 * 30 * roundoff(.f64)
    #expect(abs(try total(.batch, trained: true)) <= zero)
    #expect(abs(try total(.ema, trained: false)) <= zero, "the first batch is copied")
    #expect(abs(try total(.ema, trained: true)) > 1e-3)
  }
}

/// The least standard deviation of a channel of a batch `[n, c, …]`.
private func minDeviation(_ x: Tensor) throws -> Double {
  let axes = [0] + Array(2..<max(2, x.rank))
  return try #require(try std(x, axes: axes).scalars.min())
}
