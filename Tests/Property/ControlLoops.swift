// A loop of the language is the Swift loop: values and tangents to the bit, cotangents to their bounds.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

private typealias Function = @Sendable ([Tensor]) throws -> [Tensor]

/// Numbers from the seed of this run.
private func numbers(_ name: String, _ shape: [Int]) -> Tensor {
  var random = SeededGenerator(seed: .init(SeededGenerator.testSeed), name: name, 0)
  return Tensor(shape: shape, .f64((0..<shape.reduce(1, *)).map { _ in random.entry() / 2 }))
}

private func row(_ x: Tensor, _ index: Int) throws -> Tensor {
  try squeeze(slice(x, axis: 0, from: index, to: index + 1), [0])
}

/// (w, h, xs) ↦ (h, ys): a recurrent step with a stacked result.
private func step(_ w: Tensor, _ h: Tensor, _ x: Tensor) throws -> (Tensor, Tensor) {
  let next = try tanh(matmul(w, h) + x)
  return (next, try sin(next) * x)
}

private func looped(reverse: Bool) -> Function {
  { x in
    let (carry, ys) = try scan(
      { h, item in
        let (next, y) = try step(x[0], h[0], item[0])
        return (carry: [next], y: [y])
      }, [x[1]], [x[2]], reverse: reverse)
    return carry + ys
  }
}

private func unrolled(reverse: Bool) -> Function {
  { x in
    var h = x[1]
    let n = x[2].shape[0]
    var ys: [Int: Tensor] = [:]
    for i in reverse ? Array((0..<n).reversed()) : Array(0..<n) {
      let (next, y) = try step(x[0], h, row(x[2], i))
      (h, ys[i]) = (next, y)
    }
    return [h, try stack((0..<n).compactMap { ys[$0] })]
  }
}

@Suite struct ControlLoops {
  private func operands(_ length: Int) -> [Tensor] {
    [numbers("w", [3, 3]), numbers("h", [3]), numbers("x", [length, 3])]
  }

  @Test(arguments: [false, true], [1, 2, 5])
  func `a scan is its body written out`(reverse: Bool, length: Int) throws {
    let x = operands(length)
    let v = [numbers("dw", [3, 3]), numbers("dh", [3]), numbers("dx", [length, 3])]
    let (loop, plain) = (looped(reverse: reverse), unrolled(reverse: reverse))
    let what = "length \(length), reverse \(reverse), seed \(SeededGenerator.testSeed)"
    try expectSameBits(loop(x), plain(x), what)
    try expectSameBits(withTangents(loop, v)(x), withTangents(plain, v)(x), "tangents, \(what)")
    // Sums over the steps add up in another order: equal to the bounds of the roundings only.
    try expectSame(withCotangents(loop), withCotangents(plain), at: x, "cotangents, \(what)")
    try expectSame(
      withCotangents(withCotangents(loop)), withCotangents(withCotangents(plain)), at: x,
      "second cotangents, \(what)")
    try expectSame(
      withTangents(withCotangents(loop), v), withTangents(withCotangents(plain), v), at: x,
      "forward over reverse, \(what)")
  }

  @Test func `a reversed scan is the scan of what is reversed`() throws {
    let x = operands(4)
    let backwards = try looped(reverse: true)(x)
    let forwards = try looped(reverse: false)([x[0], x[1], rev(x[2], [0])])
    try expectSameBits(backwards, [forwards[0], rev(forwards[1], [0])], "reverse")
  }

  @Test(arguments: [false, true])
  func `a scan of no steps is the identity on its carry`(reverse: Bool) throws {
    let x = operands(0)
    let loop = looped(reverse: reverse)
    let out = try loop(x)
    try expectSameBits([out[0]], [x[1]], "carry")
    #expect(out[1].aval == ShapedArray(.f64, [0, 3]))
    let cts = try vjp(loop, x).pullback([numbers("ct", [3]), zeros([0, 3], .f64)])
    #expect(try cts[0].scalars.allSatisfy { $0 == 0 })
    try expectSameBits([cts[1]], [numbers("ct", [3])], "cotangent of the carry")
    #expect(cts[2].aval == ShapedArray(.f64, [0, 3]))
    let tangents = try jvp(loop, x, [zeros(like: x[0]), numbers("dh", [3]), x[2]]).tangents
    try expectSameBits([tangents[0]], [numbers("dh", [3])], "tangent of the carry")
  }

