// Law: whatever its layout, strides, dilations, padding and groups, a convolution meets the elements that
// the reference's meets.
//
// Operands are small whole numbers, so every sum is exact in any order and the results must be the
// reference's bit for bit. Extents reach over each size of a tile: 1 to 13 rows, columns from less than a
// vector to several tiles with a remainder.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

/// A convolution and the extents of its operands as (batch, feature, space) and (out, in, window).
private struct Drawn {
  var lhs: [Int]
  var rhs: [Int]
  var strides: [Int]
  var padding: [EdgePadding]
  var holes: [Int]
  var dilation: [Int]
  var groups = (feature: 1, batch: 1)

  /// With the axes of operands and result in random orders, or nil if the window has no place.
  func sample(_ dtype: DType, _ random: inout SeededGenerator) -> BackendSample? {
    let specs = (0..<3).map { _ in Array(lhs.indices).shuffled(using: &random) }
    func laidOut(_ extents: [Int], _ spec: [Int]) -> [Int] {
      var shape = extents
      for (position, axis) in spec.enumerated() { shape[axis] = extents[position] }
      return shape
    }
    let convolution = Convolution(
      windowStrides: strides, padding: padding, lhsDilation: holes, rhsDilation: dilation,
      dimensionNumbers: ConvDimensionNumbers(
        lhsSpec: specs[0], rhsSpec: specs[1], outSpec: specs[2]),
      featureGroupCount: groups.feature, batchGroupCount: groups.batch)
    let sample = BackendSample(
      .convGeneralDilated(convolution),
      [
        ShapedArray(dtype, laidOut(lhs, specs[0])), ShapedArray(dtype, laidOut(rhs, specs[1])),
      ])
    guard let out = try? typingRule(sample.primitive, sample.ins)[0], out.size > 0 else {
      return nil
    }
    return sample
  }
}

private func pick(_ range: ClosedRange<Int>, _ random: inout SeededGenerator) -> Int {
  Int.random(in: range, using: &random)
}

/// Many places, few taps.
private func wide(_ random: inout SeededGenerator) -> Drawn {
  let groups = [(1, 1), (2, 1), (1, 2)][pick(0...2, &random)]
  let (features, outputs) = (pick(1...3, &random), pick(1...13, &random))
  let isLine = pick(0...1, &random) == 0
  let longest = isLine ? 160 : 20
  let axes = isLine ? 1 : 2
  func each(_ range: ClosedRange<Int>) -> [Int] { (0..<axes).map { _ in pick(range, &random) } }
  return Drawn(
    lhs: [pick(1...2, &random) * groups.1, features * groups.0] + each(4...longest),
    rhs: [outputs * groups.0 * groups.1, features] + each(1...4), strides: each(1...3),
    padding: each(0...3).map { EdgePadding($0 - 1, 2 - $0) }, holes: each(1...2),
    dilation: each(1...3), groups: groups)
}

/// Few places, a window as large as the space.
private func deep(_ random: inout SeededGenerator) -> Drawn {
  let isLine = pick(0...1, &random) == 0
  let axes = isLine ? 1 : 2
  func each(_ range: ClosedRange<Int>) -> [Int] { (0..<axes).map { _ in pick(range, &random) } }
  let (features, window) = (pick(1...3, &random), each(isLine ? 9...40 : 4...7))
  let (dilation, holes) = (each(1...2), each(1...2))
  let slack = each(0...4)
  let space = window.indices.map {
    max(1, ((window[$0] - 1) * dilation[$0] + slack[$0]) / holes[$0])
  }
  return Drawn(
    lhs: [pick(1...40, &random), features] + space,
    rhs: [pick(1...13, &random), features] + window, strides: each(1...3),
    padding: each(0...2).map { EdgePadding($0, 2 - $0) }, holes: holes, dilation: dilation)
}

/// Whole numbers whose sums of a few hundred products are exact.
private func wholeNumbers(_ aval: ShapedArray, _ random: inout SeededGenerator) -> Buffer {
  let values = (0..<aval.size).map { _ in pick(-9...9, &random) }
  return Buffer(
    shape: aval.shape,
    aval.dtype == .f32 ? .f32(values.map(Float.init)) : .f64(values.map(Double.init)))
}

