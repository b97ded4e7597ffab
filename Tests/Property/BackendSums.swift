// Law: every reordered sum lies within the rounding bound of a sum in any order.
//
// For n terms and unit roundoff u, gamma_n = nu/(1 − nu) (Higham, Accuracy and Stability, 2nd ed.,
// §3.1 and §4.2): a sum errs by at most gamma_{n−1} Σ|x|, a product of n factors by gamma_{n−1} |Π|, a
// dot product of length K by gamma_K Σ|x||y|, whatever the order and with or without fused
// multiply-adds. The exact values and the bounds are evaluated in double-double, whose own error is
// 2⁻⁵⁰ of u. Operands are short decimals: nothing under- or overflows.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

private func gamma(_ n: Int, _ dtype: DType) -> DoubleDouble {
  let u = DoubleDouble(dtype == .f32 ? 0x1p-24 : 0x1p-53)
  let nu = DoubleDouble(max(n, 0)) * u
  return nu / (1 - nu)
}

/// The exact result of an equation on the numbers of `inputs`.
private func truth(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [DoubleDouble] {
  try ReferenceInterpreter<DoubleDouble>.evaluate(primitive, inputs.map { ReferenceValue($0) })[0]
    .exact
}

private func magnitude(_ x: Buffer) throws -> Buffer {
  try ReferenceBackend().evaluate(.unary(.abs), [x])[0]
}

/// Expects |ours − exact| ≤ gamma_n · (the same equation on magnitudes), element by element.
private func expectWithin(
  _ n: Int, _ sample: BackendSample, seed: UInt64
) throws {
  var random = SeededGenerator(seed: seed)
  let inputs = sample.ins.map { ordinaryBuffer($0, &random) }
  let ours = try backend.evaluate(sample.primitive, inputs)[0]
  #expect(try [ours.aval] == typingRule(sample.primitive, sample.ins), "\(sample), seed \(seed)")
  let exact = try truth(sample.primitive, inputs)
  let scale = try truth(sample.primitive, inputs.map(magnitude))
  let factor = gamma(n, ours.aval.dtype)
  let errors = zip(ours.storage.exact, exact).map { ($0 - $1).magnitude }
  let outside = errors.indices.first { !(errors[$0] <= factor * scale[$0]) }
  #expect(outside == nil, "\(sample), seed \(seed): error \(outside.map { errors[$0] } ?? 0)")
}

private func size(_ x: ShapedArray, _ axes: [Int]) -> Int { axes.reduce(1) { $0 * x.shape[$1] } }

struct LongSum: Sendable, CustomTestStringConvertible {
  let shape: [Int]
  let axes: [Int]
  var testDescription: String { "\(shape) over \(axes)" }
}

/// Each is worth two or three threads; of the 129 columns the last is a thread's own.
private let longSums = [
  LongSum(shape: [600_007], axes: [0]), LongSum(shape: [2, 300_001], axes: [1]),
  LongSum(shape: [200_001, 3], axes: [0]), LongSum(shape: [2063, 321], axes: [0]),
  LongSum(shape: [6200, 129], axes: [0]), LongSum(shape: [2, 4100, 129], axes: [1]),
  LongSum(shape: [1031, 601], axes: [1]), LongSum(shape: [70, 170, 70], axes: [0, 2]),
]

@Suite struct BackendSums {
  @Test(arguments: sampleShapes, [DType.f32, .f64])
  func `sums and products err by at most gamma of n minus 1`(shape: [Int], dtype: DType) throws {
    for op in [Reduction.sum, .prod] {
      for sample in reductionSamples(op, shape, dtype) {
        guard case .reduce(_, let axes) = sample.primitive else { continue }
        try expectWithin(size(sample.ins[0], axes) - 1, sample, seed: 11)
      }
    }
  }

  /// Sums that are divided: into sections of rows, by columns, and by results, with remainders.
  @Test(arguments: longSums, [DType.f32, .f64])
  func `long sums err by at most gamma of n minus 1, and extrema are exact`(
    sum: LongSum, dtype: DType
  ) throws {
    let x = ShapedArray(dtype, sum.shape)
    try expectWithin(
      size(x, sum.axes) - 1, BackendSample(.reduce(.sum, axes: sum.axes), [x]), seed: 15)
    var random = SeededGenerator(seed: 16)
    let input = ordinaryBuffer(x, &random)
    for op in [Reduction.max, .min] {
      let primitive = Primitive.reduce(op, axes: sum.axes)
      let (ours, reference) = (
        try backend.evaluate(primitive, [input])[0],
        try ReferenceBackend().evaluate(primitive, [input])[0]
      )
      #expect(ours.storage.isBitwiseEqual(to: reference.storage), "\(op) \(sum), seed 16")
    }
  }

  @Test(arguments: longSums)
  func `the number of threads changes no bit of a long reduction`(sum: LongSum) throws {
    let jaxpr = try makeJaxpr { x in
      try [Reduction.sum, .max].map { try bind(.reduce($0, axes: sum.axes), x)[0] }
    }([ShapedArray(.f32, sum.shape)])
    var random = SeededGenerator(seed: 17)
    let input = ordinaryBuffer(ShapedArray(.f32, sum.shape), &random)
    let alone = try backend.compile(jaxpr).run([input])
    for threads in [2, 3] {
      let shared = try OpenBLASBackend(threads: threads).compile(jaxpr).run([input])
      for (a, b) in zip(alone, shared) { #expect(a.storage.isBitwiseEqual(to: b.storage)) }
    }
  }

  @Test(arguments: [DType.f32, .f64])
  func `a dot_general of any layout errs by at most gamma of K`(dtype: DType) throws {
    for seed in 0..<400 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let sample = randomDot(dtype, &random)
      guard case .dotGeneral(let numbers) = sample.primitive else { continue }
      try expectWithin(size(sample.ins[0], numbers.lhsContracting), sample, seed: seed)
    }
  }

  /// Each operand's axes (batch, free, contracted) in each of the six orders.
  @Test(arguments: permutations, permutations)
  func `every order of batch, free and contracted axes is multiplied alike`(
    left: [Int], right: [Int]
  ) throws {
    for (b, m, n, k) in [(2, 3, 4, 5), (1, 7, 2, 3), (3, 1, 4, 2), (2, 3, 1, 5), (2, 1, 1, 6)]
      + [(2, 3, 4, 0), (0, 3, 4, 5), (2, 0, 4, 5), (2, 3, 0, 5), (2, 17, 33, 65)]
    {
      for dtype in [DType.f32, .f64] {
        let x = ShapedArray(dtype, left.map { [b, m, k][$0] })
        let y = ShapedArray(dtype, right.map { [b, n, k][$0] })
        let numbers = DotDimensionNumbers(
          contracting: (places(of: 2, left), places(of: 2, right)),
          batch: (places(of: 0, left), places(of: 0, right)))
        try expectWithin(k, BackendSample(.dotGeneral(numbers), [x, y]), seed: 12)
      }
    }
  }

  /// Extents at, below and above whole vectors, tiles of six rows and the largest narrow extent; for each
  /// layout some copy an operand or make the transpose.
  @Test(arguments: [DType.f32, .f64])
  func `a narrow product of any layout errs by at most gamma of K`(dtype: DType) throws {
    for (m, n, k) in [
      (16, 16, 1), (32, 48, 40), (17, 33, 65), (3, 270, 258), (270, 3, 258), (16, 270, 258),
      (270, 16, 258), (256, 257, 16), (257, 258, 17), (64, 64, 515),
    ] {
      for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
        let x = ShapedArray(dtype, transposeA ? [k, m] : [m, k])
        let y = ShapedArray(dtype, transposeB ? [n, k] : [k, n])
        let numbers = DotDimensionNumbers(
          contracting: ([transposeA ? 0 : 1], [transposeB ? 1 : 0]))
        try expectWithin(k, BackendSample(.dotGeneral(numbers), [x, y]), seed: 15)
      }
    }
  }

  /// Multiplying by a vector afterwards judges the product without computing it a second time.
  @Test(arguments: [DType.f32, .f64])
  func `C t equals A (B t)`(dtype: DType) throws {
    let (m, n, k) = (61, 83, 97)
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      var random = SeededGenerator(seed: 13)
      let a = ordinaryBuffer(ShapedArray(dtype, transposeA ? [k, m] : [m, k]), &random)
      let b = ordinaryBuffer(ShapedArray(dtype, transposeB ? [n, k] : [k, n]), &random)
      let t = ordinaryBuffer(ShapedArray(dtype, [n]), &random).storage.exact
      let numbers = DotDimensionNumbers(
        contracting: ([transposeA ? 0 : 1], [transposeB ? 1 : 0]))
      let c = Matrix(try backend.evaluate(.dotGeneral(numbers), [a, b])[0], isTransposed: false)
      let (left, right) = (Matrix(a, isTransposed: transposeA), Matrix(b, isTransposed: transposeB))
      let (ours, exact) = (c.times(t), left.times(right.times(t)))
      let scale = left.magnitude.times(right.magnitude.times(t.map(\.magnitude)))
      let errors = zip(ours, exact).map { ($0 - $1).magnitude }
      let outside = errors.indices.first { !(errors[$0] <= gamma(k, dtype) * scale[$0]) }
      #expect(outside == nil, "flags \(transposeA), \(transposeB)")
    }
  }

  /// Operands are small or special: only their infinities and NaN can make one in the result,
  /// whatever the order of the sum. Memory is littered with NaN first, which must not leak.
  @Test(arguments: [DType.f32, .f64])
  func `NaN and infinities come out exactly where the reference has them`(dtype: DType) throws {
    for seed in 1000..<1300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let sample = randomDot(dtype, &random)
      let inputs = sample.ins.map { specialBuffer($0, &random) }
      let expected = try ReferenceBackend().evaluate(sample.primitive, inputs)[0].storage.exact
      litter(expected.count)
      let ours = try backend.evaluate(sample.primitive, inputs)[0].storage.exact
      let isSame = zip(ours, expected).allSatisfy { x, y in
        x.isFinite ? y.isFinite : x.isNaN ? y.isNaN : x == y
      }
      #expect(isSame, "\(sample), seed \(seed): \(ours), not \(expected)")
    }
  }

  @Test func `the same product twice has the same bits`() throws {
    var random = SeededGenerator(seed: 14)
    let inputs = (0..<2).map { _ in ordinaryBuffer(ShapedArray(.f32, [70, 70]), &random) }
    let product = Primitive.dotGeneral(DotDimensionNumbers(contracting: ([1], [0])))
    let first = try backend.evaluate(product, inputs)[0].storage
    for _ in 0..<10 {
      let again = try backend.evaluate(product, inputs)[0].storage
      #expect(first.isBitwiseEqual(to: again))
    }
  }
}

private let permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

private func places(of role: Int, _ order: [Int]) -> [Int] {
  order.indices.filter { order[$0] == role }
}

/// Leaves freed memory of this size full of NaN.
private func litter(_ count: Int) {
  for _ in 0..<4 {
    let singles = [Float](repeating: .nan, count: count)
    let doubles = [Double](repeating: .nan, count: count)
    withExtendedLifetime((singles, doubles)) {}
  }
}

/// A matrix of exact numbers.
private struct Matrix {
  let rows: [[DoubleDouble]]

  init(_ x: Buffer, isTransposed: Bool) {
    let values = x.storage.exact
    let (height, width) = (x.shape[0], x.shape[1])
    rows =
      isTransposed
      ? (0..<width).map { j in (0..<height).map { values[$0 * width + j] } }
      : (0..<height).map { i in (0..<width).map { values[i * width + $0] } }
  }

  private init(rows: [[DoubleDouble]]) { self.rows = rows }

  var magnitude: Matrix { Matrix(rows: rows.map { $0.map(\.magnitude) }) }

  func times(_ t: [DoubleDouble]) -> [DoubleDouble] {
    rows.map { row in zip(row, t).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}
