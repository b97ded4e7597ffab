// The map of the unit interval to [from, to) rounds once, as one fused operation of the processor
// does: Swift's own `addingProduct` (IEEE 754 fusedMultiplyAdd) is the judge.

import Catalogue
import Core
import Random
import TestSupport
import Testing

/// Limits as sampled: ordinary ones, and ones whose sum f64 cannot hold.
struct LimitPair: Sendable, CustomTestStringConvertible {
  let from: Double
  let to: Double

  var testDescription: String { "\(from) ..< \(to)" }

  static let all: [LimitPair] = {
    var random = SeededGenerator(seed: SeededGenerator.testSeed, name: "limits", 0)
    let drawn = (0..<12).map { i in
      let (a, b) = (9 * random.entry(), 9 * random.entry())
      let scale = Double(
        sign: .plus, exponent: Int.random(in: -60...60, using: &random), significand: 1)
      return i % 2 == 0 ? LimitPair(from: a, to: b) : LimitPair(from: a * scale, to: b)
    }
    return drawn + [
      LimitPair(from: 1e9, to: 1e9 + 6400), LimitPair(from: 0x1p60, to: 0x1p60 + 0x1p40),
      LimitPair(from: 0x1p30, to: 0x1.000006p30), LimitPair(from: 1, to: 0x1.000004p0),
      LimitPair(from: 0x1p52, to: 0x1p52 + 3), LimitPair(from: -0x1p53, to: -0x1p53 + 0x1p30),
      LimitPair(from: 0.1, to: 0.1), LimitPair(from: 0, to: 0.3), LimitPair(from: -0.3, to: 0),
    ]
  }()
}

@Suite struct FusedRoundingTests {
  private let key = Key(Int(truncatingIfNeeded: SeededGenerator.testSeed), x64: true)

  @Test(arguments: LimitPair.all)
  func `RN-05 f32: one rounding or two, by name`(limits: LimitPair) throws {
    let unit = try key.uniform([4000]).scalars.map { Float($0) }
    let (low, span) = (Float(limits.from), Float(limits.to) - Float(limits.from))
    let fused = unit.map { Swift.max(low, low.addingProduct($0, span)) }
    let separate = unit.map { Swift.max(low, $0 * span + low) }
    try expectDraws(limits, .f32, fused: .f32(fused), separate: .f32(separate))
  }

  @Test(arguments: LimitPair.all)
  func `RN-05 f64: one rounding or two, by name`(limits: LimitPair) throws {
    let unit = try key.uniform([4000], .f64).scalars
    let (low, span) = (limits.from, limits.to - limits.from)
    let fused = unit.map { Swift.max(low, low.addingProduct($0, span)) }
    let separate = unit.map { Swift.max(low, $0 * span + low) }
    try expectDraws(limits, .f64, fused: .f64(fused), separate: .f64(separate))
  }

  private func expectDraws(
    _ limits: LimitPair, _ dtype: DType, fused: Storage, separate: Storage
  ) throws {
    let (from, to) = (Tensor(limits.from, dtype), Tensor(limits.to, dtype))
    for (rounding, expected) in [(UniformRounding.fused, fused), (.separate, separate)] {
      let numbers = try key.uniform(
        [4000], dtype, from: limits.from, to: limits.to, rounding: rounding)
      let tensors = try key.uniform([4000], from: from, to: to, rounding: rounding)
      for drawn in [numbers, tensors] {
        let count = zip(try drawn.storage.exact, expected.exact).count { $0 != $1 }
        #expect(count == 0, "\(rounding), seed \(SeededGenerator.testSeed)")
      }
    }
  }

  @Test func `one rounding and two differ somewhere`() throws {
    for dtype in [DType.f32, .f64] {
      let (one, two) = try (
        key.uniform([4000], dtype, from: -0.3, to: 0.8),
        key.uniform([4000], dtype, from: -0.3, to: 0.8, rounding: .separate)
      )
      #expect(try !one.storage.isBitwiseEqual(to: two.storage))
    }
  }
}
