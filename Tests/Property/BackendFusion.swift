// Laws of fused loops and of threads: what runs together, or in parts, gives the bits of what runs one
// equation at a time; elementwise neighbours share a loop; a broadcast is read, not copied.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

private func plan(_ shapes: [[Int]], _ f: @escaping ([Tensor]) throws -> [Tensor]) throws -> Plan {
  try backend.plan(makeJaxpr(f)(shapes.map { ShapedArray(.f32, $0) }))
}

private func inputs(_ shapes: [[Int]], seed: UInt64) -> [Buffer] {
  var random = SeededGenerator(seed: seed)
  return shapes.map { ordinaryBuffer(ShapedArray(.f32, $0), &random) }
}

private func expectSame(_ one: [Buffer], _ other: [Buffer], _ note: String = "") {
  #expect(one.count == other.count)
  for (x, y) in zip(one, other) {
    #expect(x.aval == y.aval && x.storage.isBitwiseEqual(to: y.storage), "\(note)")
  }
}

@Suite struct BackendFusion {
  /// The trace runs equation by equation, which is what the audit judges.
  @Test(arguments: SampleArgument.all)
  func `a fused run gives the bits of the traced run, derivatives included`(
    _ argument: SampleArgument
  ) throws {
    for jaxpr in try argument.sample.jaxprs() {
      var random = SeededGenerator(seed: 60)
      let operands = argument.sample.inputs(seed: 60)
      let rest = jaxpr.inAvals.dropFirst(operands.count).map { ordinaryBuffer($0, &random) }
      let plan = try backend.plan(jaxpr)
      let outputs = try plan.run(operands + rest)
      expectSame(outputs, try plan.trace(operands + rest).outputs, "\(plan)")
      let shared = try OpenBLASBackend(threads: 2).plan(jaxpr).run(operands + rest)
      expectSame(outputs, shared, "two threads, \(plan)")
    }
  }

  @Test func `neighbours over as many indices share a loop, whatever is broadcast to them`() throws
  {
    let shapes = [[5, 3], [3], [5], []]
    let plan = try plan(shapes) { x in
      let row = try broadcastInDim(x[1], shape: [5, 3], dims: [1])
      let column = try broadcastInDim(x[2], shape: [5, 3], dims: [0])
      return [try exp(tanh(x[0] * row + column) - x[3]) * reshape(x[0], [5, 3])]
    }
    #expect(plan.description == "mul, add, tanh, sub, exp, mul → elementwise, fused")
    let inputs = inputs(shapes, seed: 61)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test func `a broadcast that a product needs is written once, and read where it is small`() throws
  {
    let shapes = [[3], [4, 3], [3, 2]]
    let plan = try plan(shapes) { x in
      let rows = try broadcastInDim(x[0], shape: [4, 3], dims: [1])
      return [try matmul(rows, x[2]), try rows * x[1]]
    }
    #expect(
      plan.description == """
        broadcast_in_dim f32[3] → movement broadcast_in_dim
        dot_general f32[4,3] f32[3,2] → sgemm(N, N) m=4 n=2 k=3 batch=1
        mul f32[4,3] f32[4,3] → elementwise
        """)
    let inputs = inputs(shapes, seed: 62)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test func `what is computed from values spread alike is computed where it is small`() throws {
    let shapes = [[64, 48], [48], [64], []]
    let plan = try plan(shapes) { x in
      let row = try broadcastInDim(x[1], shape: [64, 48], dims: [1])
      let column = try broadcastInDim(x[2], shape: [64, 48], dims: [0])
      let all = try broadcastInDim(x[3], shape: [64, 48], dims: [])
      return [try x[0] * exp(row * all) + tanh(column) / (tanh(column) - sin(all))]
    }
    #expect(
      plan.description == """
        mul, exp → elementwise, fused
        sin f32[64,48] → elementwise
        tanh, tanh, sub, div → elementwise, fused
        mul, add → elementwise, fused
        """)
    let inputs = inputs(shapes, seed: 66)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test func `what is needed as a whole is not computed where it is small`() throws {
    let shapes = [[48], [48, 5]]
    let plan = try plan(shapes) { x in
      let row = try broadcastInDim(x[0], shape: [64, 48], dims: [1])
      let (e, s, t) = try (exp(row), sin(row), tanh(row))
      return [e, try matmul(s, x[1]), try sum(t, axes: [0]), try cumsum(cos(row), axis: 0)]
    }
    let inputs = inputs(shapes, seed: 67)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test(arguments: [[0, 4], [4, 0]])
  func `a loop over no indices may read what is broadcast to them`(_ shape: [Int]) throws {
    let shapes = [shape, [shape[0]], [shape[1]]]
    let plan = try plan(shapes) { x in
      let column = try broadcastInDim(x[1], shape: shape, dims: [0])
      return [try x[0] * column + exp(broadcastInDim(x[2], shape: shape, dims: [1]))]
    }
    let inputs = inputs(shapes, seed: 68)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test func `a loop never waits for what waits for it`() throws {
    let shapes = [[6, 4]]
    let plan = try plan(shapes) { x in
      let e = try exp(x[0])
      let total = try sum(e, axes: [1], keepDims: true)
      return [try e / broadcast(total, to: [6, 4]) + e]
    }
    #expect(
      plan.description == """
        exp f32[6,4] → elementwise
        reduce_sum f32[6,4] → reduction [6, 4, 1]
        div, add → elementwise, fused
        """)
    let inputs = inputs(shapes, seed: 63)
    expectSame(try plan.run(inputs), try plan.trace(inputs).outputs)
  }

  @Test func `what nobody reads does not run, but is traced`() throws {
    let plan = try plan([[3]]) { x in
      _ = try cumsum(x[0])
      return [try sin(x[0])]
    }
    #expect(plan.description == "sin f32[3] → elementwise" && plan.steps.count == 2)
    #expect(try plan.trace(inputs([[3]], seed: 64)).results.count == 2)
  }

  /// Sizes beyond the least work of a thread, with tiles and pieces that do not divide them.
  @Test(arguments: [[1, 300_007, 1], [517, 1031, 3], [1030, 259, 301], [300, 257, 129]])
  func `the number of threads changes no bit`(_ sizes: [Int]) throws {
    let shapes = [[sizes[0], sizes[1]], [sizes[1], sizes[2]], [sizes[1]]]
    let jaxpr = try makeJaxpr { x in
      let y = try tanh(x[0] * broadcastInDim(x[2], shape: x[0].shape, dims: [1])) * x[0] - 1.0
      return [
        y, try matmul(y, x[1]), try matmul(transpose(x[1]), transpose(y)), try sum(y),
        try sum(y, axes: [0]), try sum(y, axes: [1]),
      ]
    }(shapes.map { ShapedArray(.f32, $0) })
    let inputs = inputs(shapes, seed: 65)
    let alone = try backend.compile(jaxpr).run(inputs)
    for threads in [2, 3] {
      expectSame(alone, try OpenBLASBackend(threads: threads).compile(jaxpr).run(inputs))
    }
    expectSame(alone, try backend.compile(jaxpr).trace(inputs).outputs)
  }
}
