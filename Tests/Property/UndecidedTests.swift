// What the error analysis says where a number that is not known exactly decides: both outcomes are
// possible, and nothing that an operation does with them afterwards makes one of them certain.
//
// t = (x / 7) · 7 is x or a neighbour of it: whether t > x is for rounding to decide.

import Catalogue
import Core
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

/// (x / 7) · 7, which need not be x: of divisors 2ⁱ + 2ʲ it would always be.
private func sevenths(_ x: Tensor) throws -> Tensor { try x / 7.0 * 7.0 }

/// Whether rounding took x upwards.
private func isRaised(_ x: Tensor) throws -> Tensor { try greater(sevenths(x), x) }

private func number(_ x: Double, _ dtype: DType) -> Tensor {
  Tensor(constant: DoubleDouble(x), dtype)
}

private func all(_ x: Tensor) throws -> Tensor { try bind(.reduce(.and, axes: [0]), [x])[0] }

private func any(_ x: Tensor) throws -> Tensor { try bind(.reduce(.or, axes: [0]), [x])[0] }

private func whole(_ n: Int) -> Tensor { Tensor(constant: DoubleDouble(Double(n)), .i32) }

/// The enclosures of `function` at scalars.
private func enclosed(
  _ x: [Double], _ dtype: DType = .f32, model: ErrorModel = .reference,
  _ function: @escaping ([Tensor]) throws -> [Tensor]
) throws -> [Enclosure] {
  let inputs = x.map { Buffer(shape: [], Storage(rounding: [DoubleDouble($0)], to: dtype)) }
  return try enclose(makeJaxpr(function)(inputs.map(\.aval)).inlined, inputs, model: model)
}

private func areBothPossible(_ enclosure: Enclosure) -> Bool {
  enclosure.admits(0, at: 0) && enclosure.admits(1, at: 0)
}

/// Rounds until `isOver` or a count of ten; a branch tells what a round does and when all is over.
private func search(
  _ x: Tensor, isFound: @escaping ([Tensor]) throws -> Tensor
) throws -> [Tensor] {
  let no = try greater(x, x)
  return try whileLoop(
    [whole(0), x, no],
    while: { state in try logicalNot(logicalOr(state[2], greaterOrEqual(state[0], whole(10)))) },
    do: { state in
      try cond(
        isFound(state), state,
        then: { s in
          let count = try s[0] + whole(1)
          return [count, try s[1] + 1.0, try greaterOrEqual(count, whole(6))]
        },
        else: { s in
          let count = try s[0] + whole(1)
          return [count, try s[1] * 1.5, try greaterOrEqual(count, whole(4))]
        })
    })
}

@Suite struct UndecidedTests {
  static let operations: [(name: String, function: @Sendable (Tensor) throws -> Tensor)] = [
    ("not", { try logicalNot(isRaised($0)) }),
    ("not or", { try logicalNot(logicalOr(isRaised($0), greater($0, $0))) }),
    ("not and", { try logicalNot(logicalAnd(isRaised($0), equal($0, $0))) }),
    ("xor", { try logicalXor(isRaised($0), equal($0, $0)) }),
    ("all, reshaped", { try all(reshape(logicalOr(isRaised($0), isRaised($0)), [1])) }),
    ("any, broadcast", { try any(broadcast(logicalAnd(isRaised($0), equal($0, $0)), to: [2])) }),
    ("choice", { try `where`(isRaised($0), equal($0, $0), greater($0, $0)) }),
    ("to bool", { try (sevenths($0) - $0 + number(1e-9, .f32)).asType(.bool) }),
    (
      "branch",
      { x in
        let picked = try cond(
          isRaised(x), [x], then: { [try greater($0[0], number(1e9, .f32))] },
          else: { [try less($0[0], number(1e9, .f32))] })
        return try logicalNot(picked[0])
      }
    ),
  ]

  @Test(
    "what rounding decides stays undecided through logic, movement and branches",
    arguments: operations.indices)
  func logic(index: Int) throws {
    let (name, function) = Self.operations[index]
    let found = try enclosed([1.7]) { [try function($0[0])] }
    #expect(areBothPossible(found[0]), "\(name): \(found[0].lower) to \(found[0].upper)")
  }

  @Test("logic decides what one certain operand decides")
  func certain() throws {
    let found = try enclosed([1.7]) { x in
      let (unknown, yes, no) = try (isRaised(x[0]), equal(x[0], x[0]), greater(x[0], x[0]))
      return [
        try logicalOr(unknown, yes), try logicalAnd(no, unknown),
        try all(stack([unknown, no])), try any(stack([unknown, yes])),
      ]
    }
    for (enclosure, expected) in zip(found, [1, 0, 0, 1] as [DoubleDouble]) {
      #expect(enclosure.lower == [expected] && enclosure.upper == [expected])
    }
  }

