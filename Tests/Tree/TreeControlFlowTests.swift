// Branches and loops whose operands are trees.

import Core
import Testing
import Tree

/// What a loop carries: tensors of two dtypes, nothing, a name and a function.
private struct Carry: PyTree {
  var total: Tensor
  var steps: Tensor?
  var name: String
  var update: Function

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("total", &total)
    visitor.field("steps", &steps)
    visitor.field("name", &name)
    visitor.field("update", &update)
  }

  func next(_ x: Tensor) throws -> Carry {
    var copy = self
    copy.total = try update(total) + x
    copy.steps = try steps.map { try $0 + 1 }
    return copy
  }
}

private let start = Carry(
  total: Tensor(1, .f64), steps: Tensor(0, .i32), name: "carry",
  update: Function("double") { try $0 * 2 })
private let xs = ["x": Tensor([1, 2, 3], .f64)]

@Suite struct TreeControlFlowTests {
  @Test("a scan over a tree is the loop over its slices; what is no tensor stays") func scans()
    throws
  {
    let (last, ys) = try scan(
      { (c: Carry, x: Tuple<[String: Tensor], Int>) in
        let next = try c.next((x.elements.0["x"] ?? Tensor(0, .f64)) * Double(x.elements.1))
        return (carry: next, y: ["total": next.total])
      }, start, Tuple(xs, 10))
    var (expected, totals) = (start, [Double]())
    for x in [10.0, 20, 30] {
      expected = try expected.next(Tensor(x, .f64))
      totals.append(try expected.total.item)
    }
    #expect(try treeBitwiseEqual(last, expected))
    #expect(try ys["total"]?.scalars == totals)
    let back = try scan(
      { (c: Tensor, x: Tensor) in (carry: try c * 10 + x, y: Tuple(c, "text")) }, Tensor(0, .f64),
      Tensor([1, 2, 3], .f64), reverse: true)
    #expect(try back.carry.item == 321 && back.ys.elements.0.scalars == [32, 3, 0])
    #expect(back.ys.elements.1 == "text")
    let count = try scan(
      { (c: Carry, _: Tuple<>) in (carry: try c.next(c.total), y: Tuple()) }, start, Tuple(),
      length: 3)
    #expect(try count.carry.total.item == 27)
  }

  @Test("loops over a tree are the loops in Swift") func loops() throws {
    let forward = try foriLoop(0..<4, start) { i, c in try c.next(i.asType(.f64)) }
    var expected = start
    for i in 0..<4 { expected = try expected.next(Tensor(Double(i), .f64)) }
    #expect(try treeBitwiseEqual(forward, expected))
    let traced = try foriLoop(from: Tensor(0, .i32), to: Tensor(4, .i32), start) { i, c in
      try c.next(i.asType(.f64))
    }
    #expect(try treeBitwiseEqual(traced, expected))
    let until = try whileLoop(
      start, while: { c in try less(c.total, Tensor(60, .f64)) },
      do: { c in try c.next(Tensor(1, .f64)) })
    #expect(try until.total.item == 63 && until.steps?.item == 5)
    #expect(until.name == "carry")
  }

  @Test("one branch runs, on a tree") func branches() throws {
    for (flag, expected) in [(1.0, 4.0), (0, -1)] {
      let out = try cond(
        Tensor(flag, .bool), start, then: { c in try c.next(Tensor(2, .f64)) },
        else: { c in
          var other = c
          other.total = try -c.total
          return other
        })
      #expect(try out.total.item == expected)
      #expect(out.name == "carry")
    }
    for (index, expected) in [(7.0, 3.0), (1, 2), (0, 1), (-4, 1)] {
      let chosen = try switchCase(
        Tensor(index, .i32),
        [
          { (c: Carry) in c.total }, { (c: Carry) in try c.total * 2 },
          { (c: Carry) in try c.total * 3 },
        ], start)
      #expect(try chosen.item == expected)
    }
  }

