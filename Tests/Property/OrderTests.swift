// Laws of cumulative reductions, sorts and sections, and of derivatives through several results.

import Catalogue
import Core
import Testing

@Suite struct OrderTests {
  private static func drawn(_ shape: [Int], _ dtype: DType, seed: UInt64) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return Tensor(ordinaryBuffer(ShapedArray(dtype, shape), &random))
  }

  private func expectSame(_ x: Tensor, _ y: Tensor, _ what: String) throws {
    let (x, y) = try (x.buffer, y.buffer)
    #expect(x.aval == y.aval && x.storage.isBitwiseEqual(to: y.storage), "\(what): \(x), not \(y)")
  }

  @Test(arguments: Cumulative.allCases, 1...3 as ClosedRange<UInt64>)
  func `from the end is from the start of the reversed operand`(
    op: Cumulative, seed: UInt64
  ) throws {
    let x = Self.drawn([3, 5], .f32, seed: seed)
    let backward = try bind1(.cumulative(op, axis: 1, reverse: true), [x])
    let mirrored = try rev(bind1(.cumulative(op, axis: 1, reverse: false), [rev(x, [1])]), [1])
    try expectSame(backward, mirrored, "cum\(op), seed \(seed)")
  }

  @Test(arguments: [DType.f32, .f64, .i32, .u32], 1...3 as ClosedRange<UInt64>)
  func `the last partial result is the reduction`(dtype: DType, seed: UInt64) throws {
    let x = Self.drawn([4, 3], dtype, seed: seed)
    let pairs: [(Cumulative, Reduction)] = [
      (.sum, .sum), (.prod, .prod), (.max, .max), (.min, .min),
    ]
    for (op, reduction) in pairs {
      let running = try bind1(.cumulative(op, axis: 0, reverse: false), [x])
      let last = try squeeze(slice(running, axis: 0, from: 3, to: 4), [0])
      try expectSame(last, bind1(.reduce(reduction, axes: [0]), [x]), "\(op), seed \(seed)")
    }
  }

  @Test(arguments: [DType.f32, .i32, .bool], 1...5 as ClosedRange<UInt64>)
  func `sections side by side are the operand`(dtype: DType, seed: UInt64) throws {
    let x = Self.drawn([2, 7], dtype, seed: seed)
    try expectSame(concatenate(split(x, [2, 0, 5], axis: 1), axis: 1), x, "seed \(seed)")
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `sorting by a permutation's inverse undoes it`(seed: UInt64) throws {
    let x = Self.drawn([3, 6], .f32, seed: seed)
    let permutation = try argsort(x)
    try expectSame(sort([permutation, sort(x)])[1], x, "seed \(seed)")
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `the largest are the end of the sorted, and equals keep their order`(seed: UInt64) throws {
    let x = Self.drawn([3, 9], .i32, seed: seed)
    let (values, indices) = try topK(x, 4)
    let sorted = try rev(slice(sort(x), axis: 1, from: 5, to: 9), [1])
    try expectSame(values, sorted, "seed \(seed)")
    let negated = try slice(argsort(-x), axis: 1, from: 0, to: 4)
    try expectSame(indices, negated, "seed \(seed)")
  }

  @Test func `a result that nothing reads sends nothing back`() throws {
    let x = Tensor([1, 2, 3, 4, 5], .f64)
    let gradient = try grad { try sum(square(split($0, [2, 1, 2])[1])) }(x)
    #expect(try gradient.buffer.storage.exact == [0, 0, 6, 0, 0])
    let payload = try grad { try sum(sort([Tensor([3, 1, 2, 5, 4], .f64), $0])[1] * x) }(x)
    #expect(try payload.buffer.storage.exact == [3, 1, 2, 5, 4])
  }

  @Test func `sorts and cumulative reductions are differentiated under vmap`() throws {
    let x = Self.drawn([3, 4], .f64, seed: 8)
    let weights = Tensor([1, 10, 100, 1000], .f64)
    for f in [
      { (x: Tensor) in try sum(sort(x) * weights) }, { try sum(cummax($0) * weights) },
      { try sum(topK($0, 4).values * weights) }, { try sum(cumprod($0) * weights) },
    ] {
      let mapped = try vmap { try grad(f)($0) }(x)
      let rows = try (0..<3).map { i in
        try grad(f)(squeeze(slice(x, axis: 0, from: i, to: i + 1), [0]))
      }
      try expectSame(mapped, stack(rows), "vmap of grad")
    }
  }

  @Test func `several results and parameters print as JAX prints them`() throws {
    let x = ShapedArray(.f64, [4])
    func lines(_ p: Primitive) throws -> String {
      try makeJaxpr { try bind(p, $0) }([x]).description
    }
    #expect(
      try lines(.sort(dimension: 0, numKeys: 1)).contains(
        "b:f64[4] = sort[dimension=0 is_stable=True num_keys=1] a"))
    #expect(try lines(.topK(2, axis: 0)).contains("b:f64[2] c:i32[2] = top_k[axis=0 k=2] a"))
    #expect(
      try lines(.split(sizes: [1, 3], axis: 0)).contains(
        "b:f64[1] c:f64[3] = split[axis=0 sizes=(1, 3)] a"))
    #expect(
      try lines(.cumulative(.sum, axis: 0, reverse: true)).contains(
        "b:f64[4] = cumsum[axis=0 reverse=True] a"))
  }
}
