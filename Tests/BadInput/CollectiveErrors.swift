// What collectives refuse, in JAX's words (0.10.2): names that no vmap binds, axes and permutations
// that do not fit, derivatives that do not exist.

import Core
import Testing

private let rotation = [(source: 0, target: 1), (source: 1, target: 2), (source: 2, target: 0)]

/// What `f` of each row of a `[3,2]` throws.
private func message(_ f: @escaping (Tensor) throws -> Tensor) -> String {
  do {
    _ = try vmap(f, axisName: "i")(zeros([3, 2]))
    return "nothing"
  } catch {
    return "\(error)"
  }
}

@Suite struct CollectiveErrors {
  @Test func `a name that no vmap binds is an error`() throws {
    let x = Tensor([1, 2, 3])
    let calls: [() throws -> Void] = [
      { _ = try allGather(x, axisName: "i") }, { _ = try psumScatter(x, axisName: "i") },
      { _ = try ppermute(x, axisName: "i", permutation: rotation) },
      { _ = try pmin(x, axisName: "i") }, { _ = try axisSize("i") },
      { _ = try vmap({ try allGather($0, axisName: "i") }, axisName: "j")(x) },
    ]
    for call in calls { #expect(throws: TraceError.unboundAxis("i")) { try call() } }
    #expect("\(TraceError.unboundAxis("i"))".hasPrefix("unbound axis name: i"))
  }

  @Test(arguments: [
    [(0, 1)], [(0, 1), (1, 2)], [(0, 1), (1, 2), (2, 0), (0, 1)], [],
  ])
  func `a permutation of another length than the axis is refused`(pairs: [(Int, Int)]) {
    let text = message {
      try ppermute($0, axisName: "i", permutation: pairs.map { (source: $0.0, target: $0.1) })
    }
    #expect(text == "Permutation doesn't match the axis size!")
  }

  @Test(arguments: [
    ([(0, 1), (0, 2), (1, 0)], "((0, 1), (0, 2), (1, 0))"),
    ([(0, 1), (2, 1), (1, 0)], "((0, 1), (2, 1), (1, 0))"),
    ([(0, 1), (1, 2), (2, 3)], "((0, 1), (1, 2), (2, 3))"),
    ([(0, 1), (1, 2), (-1, 0)], "((0, 1), (1, 2), (-1, 0))"),
  ])
  func `sources and targets must each be every example once`(
    pairs: [(Int, Int)], printed: String
  ) {
    let text = message {
      try ppermute($0, axisName: "i", permutation: pairs.map { (source: $0.0, target: $0.1) })
    }
    #expect(text == "ppermute sources and destinations must be unique, got \(printed).")
  }

  @Test func `an axis that the result has not is refused`() {
    #expect(
      message { try allGather($0, axisName: "i", axis: 5) }
        == "axis 5 is out of bounds for array of dimension 2")
    #expect(
      message { try allGather($0, axisName: "i", axis: 2) }
        == "axis 2 is out of bounds for array of dimension 2")
    #expect(
      message { try allGather($0, axisName: "i", axis: 1, tiled: true) }
        == "axis 1 is out of bounds for array of dimension 1")
  }

  @Test func `a sum whose axis the examples cannot share is refused`() {
    #expect(
      message { try psumScatter($0, axisName: "i") }
        == "reduce_scatter operand scatter dimension size 2 must match shard count 3")
    #expect(
      message { try psumScatter($0, axisName: "i", tiled: true) }
        == "tiled reduce_scatter operand scatter dimension size 2 must be divisible by "
        + "shard_count 3")
  }

  @Test func `pmin has no derivative`() {
    let text = message { x in try grad { try sum(pmin($0, axisName: "i")) }(x) }
    #expect(text == "\(TraceError.noRule(transformation: "JVP", primitive: "pmin"))")
  }
}
