// The convention table of SEMANTICS 2.13: one test per cell of the column JAX, and the lines AD-2 to
// AD-5. The numbers are the table's; conventions.h5 holds what JAX gives at and around each of them.
//
// Not here: |z|² of a complex number, for there is no complex dtype.

import Core
import Testing

/// One cell: what the table says, and the numbers of it.
struct ConventionCell: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let expected: [Double]
  let observed: @Sendable () throws -> [Double]

  init(_ rule: String, _ expected: [Double], _ observed: @escaping @Sendable () throws -> [Double])
  {
    testDescription = "AD-1.\(rule)"
    self.expected = expected
    self.observed = observed
  }
}

private typealias Scalar1 = @Sendable (Tensor) throws -> Tensor

private let inf = Double.infinity
private let nan = Double.nan

/// The derivative of an elementwise function at each of `points`.
private func slopes(_ points: [Double], _ f: Scalar1) throws -> [Double] {
  let x = Tensor(points, .f64)
  let (_, pullback) = try vjp({ [try f($0[0])] }, [x])
  let backward = try pullback([ones(like: x)])[0].scalars
  let forward = try jvp(f, x, ones(like: x)).tangent.scalars
  return same(forward, backward) ? forward : forward + backward
}

/// The gradient of the sum of a function of vectors.
private func gradients(
  _ operands: [[Double]], _ f: @escaping @Sendable ([Tensor]) throws -> Tensor
) throws -> [Double] {
  try grad { try sum(f($0)) }(operands.map { Tensor($0, .f64) }).flatMap { try $0.scalars }
}

/// Equality in which NaN equals itself, and zeros are equal.
private func same(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
}

private func weighted(_ x: Tensor, _ w: [Double]) throws -> Tensor { try x * Tensor(w, .f64) }

private let elementwise = [
  ConventionCell("relu at 0, −0, NaN, ∞", [0, 0, 0, 1]) {
    try slopes([0, -0.0, nan, inf]) { try relu($0) }
  },
  ConventionCell("maximum(x, 0) at 0", [0.5]) {
    try slopes([0]) { try maximum($0, zeros(like: $0)) }
  },
  ConventionCell("maximum at a tie", [0.5, 0.5]) {
    try gradients([[3], [3]]) { try maximum($0[0], $0[1]) }
  },
  ConventionCell("minimum at a tie", [0.5, 0.5]) {
    try gradients([[3], [3]]) { try minimum($0[0], $0[1]) }
  },
  ConventionCell("reduce max, a tie of four", [0.25, 0.25, 0.25, 0.25]) {
    try gradients([[7, 7, 7, 7]]) { try max($0[0]) }
  },
  ConventionCell("reduce max, a tie of two", [0, 0.5, 0.5]) {
    try gradients([[1, 7, 7]]) { try max($0[0]) }
  },
  ConventionCell("abs at 0, −0, NaN", [1, 1, -1]) {
    try slopes([0, -0.0, nan]) { try abs($0) }
  },
  ConventionCell("sign", [0, 0, 0]) { try slopes([0, 2, -3]) { try sign($0) } },
  ConventionCell("floor", [0, 0, 0]) { try slopes([0, 0.5, 1]) { try floor($0) } },
  ConventionCell("round", [0, 0, 0]) { try slopes([0, 0.5, 1]) { try round($0) } },
  ConventionCell("sqrt at 0", [inf]) { try slopes([0]) { try sqrt($0) } },
  ConventionCell("cbrt at 0", [inf]) { try slopes([0]) { try cbrt($0) } },
  ConventionCell("rsqrt at 0", [-inf]) { try slopes([0]) { try rsqrt($0) } },
  ConventionCell("sqrt at −1", [nan]) { try slopes([-1]) { try sqrt($0) } },
  ConventionCell("log at −1, where the value is NaN", [-1]) { try slopes([-1]) { try log($0) } },
  ConventionCell("jnp.clip at its edges", [0.5, 0.5]) {
    try slopes([0, 1]) { try clip($0, 0, 1) }
  },
  ConventionCell("lax.clamp at its edges", [0, 0]) {
    try slopes([0, 1]) { try clamp(Tensor(0, .f64), $0, Tensor(1, .f64)) }
  },
  ConventionCell("relu6 at its edges", [0, 0]) { try slopes([0, 6]) { try relu6($0) } },
  ConventionCell("leaky_relu at 0", [1]) { try slopes([0]) { try leakyRelu($0) } },
  ConventionCell("hard_tanh at its edges", [1, 1]) { try slopes([-1, 1]) { try hardTanh($0) } },
  ConventionCell("elu at 0", [1]) { try slopes([0]) { try elu($0) } },
  ConventionCell("gelu is the tanh approximation", [0.841192]) {
    try [(gelu(Tensor(1, .f64)).item * 1e6).rounded() / 1e6]
  },
  ConventionCell("exact gelu", [0.8413447]) {
    try [(gelu(Tensor(1, .f64), approximate: false).item * 1e7).rounded() / 1e7]
  },
]

