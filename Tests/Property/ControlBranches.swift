// A branch of the language is the branch that was chosen, and nothing of the other.

import Catalogue
import Core
import TestSupport
import Testing

private typealias Function = @Sendable ([Tensor]) throws -> [Tensor]

@Suite struct ControlBranches {
  private static var branches: [([Tensor]) throws -> [Tensor]] {
    [
      { [try sin($0[0]) * $0[1], try sum($0[0])] }, { [try square($0[1]), try sum($0[1])] },
      { x in [try x[0] / (1 + square(x[1])), try exp(sum(x[0]))] },
    ]
  }
  private let x = [Tensor([0.5, -1.25, 2], .f64), Tensor([1.5, 0.25, -3], .f64)]
  private let v = [Tensor([1, 2, -1.5], .f64), Tensor([-1.25, 1, 1.75], .f64)]

  @Test(arguments: [(-5, 0), (0, 0), (1, 1), (2, 2), (3, 2), (Int(Int32.max), 2)])
  func `a switch is its branch, an index outside the nearest one`(index: Int, chosen: Int) throws {
    let switched: Function = {
      try switchCase(
        Tensor(Double(index), .i32), Branches(Self.branches) { try $0($1) }, $0)
    }
    let plain = Self.branches[chosen]
    try expectSameBits(switched(x), plain(x), "values")
    try expectSameBits(withTangents(switched, v)(x), withTangents(plain, v)(x), "tangents")
    try expectSameBits(withCotangents(switched)(x), withCotangents(plain)(x), "cotangents")
    try expectSame(
      withTangents(withCotangents(switched), v), withTangents(withCotangents(plain), v), at: x,
      "forward over reverse")
    try expectSame(
      withCotangents(withCotangents(switched)), withCotangents(withCotangents(plain)), at: x,
      "reverse over reverse")
  }

  @Test(arguments: [false, true])
  func `cond under jit runs the branch of the predicate`(isTrue: Bool) throws {
    let function = jit { (all: [Tensor]) in
      try cond(all[0], Array(all[1...]), then: Self.branches[0], else: Self.branches[1])
    }
    let found = try function([Tensor(isTrue ? 1 : 0, .bool)] + x)
    try expectSameBits(found, Self.branches[isTrue ? 0 : 1](x), "jit")
    #expect(function.traceCount == 1)
  }

  @Test func `a number is true unless it is 0`() throws {
    for (number, expected) in [(2.0, 1.0), (0, -1), (-0.5, 1)] {
      let found = try cond(
        Tensor(number), [], then: { _ in [Tensor(1)] }, else: { _ in [Tensor(-1)] })
      #expect(try found[0].item == expected)
    }
  }

  /// √x where x > 0: by `where` an infinity meets a zero, by cond it is never computed, and under
  /// vmap each example keeps to its own branch.
  @Test func `the where trap is no trap for branches`() throws {
    let guarded: @Sendable (Tensor) throws -> Tensor = { x in
      try cond(
        greater(x, zeros(like: x)), [x], then: { [try sqrt($0[0])] },
        else: { [try zeros(like: $0[0])] })[0]
    }
    let zero = Tensor(0, .f64)
    #expect(try grad(guarded)(zero).item == 0)
    #expect(try jvp(guarded, zero, Tensor(1, .f64)).tangent.item == 0)
    #expect(try grad { try jit(guarded)($0) }(zero).item == 0)
    let many = Tensor([0, 4, -1], .f64)
    #expect(try grad { try sum(vmap(guarded)($0)) }(many).scalars == [0, 0.25, 0])
    #expect(try vmap { try grad(guarded)($0) }(many).scalars == [0, 0.25, 0])
    let trapped: (Tensor) throws -> Tensor = { x in
      try `where`(greater(x, zeros(like: x)), sqrt(x), zeros(like: x))
    }
    #expect(try grad(trapped)(zero).item.isNaN)
  }

  @Test func `a mapped predicate chooses for each example`() throws {
    let rows = try stack([x[0], x[1], x[0], x[1]])
    let indices = Tensor(shape: [4], .i32([0, 2, 1, 7]))
    let function: Function = { all in
      try switchCase(all[0], Branches(Self.branches) { try $0($1) }, [all[1], x[1]])
    }
    let mapped = try vmap(function)([indices, rows])
    for (place, index) in [0, 2, 1, 2].enumerated() {
      let own = try Self.branches[index]([x[place % 2], x[1]])
      let found = try mapped.map {
        try squeeze(slice($0, axis: 0, from: place, to: place + 1), [0])
      }
      try expectSameBits(found, own, "example \(place)")
    }
  }

  @Test func `tensors of an enclosing derivative may be closed over`() throws {
    // d/dw of w · sin(w) at a branch that closes over w, by both modes and twice.
    let function: @Sendable (Tensor) throws -> Tensor = { w in
      try cond(
        Tensor(1, .bool), [], then: { _ in [try w * sin(w)] }, else: { _ in [w] })[0]
    }
    let w = Tensor(0.75, .f64)
    let plain: @Sendable (Tensor) throws -> Tensor = { try $0 * sin($0) }
    for order in 1...3 {
      func nth(_ f: @escaping @Sendable (Tensor) throws -> Tensor) -> Function {
        { all in
          var g: (Tensor) throws -> Tensor = f
          for _ in 0..<order {
            let inner = g
            g = { try grad(inner)($0) }
          }
          return [try g(all[0])]
        }
      }
      try expectSame(nth(function), nth(plain), at: [w], "order \(order)")
    }
  }
}