  /// The branch is taken at random, as far as this program is concerned, and the counts differ: 4 to
  /// 6 rounds. Every count that an implementation comes to must be admitted.
  @Test("a loop that holds an undecided branch admits every count that rounding leads to")
  func counts() throws {
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed)
    var counts: Set<Double> = []
    for _ in 0..<40 {
      let x = Buffer(shape: [], .f32([Float(1 + random.unit())]))
      let program = try makeJaxpr { try search($0[0]) { try isRaised($0[1]) } }([x.aval]).inlined
      for (backend, model) in [
        (ReferenceBackend() as any Backend, ErrorModel.reference), (OpenBLASBackend(), .openBLAS),
      ] {
        let bounds = try enclose(program, [x], model: model)
        for (result, enclosure) in zip(try backend.compile(program).run([x]), bounds) {
          let computed = result.storage.exact[0]
          #expect(
            enclosure.admits(computed, at: 0),
            "seed \(seed), \(x): \(computed) not in \(enclosure.lower) to \(enclosure.upper)")
        }
        counts.insert(Double(try backend.compile(program).run([x])[0].storage.exact[0]))
      }
    }
    #expect(counts.count > 1, "seed \(seed): every run came to \(counts)")
  }

  @Test("a loop that holds a decided branch has a certain count")
  func decidedCounts() throws {
    let found = try enclosed([1.7]) { x in
      try search(x[0]) { try greater($0[1], number(4, .f32)) }
    }
    // 1.7, 2.55, 3.825, 5.7375: three rounds shy of 4, and from there one more each: six in all.
    #expect(found[0].lower == [6] && found[0].upper == [6])
    #expect(found[1].lower[0] < found[1].upper[0] && !found[1].isOpen(0))
  }

  /// 1 / (t − x) has a pole where t may be: NaN, infinities and all numbers are possible.
  @Test(
    "an operation that chooses the largest, or bounds, leaves open what was open",
    arguments: ["clamp", "max", "cummax", "concatenate"])
  func openNumbers(name: String) throws {
    let found = try enclosed([1.7]) { x in
      let pole = try log(sevenths(x[0]) - x[0])
      let both = try stack([pole, x[0]])
      switch name {
      case "clamp": return [try clamp(number(-1, .f32), pole, number(1, .f32))]
      case "max": return [try max(both)]
      case "cummax": return [try cummax(both)]
      default: return [both]
      }
    }
    #expect(found[0].isOpen(0))
  }

  @Test("the same number taken from itself is zero, and equal, wherever it went in between")
  func copies() throws {
    let found = try enclosed([1.7, 2.5]) { x in
      let y = try sevenths(x[0])
      let low = try `where`(greater(x[1], x[0]), y, x[1])
      let carried = try whileLoop(
        [whole(0), low, y], while: { try less($0[0], whole(3)) },
        do: { s in
          try cond(
            equal(s[0], whole(1)), s, then: { [try $0[0] + whole(1), $0[1], $0[2]] },
            else: { [try $0[0] + whole(1), $0[2], $0[1]] })
        })
      let difference = try carried[1] - carried[2]
      return [
        difference, try difference * y, try equal(carried[1], carried[2]),
        try greater(carried[1], carried[2]), try difference / difference, try y - sevenths(x[0]),
      ]
    }
    for (enclosure, expected) in zip(found, [0, 0, 1, 0] as [DoubleDouble]) {
      #expect(enclosure.lower == [expected] && enclosure.upper == [expected])
    }
    #expect(found[4].lower[0].isNaN && found[4].upper[0].isNaN)
    // Computed twice: not one number.
    #expect(found[5].lower[0] < 0 && found[5].upper[0] > 0)
  }

  @Test("whole numbers that are not known wrap, and a conversion to bool asks for zero")
  func wholeNumbers() throws {
    let found = try enclosed([1.7]) { x in
      let unknown = try isRaised(x[0]).asType(.i32)
      let signed = try unknown * whole(2) - whole(1)
      // An interval around 0 of ±20: two roundings of 1.7 come to 2 · 1.7 · 2⁻²⁴ ≈ 2 · 10⁻⁷.
      let spread = try (1e8 * (sevenths(x[0]) - x[0])).asType(.i32)
      return [
        signed, try unknown.asType(.u32), try spread.asType(.u32), try sum(stack([unknown])),
        try stack([signed, whole(3)]), try prod(stack([signed, signed])),
      ]
    }
    #expect(found[0].admits(-1, at: 0) && found[0].admits(1, at: 0))
    #expect(areBothPossible(found[1]) && areBothPossible(found[3]))
    #expect(found[2].admits(1, at: 0) && found[2].admits(4_294_967_295, at: 0))
    #expect(found[4].admits(-1, at: 0) && found[4].admits(3, at: 1))
    #expect(found[5].admits(1, at: 0))
  }
}