private let powers = [
  ConventionCell("x**0, x**1, x**2, x**−1 at 0", [0, 1, 0, -inf]) {
    try [0, 1, 2, -1].flatMap { n in try slopes([0]) { try integerPow($0, n) } }
  },
  ConventionCell("pow(0, 0), traced exponent", [nan, 0]) {
    try gradients([[0], [0]]) { try pow($0[0], $0[1]) }
  },
  ConventionCell("pow(−2, 2)", [-4, nan]) {
    try gradients([[-2], [2]]) { try pow($0[0], $0[1]) }
  },
  ConventionCell("pow(0, ½)", [inf, 0]) { try gradients([[0], [0.5]]) { try pow($0[0], $0[1]) } },
  ConventionCell("pow(0, −1)", [-inf, nan]) {
    try gradients([[0], [-1]]) { try pow($0[0], $0[1]) }
  },
]

private let pairs = [
  ConventionCell("x/y at 0/0", [inf, nan]) { try gradients([[0], [0]]) { try $0[0] / $0[1] } },
  ConventionCell("hypot(0, 0)", [0.5, 0.5]) {
    try gradients([[0], [0]]) { try hypot($0[0], $0[1]) }
  },
  ConventionCell("atan2(0, 0)", [nan, nan]) {
    try gradients([[0], [0]]) { try atan2($0[0], $0[1]) }
  },
  ConventionCell("xlogy(0, 0)", [-inf, nan]) {
    try gradients([[0], [0]]) { try xlogy($0[0], $0[1]) }
  },
  ConventionCell("logaddexp(−∞, −∞)", [nan, nan]) {
    try gradients([[-inf], [-inf]]) { try logaddexp($0[0], $0[1]) }
  },
  ConventionCell("maximum with a NaN: value, gradients", [nan, 0, 0]) {
    let (x, y) = (Tensor([nan], .f64), Tensor([1], .f64))
    return try maximum(x, y).scalars + gradients([[nan], [1]]) { try maximum($0[0], $0[1]) }
  },
  ConventionCell("reduce max with a NaN: value, gradients", [nan, nan, nan]) {
    try [max(Tensor([nan, 1], .f64)).item] + gradients([[nan, 1]]) { try max($0[0]) }
  },
]

private let reductions = [
  ConventionCell("norm at 0", [nan, nan]) { try gradients([[0, 0]]) { try norm($0[0]) } },
  ConventionCell("std of a constant", [nan, nan]) { try gradients([[2, 2]]) { try std($0[0]) } },
  ConventionCell("var of a constant", [0, 0]) { try gradients([[2, 2]]) { try `var`($0[0]) } },
  ConventionCell("where(x > 0, √x, 0) at 0, the trap", [nan]) {
    try gradients([[0]]) { x in
      try `where`(greater(x[0], zeros(like: x[0])), sqrt(x[0]), zeros(like: x[0]))
    }
  },
  ConventionCell("where of where at 0", [0]) {
    try slopes([0]) { x in
      let isPositive = try greater(x, zeros(like: x))
      let safe = try `where`(isPositive, x, ones(like: x))
      return try `where`(isPositive, sqrt(safe), zeros(like: x))
    }
  },
  ConventionCell("logsumexp of big numbers", [0.5, 0.5]) {
    try gradients([[1000, 1000]]) { try logsumexp($0[0]) }
  },
  ConventionCell("logsumexp of −∞ alone", [nan, nan]) {
    try gradients([[-inf, -inf]]) { try logsumexp($0[0]) }
  },
  ConventionCell("logsumexp with one +∞", [nan, 0]) {
    try gradients([[inf, 0]]) { try logsumexp($0[0]) }
  },
  ConventionCell("softmax of −∞ alone", [nan, nan]) {
    try softmax(Tensor([-inf, -inf], .f64)).scalars
  },
  ConventionCell("softmax with one +∞", [nan, nan]) {
    try gradients([[inf, 0]]) { try weighted(softmax($0[0]), [1, 2]) }
  },
  ConventionCell("prod with one zero", [6, 0, 0]) {
    try gradients([[0, 2, 3]]) { try prod($0[0]) }
  },
  ConventionCell("prod with two zeros", [0, 0, 0]) {
    try gradients([[0, 0, 3]]) { try prod($0[0]) }
  },
]

