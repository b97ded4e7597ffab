// Laws of drawing: a key is a value, so that mapping, compiling and differentiating around a draw
// change nothing; a draw keeps to its range; a shuffle keeps what it shuffles.

import Catalogue
import Core
import OpenBLASBackend
import Random
import TestSupport
import Testing

/// A sampler under a name.
struct Sampler: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let draw: @Sendable (Key) throws -> Tensor

  init(_ name: String, _ draw: @escaping @Sendable (Key) throws -> Tensor) {
    (testDescription, self.draw) = (name, draw)
  }

  static let all: [Sampler] = floating(.f32) + floating(.f64) + others

  private static func floating(_ t: DType) -> [Sampler] {
    [
      Sampler("uniform \(t)") { try $0.uniform([3, 2], t, from: -0.3, to: 0.8) },
      Sampler("normal \(t)") { try $0.normal([3, 2], t) },
      Sampler("truncatedNormal \(t)") { try $0.truncatedNormal([5], t, from: -1, to: 2) },
      Sampler("exponential \(t)") { try $0.exponential([5], t) },
      Sampler("gumbel \(t)") { try $0.gumbel([5], t) },
      Sampler("laplace \(t)") { try $0.laplace([5], t) },
      Sampler("logistic \(t)") { try $0.logistic([5], t) },
      Sampler("cauchy \(t)") { try $0.cauchy([5], t) },
      Sampler("maxwell \(t)") { try $0.maxwell([5], t) },
      Sampler("bernoulli \(t)") { try $0.bernoulli(0.4, [9], dtype: t) },
      Sampler("categorical \(t)") { try $0.categorical(Tensor([[1, 2, 3], [0, 0, 0]], t)) },
    ]
  }

  private static let others: [Sampler] = [
    Sampler("bits") { try $0.bits([2, 3]) },
    Sampler("scalar bits") { try $0.bits() },
    Sampler("split") { try $0.keys([3]) },
    Sampler("foldIn") { try $0.foldIn(7).data },
    Sampler("second key") { try $0.split().1.data },
    Sampler("randint") { try $0.randint([7], from: -3, to: 70000) },
    Sampler("randint x64") { try $0.randint([7], from: -3, to: 70000, x64: true) },
    Sampler("permutation") { try $0.permutation(9) },
    Sampler("long permutation") { try $0.permutation(1700) },
    Sampler("permutation of columns") {
      try $0.permutation(of: Tensor([[1, 2, 3], [4, 5, 6]]), axis: 1)
    },
    Sampler("choice") { try $0.choice(5, [2, 3]) },
    Sampler("choice without replacement") { try $0.choice(5, [4], replace: false) },
    Sampler("weighted choice") { try $0.choice(3, [9], p: Tensor([0.25, 0.5, 0.25])) },
  ]
}

@Suite struct RandomLawTests {
  private static let seed = SeededGenerator.testSeed
  /// Keys that differ in both words.
  private let keys: [Key] = (0..<3).map {
    Key(Int(truncatingIfNeeded: seed) &+ $0 << 33, x64: true)
  }

  @Test(arguments: Sampler.all)
  func `a compiled draw is the draw`(sampler: Sampler) throws {
    for backend in [ReferenceBackend(), OpenBLASBackend()] as [any Backend] {
      try withBackend(backend) {
        let compiled = jit { try sampler.draw(Key(data: $0)) }
        for key in keys {
          let (one, other) = try (sampler.draw(key), compiled(key.data))
          let isEqual = try one.storage.isBitwiseEqual(to: other.storage)
          #expect(isEqual, "\(backend.name), key \(key.data), seed \(Self.seed)")
        }
      }
    }
  }

  @Test(arguments: Sampler.all)
  func `a draw mapped over keys is the draw of each`(sampler: Sampler) throws {
    let mapped = try vmap { try sampler.draw(Key(data: $0)) }(stack(keys.map(\.data)))
    let each = try stack(keys.map(sampler.draw))
    let isEqual = try mapped.storage.isBitwiseEqual(to: each.storage)
    #expect(isEqual, "seed \(Self.seed)")
  }

  @Test func `a draw inside a differentiated function is a constant`() throws {
    let key = keys[0]
    let x = Tensor([1, -2, 3, 0.5])
    let gradient = try grad { x in try sum(x * key.normal([4])) }(x)
    let isEqual = try gradient.storage.isBitwiseEqual(to: key.normal([4]).storage)
    #expect(isEqual, "seed \(Self.seed)")
    // A key made of differentiated numbers would have no tangent; here the seed is a tensor.
    let seeded = try grad { x in try sum(x * Key(seed: Tensor(3, .i32)).uniform([4])) }(x)
    #expect(try seeded.storage.isBitwiseEqual(to: Key(3).uniform([4]).storage))
  }