@Suite struct BackendConvolutions {
  private static let floats = [DType.f32, .f64]

  /// How many of the plans of `samples` have `name`, after each gave the reference's bits.
  private func compare(
    _ dtype: DType, _ name: String, _ drawn: (inout SeededGenerator) -> Drawn
  ) throws -> Int {
    var found = 0
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      guard let sample = drawn(&random).sample(dtype, &random) else { continue }
      let inputs = sample.ins.map { wholeNumbers($0, &random) }
      let ours = try backend.evaluate(sample.primitive, inputs)[0]
      let reference = try ReferenceBackend().evaluate(sample.primitive, inputs)[0]
      #expect(
        ours.shape == reference.shape && ours.storage.isBitwiseEqual(to: reference.storage),
        "\(sample), seed \(seed)")
      let plan = try backend.plan(makeJaxpr { try bind(sample.primitive, $0) }(sample.ins))
      if plan.description.contains(name) { found += 1 }
    }
    return found
  }

  @Test(arguments: floats)
  func `windows at many places meet what the reference's meet`(dtype: DType) throws {
    let count = try compare(dtype, "→ windows m=", wide)
    #expect(count > 150, "\(count)")
  }

  @Test(arguments: floats)
  func `windows of many taps meet what the reference's meet`(dtype: DType) throws {
    let count = try compare(dtype, "→ windows m=", deep)
    #expect(count > 150, "\(count)")
  }

  /// Together the padded features exceed what is held at once: they are taken in several turns.
  @Test func `the gradient of a kernel is the same whatever is held at once`() throws {
    let (members, features, length) = (64, 18, 1100)
    let exchanged = ConvDimensionNumbers(
      lhsSpec: [1, 0, 2], rhsSpec: [1, 0, 2], outSpec: [1, 0, 2])
    let primitive = Primitive.convGeneralDilated(
      Convolution(
        windowStrides: [1], padding: [EdgePadding(1, 0)], lhsDilation: [1], rhsDilation: [1],
        dimensionNumbers: exchanged))
    let avals = [
      ShapedArray(.f32, [features, members, length]), ShapedArray(.f32, [features, 1, length]),
    ]
    var random = SeededGenerator(seed: 71)
    let inputs = avals.map { wholeNumbers($0, &random) }
    let ours = try backend.evaluate(primitive, inputs)[0]
    let reference = try ReferenceBackend().evaluate(primitive, inputs)[0]
    #expect(
      ours.shape == reference.shape && ours.storage.isBitwiseEqual(to: reference.storage),
      "seed 71")
  }

  /// A network of two layers: each gradient is a convolution with holes, dilation or exchanged axes.
  @Test func `the number of threads changes no bit of a convolution or its gradients`() throws {
    for (batch, strides) in [(1, [1, 1]), (3, [2, 1]), (5, [1, 2])] {
      let shapes = [[batch, 3, 40, 37], [14, 3, 3, 3], [10, 14, 3, 2]]
      let jaxpr = try makeJaxpr { x in
        let loss: ([Tensor]) throws -> [Tensor] = { x in
          let y = try conv(x[0], x[1], windowStrides: strides, padding: .same)
          return [try conv(tanh(y), x[2], windowStrides: [1, 1], padding: .valid)]
        }
        let (out, pullback) = try vjp(loss, x)
        return try out + pullback([out[0]])
      }(shapes.map { ShapedArray(.f32, $0) })
      var random = SeededGenerator(seed: 70)
      let inputs = shapes.map { ordinaryBuffer(ShapedArray(.f32, $0), &random) }
      let alone = try backend.compile(jaxpr).run(inputs)
      for threads in [2, 3] {
        let shared = try OpenBLASBackend(threads: threads).compile(jaxpr).run(inputs)
        for (a, b) in zip(alone, shared) {
          #expect(a.storage.isBitwiseEqual(to: b.storage), "\(batch) members, \(threads) threads")
        }
      }
    }
  }
}