private let places = [
  ConventionCell("gather with duplicates", [2, 1, 0]) {
    try gradients([[10, 20, 30]]) { try $0[0][Tensor([0, 0, 1], .i32)] }
  },
  ConventionCell(".at[].set twice: the last wins", [7]) {
    try [Tensor([3], .f64).at[Tensor([0, 0], .i32)].set(Tensor([5, 7], .f64)).item]
  },
  ConventionCell(".at[].set twice: gradient", [0, 0, 1]) {
    try gradients([[3], [5, 7]]) { try $0[0].at[Tensor([0, 0], .i32)].set($0[1]) }
  },
  ConventionCell(".at[].add twice: gradient", [1, 1, 1]) {
    try gradients([[3], [5, 7]]) { try $0[0].at[Tensor([0, 0], .i32)].add($0[1]) }
  },
  ConventionCell("stable sort with ties", [10, 1, 100]) {
    try gradients([[2, 1, 2]]) { try weighted(sort($0[0]), [1, 10, 100]) }
  },
  ConventionCell("cummax with ties", [2, 1, 0]) {
    try gradients([[2, 2, 1]]) { try cummax($0[0]) }
  },
]

@Suite struct ConventionTests {
  static let table = elementwise + powers + pairs + reductions + places

  @Test(arguments: table)
  func theCellIsAsInTheTable(cell: ConventionCell) throws {
    let observed = try cell.observed()
    #expect(same(observed, cell.expected), "\(observed), the table says \(cell.expected)")
  }

  @Test func `AD-1 a product at one place twice has no gradient without a promise`() throws {
    let index = Tensor([0, 0], .i32)
    #expect(
      throws: TraceError.unsupported(
        "scatter_mul gradients are only implemented if `unique_indices=True`")
    ) {
      try gradients([[3], [5, 7]]) { try $0[0].at[index].multiply($0[1]) }
    }
    #expect(
      try gradients([[3, 4], [5, 7]]) {
        try $0[0].at[Tensor([1, 0], .i32)].multiply($0[1], uniqueIndices: true)
      } == [7, 5, 4, 3])
  }

  @Test func `AD-2 take fills, brackets clamp, set drops`() throws {
    let x = Tensor([10, 20, 30], .f64)
    let far = Tensor([3, -4], .i32)
    #expect(try same(take(x, far).scalars, [nan, nan]))
    #expect(try x[far].scalars == [30, 10])
    #expect(try x[3].item == 30 && x[-4].item == 10)
    #expect(try x.at[far].set(Tensor([1, 2], .f64)).scalars == [10, 20, 30])
    #expect(try x.at[3].set(Tensor(1, .f64)).scalars == [10, 20, 30])
  }

  @Test func `AD-3 lax divides towards zero, floorDivide down, halves go to even`() throws {
    func whole(_ xs: [Double]) -> Tensor { Tensor(xs, .i32) }
    #expect(try (whole([-7]) / whole([2])).scalars == [-3])
    #expect(try floorDivide(whole([-7, 7, 5]), whole([2, -2, 2])).scalars == [-4, -4, 2])
    #expect(try remainder(whole([-7, 7, 5]), whole([2, -2, 0])).scalars == [1, -1, 0])
    #expect(try round(Tensor([0.5, 1.5, 2.5, -0.5], .f64)).scalars == [0, 2, 2, 0])
  }

  @Test func `AD-3 NaN sorts last and is the largest and the smallest`() throws {
    let x = Tensor([1, nan, 3, nan], .f64)
    #expect(try same(sort(x).scalars, [1, 3, nan, nan]))
    #expect(try argmax(x, axis: 0).item == 1 && argmin(x, axis: 0).item == 1)
  }

  @Test func `AD-4 stop_gradient and a cast to whole numbers cut gradients`() throws {
    #expect(try slopes([3]) { try stopGradient($0) * $0 } == [3])
    #expect(try slopes([3.7]) { try $0.asType(.i32).asType(.f64) * $0 } == [3])
    let point = Tensor([1.5, -2], .f64)
    #expect(try jacfwd { try stopGradient($0) }(point).scalars == [0, 0, 0, 0])
    #expect(try jacrev { try stopGradient($0) }(point).scalars == [0, 0, 0, 0])
  }

  @Test func `AD-4 the second derivatives of pow at (4, 0)`() throws {
    let point = Tensor([4, 0], .f64)
    let h = try jacfwd(jacfwd { (p: Tensor) in try pow(p[0], p[1]) })(point).scalars
    let log4 = try log(Tensor(4, .f64)).item
    #expect(h[0] == 0 && h[1] == 0.25 && h[2] == 0.25)
    // ln² 4 is one product of the same logarithm.
    #expect(h[3] == log4 * log4)
  }

  @Test func `AD-5 differences meet the kinks half way, where the convention does not`() throws {
    let h = 0x1p-20
    func central(_ f: (Tensor) throws -> Tensor) throws -> Double {
      try (f(Tensor(h, .f64)).item - f(Tensor(-h, .f64)).item) / (2 * h)
    }
    #expect(try central { try relu($0) } == 0.5)
    #expect(try slopes([0]) { try relu($0) } == [0])
    #expect(try central { try abs($0) } == 0)
    #expect(try slopes([0]) { try abs($0) } == [1])
  }
}