  @Test func `limits have derivatives: from weighs 1 − f, to weighs f`() throws {
    let key = keys[1]
    let unit = try key.uniform([5], .f64)
    for rounding in [UniformRounding.fused, .separate] {
      let drawn = { (ends: [Tensor]) in
        try sum(key.uniform([5], from: ends[0], to: ends[1], rounding: rounding))
      }
      let slopes = try grad(drawn)([full([5], -1, .f64), full([5], 2, .f64)])
      for (i, f) in try unit.scalars.enumerated() {
        // One rounding of a number below 1 in each derivative.
        #expect(try abs(slopes[1].scalars[i] - f) <= 0x1p-53, "seed \(Self.seed)")
        #expect(try abs(slopes[0].scalars[i] - (1 - f)) <= 0x1p-52, "seed \(Self.seed)")
      }
    }
  }

  @Test func `RN-04 a longer draw begins with the shorter`() throws {
    let key = keys[2]
    let draws: [(Int) throws -> Tensor] = [
      { try key.uniform([$0]) }, { try key.uniform([$0], .f64) }, { try key.normal([$0]) },
      { try key.randint([$0], from: 0, to: 1000) }, { try key.bernoulli(0.5, [$0]) },
      { try key.choice(17, [$0]) },
    ]
    for draw in draws {
      let (short, long) = try (draw(5).scalars, draw(40).scalars)
      #expect(short == Array(long.prefix(5)), "seed \(Self.seed)")
    }
  }

  @Test func `draws keep to their range`() throws {
    let key = keys[0]
    for dtype in [DType.f32, .f64] {
      #expect(try key.uniform([500], dtype).scalars.allSatisfy { 0 <= $0 && $0 < 1 })
      let truncated = try key.truncatedNormal([500], dtype, from: -0.5, to: 0.25).scalars
      #expect(truncated.allSatisfy { -0.5 < $0 && $0 < 0.25 })
      #expect(try key.gumbel([500], dtype).scalars.allSatisfy(\.isFinite))
    }
    #expect(try Set(key.randint([500], from: -2, to: 3).scalars) == [-2, -1, 0, 1, 2])
    #expect(try Set(key.randint([500], from: -2, to: 3, x64: true).scalars) == [-2, -1, 0, 1, 2])
    #expect(try Set(key.rademacher([100]).scalars) == [-1, 1])
    #expect(try key.bernoulli(0, [100]).scalars.allSatisfy { $0 == 0 })
    #expect(try key.bernoulli(1, [100]).scalars.allSatisfy { $0 == 1 })
    #expect(try key.choice(3, [200], p: Tensor([0.5, 0, 0.5])).scalars.allSatisfy { $0 != 1 })
  }

  @Test(arguments: [0, 1, 2, 31, 1625, 1626, 2000])
  func `RN-07 a permutation holds every number once`(count: Int) throws {
    let drawn = try keys[1].permutation(count).scalars
    #expect(drawn.sorted() == (0..<count).map { Double($0) })
    if count > 30 { #expect(drawn != drawn.sorted()) }
  }

  @Test func `RN-07 sections move whole, lines by themselves`() throws {
    let x = try reshape(arange(60), [5, 4, 3])
    for axis in 0..<3 {
      let sections = try keys[0].permutation(of: x, axis: axis)
      let order = try keys[0].permutation(x.shape[axis])
      let taken = try take(x, order, axis: axis)
      #expect(try sections.storage.isBitwiseEqual(to: taken.storage))
      let lines = try keys[0].permutation(of: x, axis: axis, independent: true)
      #expect(try sort(lines, axis: axis).storage.isBitwiseEqual(to: x.storage))
      #expect(try !lines.storage.isBitwiseEqual(to: sections.storage))
    }
  }

  @Test func `choices without replacement differ from each other`() throws {
    for p in [nil, Tensor([0.1, 0.2, 0.3, 0.15, 0.25])] {
      let drawn = try keys[2].choice(5, [5], replace: false, p: p).scalars
      #expect(drawn.sorted() == [0, 1, 2, 3, 4])
    }
    let orders = try keys[2].categorical(Tensor([0, 1, 2, 3]), shape: [4], replace: false).scalars
    #expect(orders.sorted() == [0, 1, 2, 3])
  }
}
