// Law: OpenBLASBackend computes with whole numbers and booleans bit for bit as the reference does,
// overflow, division by zero and shifts beyond the width included.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

/// The ends of the range, numbers around 0 and around the width, and bits in between.
private let corners: [UInt32] = [
  0, 1, 2, 3, 5, 31, 32, 33, 64, 0x5555_5555, 0x7FFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001,
  0xFFFF_FF00, 0xFFFF_FFDF, 0xFFFF_FFE0, 0xFFFF_FFFD, 0xFFFF_FFFE, 0xFFFF_FFFF,
]

private func storage(_ dtype: DType, _ words: [UInt32]) -> Storage {
  switch dtype {
  case .i32: .i32(words.map { Int32(bitPattern: $0) })
  case .u32: .u32(words)
  case .bool: .bool(words.map { $0 & 1 == 1 })
  case .f32: .f32(words.map { Float($0) })
  case .f64: .f64(words.map { Double($0) })
  }
}

private func randomBuffer(_ aval: ShapedArray, _ random: inout SeededGenerator) -> Buffer {
  let words = (0..<aval.size).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
  return Buffer(shape: aval.shape, storage(aval.dtype, words))
}

private func expectSameBits(_ primitive: Primitive, _ inputs: [Buffer], _ note: String) throws {
  let ours = try backend.evaluate(primitive, inputs)
  let expected = try ReferenceBackend().evaluate(primitive, inputs)
  #expect(ours.map(\.aval) == expected.map(\.aval), "\(primitive), \(note)")
  for (ours, expected) in zip(ours, expected) {
    #expect(
      ours.storage.isBitwiseEqual(to: expected.storage),
      "\(primitive) of \(inputs), \(note): \(ours.storage), not \(expected.storage)")
  }
}

@Suite struct BackendWholeNumbers {
  @Test(arguments: [DType.i32, .u32, .bool])
  func `every pair of corner values gives the reference's bits`(dtype: DType) throws {
    let pairs = corners.flatMap { x in corners.map { (x, $0) } }
    let (x, y) = (storage(dtype, pairs.map(\.0)), storage(dtype, pairs.map(\.1)))
    let z = storage(dtype, pairs.map { $0.0 &* 7 &+ $0.1 })
    let equations =
      Unary.allCases.map { (Primitive.unary($0), [x]) }
      + (0...9).map { (Primitive.integerPow($0), [x]) }
      + Binary.allCases.map { (Primitive.binary($0), [x, y]) }
      + Comparison.allCases.map { (Primitive.compare($0), [x, y]) } + [
        (Primitive.clamp, [x, y, z])
      ]
    var count = 0
    for (primitive, operands) in equations {
      let inputs = operands.map { Buffer(shape: [pairs.count], $0) }
      guard (try? typingRule(primitive, inputs.map(\.aval))) != nil else { continue }
      try expectSameBits(primitive, inputs, "corners")
      count += 1
    }
    // Booleans know copy, stop_gradient and not; max, min, and, or, xor. Only signed numbers know abs.
    let unary = dtype == .i32 ? 9 : 8
    #expect(count == (dtype == .bool ? 3 + 5 + 6 + 1 : unary + 10 + 14 + 6 + 1))
  }

  // As JAX 0.10.2's lax.clamp: false < true, and of crossed bounds the upper one wins.
  @Test func `clamp takes booleans, every three of them`() throws {
    let operands = [
      [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1],
    ]
    .map { Tensor($0, .bool) }
    for backend in [ReferenceBackend(), backend] as [any Backend] {
      try withBackend(backend) {
        let clamped = try clamp(operands[0], operands[1], operands[2])
        #expect(try clamped.scalars == [0, 0, 0, 1, 0, 1, 0, 1], "\(backend.name)")
      }
    }
  }

  @Test(arguments: sampleShapes, [DType.i32, .u32, .bool])
  func `reductions give the reference's bits`(shape: [Int], dtype: DType) throws {
    var random = SeededGenerator(seed: 30)
    for op in Reduction.allCases {
      for sample in reductionSamples(op, shape, dtype)
      where (try? typingRule(sample.primitive, sample.ins)) != nil {
        try expectSameBits(
          sample.primitive, sample.ins.map { randomBuffer($0, &random) }, "seed 30")
      }
    }
  }

  @Test(arguments: [DType.i32, .u32])
  func `a dot_general of any layout gives the reference's bits`(dtype: DType) throws {
    for seed in 0..<400 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let sample = randomDot(dtype, &random)
      let inputs = sample.ins.map { randomBuffer($0, &random) }
      try expectSameBits(sample.primitive, inputs, "seed \(seed)")
    }
  }

  @Test(arguments: [DType.i32, .u32, .bool])
  func `a convolution of any layout gives the reference's bits`(dtype: DType) throws {
    var compared = 0
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let sample = randomConv(dtype, &random)
      guard let out = try? typingRule(sample.primitive, sample.ins) else { continue }
      try expectSameBits(
        sample.primitive, sample.ins.map { randomBuffer($0, &random) }, "seed \(seed)")
      compared += out[0].size
    }
    #expect(compared > 1000)
  }

  /// Lengths around the eight blocks that are computed together.
  @Test func `threefry gives the reference's words`() throws {
    var random = SeededGenerator(seed: 31)
    for shape in [[], [0], [1], [7], [8], [9], [3, 8], [5, 5]] {
      for mask in 0..<16 {
        let avals = (0..<4).map { ShapedArray(.u32, mask >> $0 & 1 == 1 ? shape : []) }
        try expectSameBits(
          .threefry2x32, avals.map { randomBuffer($0, &random) }, "seed 31, \(avals)")
      }
    }
  }
}