  @Test("branches are a literal of functions of any kind, or one for each item of an array")
  func branchKinds() throws {
    func twice(_ c: Carry) throws -> Tensor { try c.total * 2 }
    func same(_ c: Carry) -> Tensor { c.total }
    let one = Tensor(1, .i32)
    #expect(try switchCase(one, [same, twice], start).item == 2)
    let total: [(Carry) -> Tensor] = [{ $0.total }, { _ in Tensor(9, .f64) }]
    #expect(try switchCase(Tensor(0, .i32), Branches(total) { $0($1) }, start).item == 1)
    #expect(try switchCase(one, Branches(total) { $0($1) }, start).item == 9)
    let scaled = Branches([1.0, 2, 3]) { k, c in try (c as Carry).total * k }
    #expect(try switchCase(one, scaled, start).item == 2)
    // Swift stops the program where it casts an array of these to one of plain functions.
    let sendable: [@Sendable (Carry) throws -> Tensor] = [{ $0.total }, { try $0.total * 2 }]
    #expect(try switchCase(one, Branches(sendable) { try $0($1) }, start).item == 2)
    #expect(try switchCase(one, [sendable[0], sendable[1]], start).item == 2)
  }

  @Test("prefixes of a tree under an associative operation that does not commute")
  func prefixes() throws {
    // x ↦ a·x + b, one after the other, on whole numbers: no rounding.
    let (scales, shifts) = ([1.0, 2, 3, -1, 5], [1.0, 0, 2, 4, -3])
    typealias Maps = Tuple<Tensor, [Tensor], String>
    func following(_ f: Maps, _ g: Maps) throws -> Maps {
      let ((a, b, name), (c, d, _)) = (f.elements, g.elements)
      return Tuple(try a * c, [try c * b[0] + d[0]], name)
    }
    let maps = Tuple(Tensor(scales, .f64), [Tensor(shifts, .f64)], "text")
    for reverse in [false, true] {
      let out = try associativeScan(following, maps, reverse: reverse)
      var order = Array(zip(scales, shifts))
      if reverse { order.reverse() }
      var (a, b) = (1.0, 0.0)
      var expected = order.map { c, d in
        (a, b) = (a * c, c * b + d)
        return (a, b)
      }
      if reverse { expected.reverse() }
      #expect(try out.elements.0.scalars == expected.map(\.0))
      #expect(try out.elements.1[0].scalars == expected.map(\.1))
      #expect(out.elements.2 == "text")
    }
  }

  @Test("a static leaf or a structure that changes is an error with its path") func changes() {
    let renamed = message {
      try foriLoop(0..<2, start) { _, c in
        var other = c
        other.name = "other"
        return other
      }
    }
    #expect(
      renamed
        == "foriLoop body's carry input and carry output must have the same leaves where these are "
        + "no tensors, but at .name are 'carry' and 'other'")
    let shorter = message {
      try whileLoop(
        start, while: { c in try less(c.total, Tensor(1, .f64)) },
        do: { c in
          var other = c
          other.steps = nil
          return other
        })
    }
    #expect(shorter.hasPrefix(".steps: the trees differ"))
    let split = message {
      try cond(
        Tensor(1, .bool), start, then: { c in Tuple(c.total, 1) },
        else: { c in Tuple(c.total, 2) })
    }
    #expect(split.contains("at [1] are 2 and 1"))
    let typed = message {
      try scan(
        { (c: Carry, x: Tensor) in
          var other = c
          other.total = try other.total.asType(.f32)
          return (carry: other, y: x)
        }, start, Tensor([1, 2], .f64))
    }
    #expect(typed.contains("f32[]") && typed.contains("f64[]"))
  }

  @Test("FG-17 the gradient through a scan is the gradient through the loop") func gradients()
    throws
  {
    let loss = { (c: Carry) in
      try scan(
        { (c: Carry, x: Tensor) in (carry: try c.next(x * c.total), y: Tuple()) }, c,
        Tensor([1, 2], .f64)
      ).carry.total
    }
    // total · (2 + 1) · (2 + 2)
    let g = try filterGrad(loss)(start)
    #expect(try g.values.map { try $0?.item } == [12, nil, nil, nil])
  }
}
