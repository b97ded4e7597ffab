// Laws of schedules. Numbers are sums of few powers of two wherever a law holds to the last bit; what
// Optax's schedules give at all corners is in losses.h5.

import Catalogue
import Core
import Optim
import TestSupport
import Testing
import Tree

private func warmup(_ exponent: Double = 1) throws -> Schedule {
  try warmupCosineDecaySchedule(
    initValue: 0.125, peakValue: 1, warmupSteps: 4, decaySteps: 12, endValue: 0.25,
    exponent: exponent)
}

/// The values at `counts`, in f64.
private func values(_ schedule: Schedule, _ counts: some Sequence<Int>) throws -> [Double] {
  try counts.map { try schedule($0, dtype: .f64).item }
}

/// Every kind of schedule once.
private func everySchedule() throws -> [(String, Schedule)] {
  [
    ("constant", constantSchedule(0.3)),
    ("linear", linearSchedule(initValue: 0.1, endValue: 0.7, transitionSteps: 9)),
    (
      "polynomial",
      polynomialSchedule(
        initValue: 0.9, endValue: 0.1, power: 2.5, transitionSteps: 9, transitionBegin: 2)
    ),
    ("cosine", try cosineDecaySchedule(initValue: 0.7, decaySteps: 11, alpha: 0.1)),
    (
      "exponential",
      exponentialDecay(
        initValue: 0.7, transitionSteps: 3, decayRate: 0.8, staircase: true, endValue: 0.2)
    ),
    (
      "piecewise constant",
      try piecewiseConstantSchedule(initValue: 0.7, boundariesAndScales: [2: 0.1, 5: 3])
    ),
    (
      "piecewise cosine",
      try piecewiseInterpolateSchedule(
        .cosine, initValue: 0.7, boundariesAndScales: [2: 0.1, 5: 3])
    ),
    ("linear one-cycle", try linearOnecycleSchedule(transitionSteps: 20, peakValue: 0.9)),
    ("cosine one-cycle", try cosineOnecycleSchedule(transitionSteps: 20, peakValue: 0.9)),
    ("warm-up cosine", try warmup()),
    (
      "warm-up exponential",
      try warmupExponentialDecaySchedule(
        initValue: 0.1, peakValue: 0.9, warmupSteps: 4, transitionSteps: 3, decayRate: 0.7)
    ),
    (
      "warm restarts",
      try sgdrSchedule([
        CosineCycle(initValue: 0.1, peakValue: 0.9, warmupSteps: 2, decaySteps: 6),
        CosineCycle(initValue: 0.2, peakValue: 0.8, warmupSteps: 1, decaySteps: 5),
      ])
    ),
  ]
}

