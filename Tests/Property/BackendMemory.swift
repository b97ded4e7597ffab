// Laws of what a plan saves: two operations in one loop, values computed again instead of kept, results
// written over what nobody reads any more, products in pieces. None of it changes a bit.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

private func plan(_ avals: [ShapedArray], _ f: @escaping ([Tensor]) throws -> [Tensor]) throws
  -> Plan
{
  try backend.plan(makeJaxpr(f)(avals))
}

private func inputs(_ avals: [ShapedArray], seed: UInt64) -> [Buffer] {
  var random = SeededGenerator(seed: seed)
  return avals.map { ordinaryBuffer($0, &random) }
}

/// Whether a run gives the bits of the trace, which runs each operation by itself.
private func agrees(_ plan: Plan, _ inputs: [Buffer]) throws -> Bool {
  zip(try plan.run(inputs), try plan.trace(inputs).outputs).allSatisfy {
    $0.aval == $1.aval && $0.storage.isBitwiseEqual(to: $1.storage)
  }
}

private typealias Operation = @Sendable (Tensor, Tensor) throws -> Tensor

private let arithmetic: [(name: String, apply: Operation)] = [
  ("add", { try $0 + $1 }), ("sub", { try $0 - $1 }), ("mul", { try $0 * $1 }),
  ("div", { try $0 / $1 }),
]

@Suite struct BackendMemory {
  @Test(arguments: [DType.f32, .f64])
  func `two operations in one loop give the bits of two loops`(_ dtype: DType) throws {
    let avals = [ShapedArray](repeating: ShapedArray(dtype, [131]), count: 3)
    for (first, f) in arithmetic {
      for (second, g) in arithmetic {
        for isRight in [false, true] {
          let plan = try plan(avals) { x in
            let made = try f(x[0], x[1])
            return [try isRight ? g(x[2], made) : g(made, x[2])]
          }
          #expect(plan.description == "\(first), \(second) → elementwise, fused")
          #expect(
            try agrees(plan, inputs(avals, seed: 70)), "\(first), \(second), right \(isRight)")
        }
      }
    }
  }

  /// What two loops need of an addition is the array that it was made from.
  @Test func `a cheap value is computed again rather than kept`() throws {
    let avals = [ShapedArray(.f32, [300]), ShapedArray(.f32, [])]
    let plan = try plan(avals) { x in
      let shifted = try square(x[0] + broadcast(x[1], to: [300]))
      let total = try sum(exp(shifted))
      return [try shifted * broadcast(total, to: [300])]
    }
    var held: [Int] = []
    let inputs = inputs(avals, seed: 71)
    _ = try plan.run(inputs) { values in held.append(values.count { $0 != nil }) }
    // x and the shift, with the exponentials, then their sum; the squares are never an array.
    #expect(held == [3, 3, 1])
    #expect(try agrees(plan, inputs))
  }

  @Test func `expensive values, outputs and operands of products are one value to all readers`()
    throws
  {
    let avals = [ShapedArray(.f32, [20, 20])]
    let plan = try plan(avals) { x in
      let (root, twice) = (try tanh(x[0]), try x[0] + x[0])
      let total = try sum(root * twice)
      return [try root * total, twice, try matmul(x[0] * 3.0, x[0]) * total]
    }
    #expect(try agrees(plan, inputs(avals, seed: 72)))
  }

  /// An operand that another operation still has to read, or that a loop passes over twice, stays.
  @Test func `results are written over operands only when these are done`() throws {
    let avals = [ShapedArray](repeating: ShapedArray(.f32, [1000]), count: 4)
    let plan = try plan(avals) { x in
      let (a, b, low, high) = (
        try exp(x[0]), try exp(x[1]), try sin(x[2]), try sin(x[3]) + 2.0
      )
      let sums = try [a, b, low, high].map { try cumsum($0) }
      let first = try sums[0] + sums[1]
      let second = try clamp(sums[2], sums[0], sums[3])
      return [
        first, second, try sums[1] * first, try `where`(greater(sums[0], sums[1]), second, sums[3]),
      ]
    }
    for seed in UInt64(73)..<76 { #expect(try agrees(plan, inputs(avals, seed: seed))) }
  }

  /// Sums of whole numbers below 2²⁴ are exact in any order and in any pieces.
  @Test(arguments: [
    [1030, 64, 40], [40, 64, 1030], [70, 2500, 65], [130, 1100, 90], [300, 300, 300],
  ])
  func `a product in pieces is the product`(_ sizes: [Int]) throws {
    for dtype in [DType.f32, .f64, .i32] {
      let avals = [
        ShapedArray(dtype, [sizes[0], sizes[1]]), ShapedArray(dtype, [sizes[1], sizes[2]]),
      ]
      var random = SeededGenerator(seed: 77)
      let inputs = avals.map { aval in
        Buffer(
          shape: aval.shape,
          Storage(
            rounding: (0..<aval.size).map { _ in
              DoubleDouble(Double(Int.random(in: -8...8, using: &random)))
            }, to: dtype))
      }
      let jaxpr = try makeJaxpr { x in [try matmul(x[0], x[1])] }(avals)
      let expected = try ReferenceBackend().compile(jaxpr).run(inputs)[0]
      for threads in [1, 2, 5] {
        let found = try OpenBLASBackend(threads: threads).compile(jaxpr).run(inputs)[0]
        #expect(found.storage.isBitwiseEqual(to: expected.storage), "\(dtype), \(threads) threads")
      }
    }
  }

  @Test func `plans that run at the same time share the threads`() async throws {
    let avals = [ShapedArray(.f32, [300, 200])]
    let jaxpr = try makeJaxpr { x in
      var y = x[0]
      for _ in 0..<20 { y = try tanh(y) + matmul(matmul(y, transpose(y)), y) * 1e-4 }
      return [y]
    }(avals)
    let inputs = inputs(avals, seed: 78)
    let expected = try backend.compile(jaxpr).run(inputs)[0]
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          let plan = try OpenBLASBackend(threads: 2 + task % 3).compile(jaxpr)
          return try (0..<5).allSatisfy { _ in
            try plan.run(inputs)[0].storage.isBitwiseEqual(to: expected.storage)
          }
        }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }
}
