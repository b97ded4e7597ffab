// L-BFGS: its secant equation, its end on quadratics, and the Wolfe conditions of its steps.

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct LBFGSTests {
  /// ½ Σ cᵢ (xᵢ − 1)² with curvatures 1, 4, 16, 64.
  private static func quadratic(_ x: Tensor) throws -> Tensor {
    try 0.5 * sum(Tensor([1, 4, 16, 64], .f64) * square(x - 1.0))
  }

  private static func rosenbrock(_ x: Tensor) throws -> Tensor {
    let (a, b) = try (slice(x, axis: 0, from: 1, to: 4), slice(x, axis: 0, from: 0, to: 3))
    return try sum(100.0 * square(a - square(b)) + square(1.0 - b))
  }

  private func minimised(
    _ f: @escaping (Tensor) throws -> Tensor, _ steps: Int, _ visit: (Tensor, Tensor) throws -> Void
  ) throws -> Tensor {
    let optimiser = lbfgs()
    var x = Tensor([-1.2, 1, 0.5, -0.75], .f64)
    var state = try optimiser.initialise(x)
    for _ in 0..<steps {
      let (value, g) = try valueAndGrad(f)(x)
      let gradient = LeafMap<Tensor, Tensor?>(like: x, repeating: g)
      let next = try applyUpdates(
        x, optimiser.update(gradient, &state, x, value: value, function: f))
      try visit(x, next)
      x = next
    }
    return x
  }

  /// In four dimensions every direction has been seen after a few steps, and convergence is
  /// superlinear: 20 steps reach the last digits. Where |g| < 64 · 2⁻⁵² the value cannot fall any more:
  /// one rounding of x, of size up to 2⁻⁵³, changes the gradient by the largest curvature times that.
  @Test("a quadratic of four variables is minimised to the last digits within 20 steps")
  func quadratic() throws {
    let end = try minimised(Self.quadratic, 20) { _, _ in }
    let slope = try valueAndGrad(Self.quadratic)(end).grad
    #expect(try slope.scalars.allSatisfy { $0.magnitude <= 64 * 0x1p-52 }, "\(slope)")
  }

  @Test("every step decreases enough and flattens the slope: the strong Wolfe conditions")
  func wolfe()
    throws
  {
    var count = 0
    _ = try minimised(Self.rosenbrock, 12) { x, next in
      let (f, g) = try valueAndGrad(Self.rosenbrock)(x)
      let (fNext, gNext) = try valueAndGrad(Self.rosenbrock)(next)
      let step = try next - x
      let (slope, slopeNext) = try (sum(g * step).item, sum(gNext * step).item)
      // c₁ = 1e-4 with the slack 1e-6 |f| that the line search allows; c₂ = 0.9.
      #expect(try fNext.item <= f.item + 1e-4 * slope + 1e-6 * f.item.magnitude)
      #expect(slopeNext.magnitude <= 0.9 * slope.magnitude)
      count += 1
    }
    #expect(count == 12)
  }

  @Test("the secant equation: a gradient change gives the parameter change back, exactly in reals")
  func secant() throws {
    // After one pair (s, y), P y = s.
    let preconditioned: ([Tensor]) throws -> [Tensor] = { xs in
      let optimiser = scaleByLbfgs(memorySize: 3)
      let (p, q, g, h) = (xs[0], xs[1], xs[2], xs[3])
      func gradient(_ g: Tensor) -> LeafMap<Tensor, Tensor?> { LeafMap(like: p, repeating: g) }
      var state = try optimiser.initialise(p)
      _ = try optimiser.update(gradient(g), &state, p)
      return try optimiser.update(gradient(h), &state, q).values.compactMap { $0 }
    }
    // With g = 0 at p the pair is s = q − p, y = h, so that P h = s.
    try expectSame(
      preconditioned, { xs in [try xs[1] - xs[0]] },
      at: [
        Tensor([1, 2, 3], .f64), Tensor([1.5, 1, 5], .f64), Tensor([0, 0, 0], .f64),
        Tensor([1, -0.5, 2], .f64),
      ], "secant")
  }

  @Test(
    "a line search is traced, and so is a wrapper that branches: the bits of the untraced steps")
  func jitted() throws {
    let optimiser = applyIfFinite(lbfgs(memorySize: 3), maxConsecutiveErrors: 1)
    typealias State = ApplyIfFinite<
      Chain<ScaleByLBFGS, ScaleByLearningRate, ScaleByZoomLinesearch?>
    >.State
    @Sendable func step(_ x: Tensor, _ old: State) throws -> Tuple<Tensor, State> {
      var state = old
      let (value, g) = try valueAndGrad(Self.rosenbrock)(x)
      let gradient = LeafMap<Tensor, Tensor?>(like: x, repeating: g)
      let u = try optimiser.update(gradient, &state, x, value: value, function: Self.rosenbrock)
      return Tuple(try applyUpdates(x, u), state)
    }
    let traced = filterJit(step)
    let start = Tensor([-1.2, 1, 0.5, -0.75], .f64)
    let state = try optimiser.initialise(start)
    var (a, b) = (Tuple(start, state), Tuple(start, state))
    for _ in 0..<3 {
      let ((x, s), (y, t)) = (a.elements, b.elements)
      (a, b) = try (step(x, s), traced(y, t))
    }
    try expectSameBits(a.leaves.compactMap(\.tensor), b.leaves.compactMap(\.tensor), "3 steps")
    #expect(traced.traceCount == 1)
  }

  /// Where a search from 0 ends, and after how many evaluations, on φ(t) = Σ aᵢ max(t − bᵢ, 0) − t above
  /// `base`.
  private func searched(
    _ bends: [(a: Double, b: Double)], _ count: Int, base: Double = 0
  ) throws -> (t: Double, count: Double) {
    let optimiser = chain(
      scale(-1), scaleByZoomLinesearch(maxLinesearchSteps: count, initialGuessStrategy: .one))
    let start = Tensor(0, .f64)
    let slope = LeafMap<Tensor, Tensor?>(like: start, repeating: Tensor(-1, .f64))
    var state = try optimiser.initialise(start)
    let update = try optimiser.update(slope, &state, start, value: start + base) { (t: Tensor) in
      try bends.reduce(base - t) { try $0 + $1.a * maximum(t - $1.b, zeros(like: t)) }
    }
    let counts = state.leaves.compactMap(\.tensor).filter { $0.dtype == .i32 }
    return (try update.values[0]?.item ?? .nan, try counts.last?.item ?? .nan)
  }

  // A step of 1 keeps the slope of −1, and 2 climbs a wall to 48. Optax 0.2.8 goes the same way.
  @Test("a search that fails ends at the step that decreased enough, and says how many were tried")
  func safeStep() throws {
    let end = try searched([(100, 1.5)], 2)
    #expect(end == (1, 2))
  }

  // Slopes are −1 on one side and 1.2 on the other: no point satisfies the search. Eight evaluations
  // of Optax 0.2.8 end at 0.80023; an end of the interval on the wrong side loses the minimum.
  @Test("an interval keeps the minimum between its ends when a step turns it round")
  func turned() throws {
    let end = try searched([(2.2, 0.8)], 8)
    #expect(end.t > 0.8 && end.t < 0.801 && end.count == 8)
  }

  // −1 at 1 and −0.9 at 2, both falling: a minimum lies between. Optax 0.2.8 ends there as well.
  @Test("a step that falls enough but rises above the last one ends the doubling")
  func rises() throws {
    let end = try searched([(11, 1.2), (-11, 1.3)], 4)
    #expect(end.t >= 1 && end.t <= 2)
  }

  // At 1 the value is 0.2 above the start, a millionth of which is 1, and the slope is 0.5.
  @Test("where values are large, a slope that turned moderately is decrease enough")
  func approximate() throws {
    let end = try searched([(1.5, 0.2)], 4, base: 1e6)
    #expect(end == (1, 1))
  }

  @Test("misuse: no function, no parameters, no memory") func misuse() throws {
    let x = Tensor([1, 2], .f64)
    let g = LeafMap<Tensor, Tensor?>(like: x, repeating: x)
    var state = try lbfgs().initialise(x)
    #expect(message { try lbfgs().update(g, &state, x) }.contains("value: and function:"))
    #expect(message { try lbfgs().update(g, &state) }.contains("pass the model"))
    #expect(message { try lbfgs(memorySize: 0).initialise(x) }.contains("at least 1, got 0"))
  }
}