@Suite struct ScheduleTests {
  @Test("OX-01 the warm-up starts at init, is linear, reaches the peak at W and the end at D")
  func warmupCorners() throws {
    let schedule = try warmup()
    #expect(try values(schedule, 0...4) == [0.125, 0.34375, 0.5625, 0.78125, 1])
    #expect(try values(schedule, [-9, -1]) == [0.125, 0.125], "t < 0 gives init")
    #expect(
      try values(schedule, [12, 13, 400, .max]) == [0.25, 0.25, 0.25, 0.25], "the end is kept")
  }

  /// Bound: in f64 the value is 0.1 to 1 after at most ten roundings, neighbours differ by more than
  /// π²/2 · 0.75/64² > 10⁻⁴, so that roundings cannot hide a step.
  @Test("OX-01 it rises to the peak and falls after it, and decay steps include the warm-up")
  func monotone() throws {
    let all = try values(warmup(), 0...12)
    #expect(zip(all, all.dropFirst()).prefix(4).allSatisfy { $0 < $1 })
    #expect(zip(all, all.dropFirst()).dropFirst(4).allSatisfy { $0 > $1 })
    let sharper = try values(warmup(2), 5...11)
    #expect(zip(sharper, all[5...11]).allSatisfy { $0 < $1 }, "a higher exponent falls faster")
  }

  @Test("OX-01 without a warm-up it starts at the peak; a peak of 0 has no end")
  func warmupSpecials() throws {
    let none = try warmupCosineDecaySchedule(
      initValue: 0.125, peakValue: 1, warmupSteps: 0, decaySteps: 8, endValue: 0.25)
    #expect(try values(none, [-1, 0, 8]) == [0.125, 1, 0.25])
    let noPeak = try warmupCosineDecaySchedule(
      initValue: 0.5, peakValue: 0, warmupSteps: 2, decaySteps: 8, endValue: 0.25)
    #expect(try values(noPeak, [0, 1, 2, 8, 99]) == [0.5, 0.25, 0, 0, 0])
  }

  @Test(
    "OX-01 D ≤ W is refused, as are schedules without steps, boundaries or with negative scales")
  func refusals() throws {
    for decaySteps in [4, 3, -1] {
      #expect(throws: OptimError.self) {
        try warmupCosineDecaySchedule(
          initValue: 0, peakValue: 1, warmupSteps: 4, decaySteps: decaySteps)
      }
    }
    #expect(throws: OptimError.self) { try cosineDecaySchedule(initValue: 1, decaySteps: 0) }
    #expect(throws: OptimError.self) {
      try piecewiseConstantSchedule(initValue: 1, boundariesAndScales: [3: -0.5])
    }
    #expect(throws: OptimError.self) {
      try piecewiseInterpolateSchedule(.linear, initValue: 1, boundariesAndScales: [3: -0.5])
    }
    #expect(throws: OptimError.self) {
      try linearOnecycleSchedule(transitionSteps: 0, peakValue: 1)
    }
    #expect(throws: OptimError.self) {
      try cosineOnecycleSchedule(transitionSteps: -2, peakValue: 1)
    }
    #expect(throws: OptimError.self) { try sgdrSchedule([]) }
    let two = [constantSchedule(1), constantSchedule(2)]
    #expect(throws: OptimError.self) { try joinSchedules(two, boundaries: []) }
    #expect(throws: OptimError.self) { try joinSchedules(two, boundaries: [1, 2]) }
    #expect(throws: TraceError.self) { try constantSchedule(1)(Tensor(1.0, .f32)) }
    #expect(throws: TraceError.self) { try constantSchedule(1)(1, dtype: .i32) }
  }

  @Test("OX-02 update k is made with schedule(k), and the first of a warm-up from 0 moves nothing")
  func updateNumberK() throws {
    let schedule = linearSchedule(initValue: 0, endValue: 1, transitionSteps: 4)
    let optimiser = scaleByLearningRate(.schedule(schedule))
    let model = sampleModel()
    var state = try optimiser.initialise(model)
    for k in 0..<6 {
      let gradient = try model.gradient([
        Tensor([[8, -8], [4, 2]], .f64), Tensor([1, -16], .f64),
      ])
      let update = try optimiser.update(gradient, &state)
      let rate = try schedule(k, dtype: .f64).item
      #expect(rate == min(Double(k) / 4, 1))
      #expect(try update.values[0]?.scalars == [-8 * rate, 8 * rate, -4 * rate, -2 * rate])
    }
    let adamWarmup = adam(LearningRate.schedule(schedule))
    var moments = try adamWarmup.initialise(model)
    let first = try adamWarmup.update(
      model.gradient([Tensor([[8, -8], [4, 2]], .f64), Tensor([1, -16], .f64)]), &moments)
    #expect(try first.values.allSatisfy { try $0?.scalars.allSatisfy { $0 == 0 } ?? true })
    let tensors = moments.leaves.compactMap(\.tensor).filter(\.dtype.isInexact)
    #expect(try tensors.allSatisfy { try $0.scalars.allSatisfy { $0 != 0 } } && tensors.count == 4)
  }

  @Test(
    "OX-02 a schedule in f32 gives f64 updates only the digits of f32, as upstream does (DV-62)")
  func singlePrecision() throws {
    let schedule = constantSchedule(0.1)
    #expect(try schedule(0, dtype: .f64).item == 0.1)
    let single = try schedule.inSinglePrecision(0, dtype: .f64)
    #expect(try single.item == Double(Float(0.1)) && single.dtype == .f64)
  }
}

