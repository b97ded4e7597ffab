// Law: OpenBLASBackend runs convolutions and windows itself, sums within the bound of any order,
// selections and extrema bit for bit as the reference.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

/// Two dimensions of space, a batch and features; everything away from its default.
func randomConv(_ dtype: DType, _ random: inout SeededGenerator) -> BackendSample {
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  let (groups, batchGroups) = [(1, 1), (2, 1), (1, 2)][pick(0...2)]
  let features = pick(1...3)
  let specs = (0..<3).map { _ in Array(0..<4).shuffled(using: &random) }
  let canonical = (
    lhs: [pick(1...2) * batchGroups, features * groups, pick(2...6), pick(1...5)],
    rhs: [pick(1...3) * groups * batchGroups, features, pick(1...3), pick(1...3)]
  )
  func laidOut(_ extents: [Int], _ spec: [Int]) -> [Int] {
    var shape = extents
    for (position, axis) in spec.enumerated() { shape[axis] = extents[position] }
    return shape
  }
  let convolution = Convolution(
    windowStrides: [pick(1...3), pick(1...2)],
    padding: [EdgePadding(pick(-1...2), pick(0...2)), EdgePadding(pick(0...2), pick(0...1))],
    lhsDilation: [pick(1...2), pick(1...3)], rhsDilation: [pick(1...2), pick(1...2)],
    dimensionNumbers: ConvDimensionNumbers(
      lhsSpec: specs[0], rhsSpec: specs[1], outSpec: specs[2]),
    featureGroupCount: groups, batchGroupCount: batchGroups)
  return BackendSample(
    .convGeneralDilated(convolution),
    [
      ShapedArray(dtype, laidOut(canonical.lhs, specs[0])),
      ShapedArray(dtype, laidOut(canonical.rhs, specs[1])),
    ])
}

private func randomWindow(_ random: inout SeededGenerator, isDilated: Bool) -> (Window, [Int]) {
  func pick(_ range: ClosedRange<Int>) -> [Int] {
    (0..<3).map { _ in Int.random(in: range, using: &random) }
  }
  let (low, high) = (pick(-1...1), pick(0...2))
  let window = Window(
    pick(1...3), strides: pick(1...2), padding: zip(low, high).map { EdgePadding($0, $1) },
    baseDilation: isDilated ? pick(1...2) : nil, windowDilation: isDilated ? pick(1...2) : nil)
  return (window, pick(1...5))
}

private func sample(
  _ primitive: Primitive, _ ins: [ShapedArray], _ random: inout SeededGenerator
) throws -> (sample: BackendSample, ours: Buffer, reference: Buffer, inputs: [Buffer]) {
  let sample = BackendSample(primitive, ins)
  let inputs = ins.map { ordinaryBuffer($0, &random) }
  return (
    sample, try backend.evaluate(primitive, inputs)[0],
    try ReferenceBackend().evaluate(primitive, inputs)[0], inputs
  )
}

/// gamma_n as BackendSums states it; short decimals neither over- nor underflow.
private func expectWithin(
  _ n: Int, _ primitive: Primitive, _ ours: Buffer, _ inputs: [Buffer], _ note: String
) throws {
  let u = DoubleDouble(ours.aval.dtype == .f32 ? 0x1p-24 : 0x1p-53)
  let nu = DoubleDouble(max(n, 0)) * u
  func exact(_ buffers: [Buffer]) throws -> [DoubleDouble] {
    try ReferenceInterpreter<DoubleDouble>.evaluate(
      primitive, buffers.map { ReferenceValue($0) }
    )[0].exact
  }
  let (truth, scale) = try (
    exact(inputs), exact(inputs.map { try ReferenceBackend().evaluate(.unary(.abs), [$0])[0] })
  )
  #expect(ours.storage.count == truth.count, "\(note)")
  for (i, value) in ours.storage.exact.enumerated() {
    #expect((value - truth[i]).magnitude <= nu / (1 - nu) * scale[i], "\(note), element \(i)")
  }
}

