// Laws of the collectives: what each example receives, how they print, that other axes map through
// them, and that each is the transpose of its partner. The goldens hold their derivatives in JAX.

import Catalogue
import Core
import Testing

/// `f` for each row of 0, 1, 2, … in `shape`, the first axis named "batch".
private func mapped(
  _ shape: [Int], _ f: @escaping (Tensor) throws -> Tensor
) throws -> Buffer {
  let x = try iota(.f64, [shape.reduce(1, *)], dim: 0)
  return try vmap(f, axisName: "batch")(reshape(x, shape)).buffer
}

/// The jaxpr of `f` of a vector `[2]`, staged inside an axis "i" of extent 3.
private func staged(_ f: @escaping ([Tensor]) throws -> [Tensor]) throws -> Jaxpr {
  var found: [Jaxpr] = []
  _ = try vmap(
    { (row: Tensor) in
      found.append(try makeJaxpr(f)([ShapedArray(.f64, [2])]))
      return row
    }, axisName: "i")(zeros([3, 2]))
  return found[0]
}

@Suite struct CollectiveTests {
  @Test func `VM-02 the sum of ones is the size, the mean divides by it, the index counts`() throws
  {
    let sizes = try mapped([3]) { try psum(0 * $0 + 1, axisName: "batch") }
    #expect(sizes.storage.exact == [3, 3, 3])
    let means = try mapped([3]) { try pmean($0 * $0, axisName: "batch") * 3 }
    #expect(means.storage.exact == [5, 5, 5])
    let indices = try mapped([3]) { try axisIndex("batch") + $0.asType(.i32) }
    #expect(indices.storage.exact == [0, 2, 4])
  }

  /// Σ (v − mean v)² from outside; psum(v²) from inside, where every example's own result counts.
  @Test func `VM-03 gradients outside of vmap and inside`() throws {
    let v = Tensor([1, 2, 3, 6], .f64)
    let outside = try grad { (v: Tensor) in
      try sum(vmap({ try square($0 - pmean($0, axisName: "batch")) }, axisName: "batch")(v))
    }(v)
    #expect(try outside.scalars == [-4, -2, 0, 6])
    let inside = try vmap(
      { x in try grad { try psum(square($0), axisName: "batch") }(x) }, axisName: "batch")(v)
    #expect(try inside.scalars == [8, 16, 24, 48])
  }

  @Test func `JX-06 a mean over an axis is a sum and a division`() throws {
    let names = try staged { [try pmean($0[0], axisName: "i")] }.eqns.map(\.primitive.name)
    #expect(names == ["psum", "div"])
  }

  @Test func `every example receives all operands`() throws {
    let stacked = try mapped([3, 2]) { try allGather($0, axisName: "batch", axis: 1) }
    #expect(stacked.shape == [3, 2, 3])
    #expect(
      stacked.storage.exact == Array(repeating: [0, 2, 4, 1, 3, 5], count: 3).flatMap(\.self))
    let joined = try mapped([3, 2]) { try allGather($0, axisName: "batch", tiled: true) }
    #expect(joined.shape == [3, 6])
    #expect(joined.storage.exact == Array(repeating: [0, 1, 2, 3, 4, 5], count: 3).flatMap(\.self))
    let matrices = try mapped([2, 2, 2]) {
      try allGather($0, axisName: "batch", axis: -1, tiled: true)
    }
    #expect(matrices.shape == [2, 2, 4])
    #expect(matrices.storage.exact.prefix(8) == [0, 1, 4, 5, 2, 3, 6, 7])
  }

  @Test func `every example keeps its part of the sum`() throws {
    let own = try mapped([3, 3]) { try psumScatter($0, axisName: "batch") }
    #expect(own.storage.exact == [9, 12, 15])
    let section = try mapped([2, 4]) { try psumScatter($0, axisName: "batch", tiled: true) }
    #expect(section.shape == [2, 2] && section.storage.exact == [4, 6, 8, 10])
    let constant = try mapped([2]) {
      try psumScatter(Tensor([1, 5], .f64), axisName: "batch") + 0 * $0
    }
    #expect(constant.storage.exact == [2, 10])
  }

  @Test func `the operand of the source arrives at the target`() throws {
    let moved = try mapped([3]) {
      try ppermute($0, axisName: "batch", permutation: [(0, 1), (1, 2), (2, 0)])
    }
    #expect(moved.storage.exact == [2, 0, 1])
    let least = try mapped([3]) { try pmin($0 + 1, axisName: "batch") * axisSize("batch").real }
    #expect(least.storage.exact == [3, 3, 3])
  }

  @Test func `an inner axis maps through a collective over an outer one`() throws {
    let x = try reshape(iota(.f64, [6], dim: 0), [3, 2])
    let nested = try vmap(
      { (row: Tensor) in
        try vmap({ try allGather($0, axisName: "batch") }, axisName: "inner")(row)
      }, axisName: "batch")(x).buffer
    #expect(nested.shape == [3, 2, 3])
    #expect(nested.storage.exact.prefix(6) == [0, 2, 4, 1, 3, 5])
  }

  @Test func `names and parameters print as in JAX`() throws {
    let jaxpr = try staged { x in
      [
        try allGather(x[0], axisName: "i", axis: -1),
        try ppermute(x[0], axisName: "i", permutation: [(0, 1), (1, 2), (2, 0)]),
        try psumScatter(allGather(x[0], axisName: "i", tiled: true), axisName: "i", tiled: true),
        try pmin(x[0], axisName: "i"),
      ]
    }
    #expect(
      jaxpr.eqns.map(\.primitive.description) == [
        "all_gather[all_gather_dimension=1 axis_name=('i',) axis_size=3 tiled=False]",
        "ppermute[axis_name=('i',) perm=((0, 1), (1, 2), (2, 0))]",
        "all_gather[all_gather_dimension=0 axis_name=('i',) axis_size=3 tiled=True]",
        "reduce_scatter[axis_name=('i',) axis_size=3 scatter_dimension=0 tiled=True]",
        "pmin[axes=('i',)]",
      ])
    #expect(jaxpr.outAvals.map(\.shape) == [[2, 3], [2], [2], [2]])
  }

  @Test
  func `a backward pass sends back by the inverse permutation and scatters what was gathered`()
    throws
  {
    let jaxpr = try staged { x in
      let pairs = [(source: 0, target: 1), (source: 1, target: 2), (source: 2, target: 0)]
      let moved = try vjp({ [try ppermute($0[0], axisName: "i", permutation: pairs)] }, x)
      let all = try vjp({ [try allGather($0[0], axisName: "i")] }, x)
      return try moved.pullback(x) + all.pullback([all.outs[0]])
    }
    let printed = jaxpr.eqns.map(\.primitive.description)
    #expect(printed.contains("ppermute[axis_name=('i',) perm=((1, 0), (2, 1), (0, 2))]"))
    #expect(
      printed.contains(
        "reduce_scatter[axis_name=('i',) axis_size=3 scatter_dimension=0 tiled=False]"))
  }
}

extension Int {
  fileprivate var real: Double { Double(self) }
}