@Suite struct ScheduleShapeTests {
  @Test("a linear schedule is exact at both ends and half way, a polynomial one is its power")
  func polynomials() throws {
    let line = linearSchedule(
      initValue: 3, endValue: 1, transitionSteps: 8, transitionBegin: 2)
    #expect(try values(line, [0, 2, 3, 6, 10, 11]) == [3, 3, 2.75, 2, 1, 1])
    let cube = polynomialSchedule(initValue: 1, endValue: 0, power: 3, transitionSteps: 4)
    #expect(try values(cube, 0...5) == [1, 0.421875, 0.125, 0.015625, 0, 0])
    #expect(
      try values(linearSchedule(initValue: 3, endValue: 1, transitionSteps: 0), [0, 9]) == [3, 3])
    let early = linearSchedule(initValue: 3, endValue: 1, transitionSteps: 8, transitionBegin: -5)
    #expect(try values(early, [0, 4]) == [3, 2])
  }

  @Test("half a wave passes the middle at half time and keeps its end")
  func cosine() throws {
    let wave = try cosineDecaySchedule(initValue: 2, decaySteps: 8, alpha: 0.25)
    #expect(try values(wave, [0, 8, 9]) == [2, 0.5, 0.5])
    // cos(π/2) is within 2⁻⁵³ of 0; 1 plus it rounds to 1 or its neighbour below.
    let middle = try values(wave, [4])[0]
    #expect((middle - 1.25).magnitude <= 4 * 0x1p-53)
  }

  @Test("an exponential decay halves every transition, in stairs between, and stops at its end")
  func exponential() throws {
    let stairs = exponentialDecay(
      initValue: 8, transitionSteps: 3, decayRate: 0.5, transitionBegin: 1, staircase: true)
    #expect(try values(stairs, 0...10) == [8, 8, 8, 8, 4, 4, 4, 2, 2, 2, 1])
    let smooth = exponentialDecay(
      initValue: 8, transitionSteps: 3, decayRate: 0.5, transitionBegin: 1)
    #expect(try values(smooth, [1, 4, 7, 10]) == [8, 4, 2, 1])
    let early = exponentialDecay(
      initValue: 8, transitionSteps: 1, decayRate: 0.5, transitionBegin: -5)
    #expect(try values(early, 0...2) == [8, 4, 2], "a negative beginning counts as 0")
    let floored = exponentialDecay(
      initValue: 8, transitionSteps: 1, decayRate: 0.5, endValue: 2)
    #expect(try values(floored, 0...5) == [8, 4, 2, 2, 2, 2])
    let capped = exponentialDecay(initValue: 1, transitionSteps: 1, decayRate: 2, endValue: 3)
    #expect(try values(capped, 0...3) == [1, 2, 3, 3])
    // As Optax: an end of a rate of 1 is an upper one.
    for (end, expected) in [(0.5, 0.5), (3, 1)] {
      let level = exponentialDecay(initValue: 1, transitionSteps: 1, decayRate: 1, endValue: end)
      #expect(try values(level, [1, 2]) == [expected, expected])
    }
    let still = exponentialDecay(initValue: 1, transitionSteps: 1, decayRate: 0, endValue: 3)
    #expect(try values(still, 0...3) == [1, 1, 1, 1])
  }

  @Test("pieces multiply at their boundaries, and interpolation meets them there")
  func pieces() throws {
    let scales = [3: 0.5, 6: 4, 8: 0.25]
    let constant = try piecewiseConstantSchedule(initValue: 2, boundariesAndScales: scales)
    #expect(try values(constant, [-1, 0, 2, 3, 5, 6, 7, 8, 90]) == [2, 2, 2, 1, 1, 4, 4, 1, 1])
    for kind in Interpolation.allCases {
      let between = try piecewiseInterpolateSchedule(
        kind, initValue: 2, boundariesAndScales: scales)
      #expect(try values(between, [0, 3, 6, 8, 90]) == [2, 1, 4, 1, 1], "\(kind)")
    }
    let line = try piecewiseInterpolateSchedule(
      .linear, initValue: 2, boundariesAndScales: [4: 0.5])
    #expect(try values(line, 0...5) == [2, 1.75, 1.5, 1.25, 1, 1])
    // As Optax: a boundary at 0 scales the first value, and a scale may be 0.
    let atOnce = try piecewiseInterpolateSchedule(
      .linear, initValue: 2, boundariesAndScales: [0: 0.5, 4: 2])
    #expect(try values(atOnce, 0...5) == [1, 1.25, 1.5, 1.75, 2, 2])
    let off = try piecewiseConstantSchedule(initValue: 1, boundariesAndScales: [3: 0])
    #expect(try values(off, 2...4) == [1, 0, 0])
  }

  @Test("a one-cycle schedule starts at peak/div, has its peak at pctStart and its end at the end")
  func onecycle() throws {
    let line = try linearOnecycleSchedule(
      transitionSteps: 16, peakValue: 2, pctStart: 0.25, pctFinal: 0.75, divFactor: 4,
      finalDivFactor: 8)
    #expect(
      try values(line, [0, 2, 4, 8, 12, 16, 40]) == [0.5, 1.25, 2, 1.25, 0.5, 0.0625, 0.0625])
    let wave = try cosineOnecycleSchedule(
      transitionSteps: 16, peakValue: 2, pctStart: 0.25, divFactor: 4, finalDivFactor: 8)
    #expect(try values(wave, [0, 4, 16, 40]) == [0.5, 2, 0.0625, 0.0625])
    // As Optax: of two scales at one step the last holds.
    let together = try linearOnecycleSchedule(
      transitionSteps: 8, peakValue: 2, pctStart: 0.5, pctFinal: 0.5, divFactor: 4,
      finalDivFactor: 8)
    #expect(try values(together, [0, 4, 8]) == [0.5, 0.125, 0.015625])
    let late = try cosineOnecycleSchedule(
      transitionSteps: 8, peakValue: 2, pctStart: 1, divFactor: 4, finalDivFactor: 8)
    #expect(try values(late, [0, 8, 9]) == [0.5, 0.015625, 0.015625])
  }

  @Test("joined schedules each count from their own boundary")
  func joined() throws {
    let counting = Schedule { try $0.asType(.f64) }
    let joined = try joinSchedules([counting, counting, counting], boundaries: [3, 5])
    #expect(try values(joined, 0...7) == [0, 1, 2, 0, 1, 0, 1, 2])
    let cycle = CosineCycle(
      initValue: 0.125, peakValue: 1, warmupSteps: 4, decaySteps: 12, endValue: 0.25)
    let restarts = try sgdrSchedule([cycle, cycle])
    let once = try values(warmup(), 0...12)
    #expect(try values(restarts, 0..<12) == Array(once.prefix(12)))
    #expect(try values(restarts, 12...24) == once)
    let often = try sgdrSchedule([cycle, cycle, cycle, cycle])
    #expect(try values(often, 24..<36) == Array(once.prefix(12)))
    #expect(try values(often, 36...48) == once)
  }

  @Test("a schedule under jit is the schedule outside, bit for bit, in both dtypes")
  func jitted() throws {
    for (name, schedule) in try everySchedule() {
      for dtype in [DType.f32, .f64] {
        let compiled = jit { (count: Tensor) in try schedule(count, dtype: dtype) }
        for count in [-3, 0, 1, 2, 3, 4, 5, 6, 9, 11, 12, 19, 20, 1000] {
          let eager = try schedule(count, dtype: dtype)
          #expect(eager.aval == ShapedArray(dtype), "\(name)")
          let inside = try compiled(Tensor(shape: [], .i32([Int32(count)])))
          try expectSameBits([inside], [eager], "\(name) at \(count)")
        }
      }
    }
  }
}