@Suite struct BackendWindows {
  @Test(arguments: [DType.f32, .f64])
  func `a convolution of any layout errs by at most gamma of K`(dtype: DType) throws {
    var compared = 0
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let drawn = randomConv(dtype, &random)
      guard case .convGeneralDilated(let c) = drawn.primitive,
        (try? typingRule(drawn.primitive, drawn.ins)) != nil
      else { continue }
      let (sample, ours, _, inputs) = try sample(drawn.primitive, drawn.ins, &random)
      #expect(try [ours.aval] == typingRule(sample.primitive, sample.ins))
      let terms =
        c.dimensionNumbers.rhsSpec.dropFirst().reduce(1) { $0 * drawn.ins[1].shape[$1] }
      try expectWithin(terms, sample.primitive, ours, inputs, "\(sample), seed \(seed)")
      compared += ours.storage.count
    }
    #expect(compared > 1000)
  }

  @Test(arguments: DType.allCases)
  func `windows are reduced as by the reference`(dtype: DType) throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let (window, shape) = randomWindow(&random, isDilated: true)
      for op in WindowReduction.allCases where dtype != .bool || op != .sum {
        let (sample, ours, reference, inputs) = try sample(
          .reduceWindow(op, window), [ShapedArray(dtype, shape)], &random)
        if op == .sum && dtype.isInexact {
          let terms = window.dimensions.reduce(1, *) - 1
          try expectWithin(terms, sample.primitive, ours, inputs, "\(sample), seed \(seed)")
        } else {
          #expect(
            ours.storage.isBitwiseEqual(to: reference.storage), "\(sample), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: [[5, 3, 150, 151], [1, 1, 900, 301], [700, 901]])
  func `the number of threads changes no bit of windows`(shape: [Int]) throws {
    let leading = [Int](repeating: 1, count: shape.count - 2)
    let ones = [Int](repeating: 1, count: shape.count)
    let jaxpr = try makeJaxpr { x in
      try [leading + [3, 2], leading + [1, 3], leading + [4, 1]].map { extents in
        let window = Window(
          extents, strides: ones, padding: ones.map { _ in EdgePadding(1, 0) })
        return try bind(.reduceWindow(.sum, window), x)[0]
      }
    }([ShapedArray(.f32, shape)])
    var random = SeededGenerator(seed: 18)
    let input = ordinaryBuffer(ShapedArray(.f32, shape), &random)
    let alone = try backend.compile(jaxpr).run([input])
    for threads in [2, 3] {
      let shared = try OpenBLASBackend(threads: threads).compile(jaxpr).run([input])
      for (a, b) in zip(alone, shared) { #expect(a.storage.isBitwiseEqual(to: b.storage)) }
    }
  }

  @Test(arguments: [DType.f32, .f64], Selection.allCases)
  func `selections give the reference's bits, ties, NaN and infinities too`(
    dtype: DType, selection: Selection
  ) throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let (dilated, shape) = randomWindow(&random, isDilated: true)
      let (plain, extents) = randomWindow(&random, isDilated: false)
      let places = try typingRule(.reduceWindow(.sum, plain), [ShapedArray(dtype, extents)])[0]
      let equations: [(Primitive, [Int], [Int])] = [
        (.selectAndGatherAdd(selection, dilated), shape, shape),
        (.selectAndScatterAdd(selection, plain), places.shape, extents),
      ]
      for (primitive, values, operand) in equations {
        let inputs = [
          ordinaryBuffer(ShapedArray(dtype, values), &random),
          specialBuffer(ShapedArray(dtype, operand), &random),
        ]
        let ours = try backend.evaluate(primitive, inputs)[0]
        let reference = try ReferenceBackend().evaluate(primitive, inputs)[0]
        #expect(
          ours.shape == reference.shape && ours.storage.isBitwiseEqual(to: reference.storage),
          "\(primitive) of \(inputs), seed \(seed)")
      }
    }
  }

  @Test func `a window of more taps than places is multiplied feature by feature`() throws {
    // The gradient of a kernel of 3: batch and features change places, the window is the cotangent.
    let exchanged = ConvDimensionNumbers(
      lhsSpec: [1, 0, 2], rhsSpec: [1, 0, 2], outSpec: [1, 0, 2])
    let primitive = Primitive.convGeneralDilated(
      Convolution(
        windowStrides: [1], padding: [EdgePadding(1, 1)], lhsDilation: [1], rhsDilation: [1],
        dimensionNumbers: exchanged))
    let avals = [ShapedArray(.f32, [4, 2, 9]), ShapedArray(.f32, [4, 2, 9])]
    let plan = try backend.plan(makeJaxpr { try bind(primitive, $0) }(avals))
    #expect(plan.description.contains("im2col sgemm(N, T) m=2 n=6 k=9 features=4"))
    var random = SeededGenerator(seed: 17)
    let (_, ours, _, inputs) = try sample(primitive, avals, &random)
    try expectWithin(4 * 9, primitive, ours, inputs, "seed 17")
  }

  @Test func `a plan names the matrices of a convolution`() throws {
    let avals = [ShapedArray(.f32, [2, 4, 7]), ShapedArray(.f32, [6, 2, 3])]
    let plan = try backend.plan(
      makeJaxpr { x in
        [
          try convGeneralDilated(
            x[0], x[1], windowStrides: [2], padding: .valid, featureGroupCount: 2)
        ]
      }(avals))
    #expect(
      plan.description
        == "conv_general_dilated f32[2,4,7] f32[6,2,3] → im2col sgemm(N, N) m=3 n=3 k=6 batch=2 "
        + "groups=2")
  }
}