  @Test func `whole and boolean carries go along with differentiated ones`() throws {
    let function: Function = { x in
      let (carry, ys) = try scan(
        { c, item in
          let (n, s, any) = (c[0], c[1], c[2])
          let next = try s * item[0] + n.asType(.f64)
          let y = [try next * next, n, any]
          return (
            carry: [try n + 1, next, try logicalOr(any, greater(item[0], zeros([], .f64)))], y: y
          )
        }, [Tensor(0, .i32), x[0], Tensor(0, .bool)], [x[1]])
      return carry + ys
    }
    let x = [numbers("s", []), numbers("items", [4])]
    let outs = try function(x)
    #expect(outs.map(\.dtype) == [.i32, .f64, .bool, .f64, .i32, .bool])
    #expect(try outs[0].item == 4)
    #expect(try outs[4].scalars == [0, 1, 2, 3])
    let plain: Function = { x in
      var s = x[0]
      var ys: [Tensor] = []
      for i in 0..<4 {
        s = try s * row(x[1], i) + Double(i)
        ys.append(try s * s)
      }
      return [s, try stack(ys)]
    }
    let inexact: Function = { try function($0).filter(\.dtype.isInexact) }
    try expectSameBits(inexact(x), plain(x), "values")
    try expectSame(withCotangents(inexact), withCotangents(plain), at: x, "cotangents")
  }

  @Test func `a loop over indices is a Swift loop`() throws {
    let body: @Sendable (Tensor, [Tensor]) throws -> [Tensor] = { i, c in
      [try sin(c[0]) * c[0] + i.asType(.f64)]
    }
    let plain: Function = { x in
      var c = x
      for i in 2..<6 { c = try body(Tensor(Double(i), .i32), c) }
      return c
    }
    let fixed: Function = { try foriLoop(2..<6, $0, body) }
    let dynamic: Function = {
      try foriLoop(from: Tensor(2, .i32), to: Tensor(6, .i32), $0, body)
    }
    let x = [numbers("c", [3])]
    let v = [numbers("v", [3])]
    for loop in [fixed, dynamic] {
      try expectSameBits(loop(x), plain(x), "values")
      try expectSameBits(withTangents(loop, v)(x), withTangents(plain, v)(x), "tangents")
    }
    try expectSame(withCotangents(fixed), withCotangents(plain), at: x, "cotangents")
    try expectSameBits(foriLoop(3..<3, x, body), x, "no step")
    try expectSameBits(
      foriLoop(from: Tensor(3, .i32), to: Tensor(1, .i32), x, body), x, "no step")
  }

  @Test(arguments: 0...9)
  func `prefixes are folds in any length`(length: Int) throws {
    // Products of 2 × 2 matrices of small whole numbers: exact, associative, not commutative.
    let matrices = (0..<length).map { [1.0, Double($0), 1, Double(1 - $0)] }
    let x = Tensor(shape: [length, 2, 2], .f64(matrices.flatMap { $0 }))
    let product: ([Tensor], [Tensor]) throws -> [Tensor] = { a, b in
      [
        try dotGeneral(
          b[0], a[0], DotDimensionNumbers(contracting: ([2], [1]), batch: ([0], [0])))
      ]
    }
    for reverse in [false, true] {
      let found = try associativeScan(product, [x], reverse: reverse)[0]
      #expect(found.shape == [length, 2, 2])
      var total: Tensor?
      let order = reverse ? Array((0..<length).reversed()) : Array(0..<length)
      for i in order {
        total = try total.map { try matmul(row(x, i), $0) } ?? row(x, i)
        #expect(try row(found, i).scalars == total?.scalars, "\(i) of \(length), \(reverse)")
      }
    }
  }

  @Test func `a fault in a body is found`() throws {
    for rule in [RuleFault.Rule.jvp, .transpose] {
      let report = try withFault(
        RuleFault(rule, of: rule == .jvp ? "tanh" : "mul", relative: 1e-20)
      ) {
        let sample = try #require(Catalogue.samples(matching: "scan_rnn", .f64).first)
        let inputs = sample.inputs(seed: SeededGenerator.testSeed).map { Tensor($0) }
        return try checkGradient(
          sample.program.function, at: inputs, seed: SeededGenerator.testSeed)
      }
      #expect(!report.failures.isEmpty, "\(rule)")
    }
  }
}
