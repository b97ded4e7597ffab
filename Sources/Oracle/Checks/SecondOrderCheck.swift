// The laws of second derivatives, in double-double.
//
// With φ(x) = ⟨w, f(x)⟩ and H its Hessian: H a computed forward over reverse, reverse over forward and
// reverse over reverse agree, and with differences of the gradient; ⟨b, Ha⟩ = ⟨a, Hb⟩ = forward over
// forward. Allowances are the running bounds of both sides, and the differences' own.

import Catalogue
import Core

/// The second-order check of one function at one point.
struct SecondOrderCheck {
  private let program: DerivativeProgram
  private let function: ([Tensor]) throws -> [Tensor]
  private let subject: String
  private let family: String
  private let seed: UInt64
  /// Whether the gradient is the limit of differences.
  private let isSmooth: Bool

  /// The scalar operations of a run of f up to which second derivatives are checked: they run it
  /// some hundred times over, in double-double with bounds.
  private static let largest = 20_000

  init(
    _ program: DerivativeProgram, _ function: @escaping ([Tensor]) throws -> [Tensor],
    subject: String, family: String, seed: UInt64, isSmooth: Bool
  ) {
    (self.program, self.function) = (program, function)
    (self.subject, self.family, self.seed) = (subject, family, seed)
    self.isSmooth = isSmooth
  }

  func findings() throws -> [Finding] {
    let size = program.coordinates.reduce(0) { $0 + $1.count }
    guard size > 0, program.work <= Self.largest else { return [] }
    return [try hessian()]
  }

  private var split: OperandSplit { program.split }
  private var tangentAvals: [ShapedArray] { split.differentiable(program.point.map(\.aval)) }

  /// (x, w) ↦ ⟨w, f(x)⟩ of the floating-point operands x.
  private func weighted(_ all: [Tensor], _ w: [Tensor]) -> ([Tensor]) throws -> Tensor {
    { x in
      let outs = try function(split.merged(all, x)).filter { $0.dtype.isInexact }
      // One scalar dtype for the sum: that of the first result.
      return try zip(outs, w).map { try sum($0 * $1).asType(outs[0].dtype) }
        .reduce(Tensor(0, outs[0].dtype)) { try $0 + $1 }
    }
  }

  /// Runs `body(x, w, a)` staged, x all operands, w a weight per result, a a direction.
  private func run(
    _ w: [[Double]], _ a: [[Double]],
    _ body:
      @escaping (
        _ phi: @escaping ([Tensor]) throws -> Tensor, _ x: [Tensor], _ a: [Tensor]
      ) throws -> [Tensor]
  ) throws -> [Bounded] {
    let m = program.value.outs.count
    return try program.run(w + a, of: program.value.outAvals + tangentAvals) { x, extra in
      let (w, a) = (Array(extra[..<m]), Array(extra[m...]))
      return try body(weighted(x, w), split.differentiable(x), a)
    }
  }

  private func hessian() throws -> Finding {
    var random = SeededGenerator(seed: seed &+ 2)
    let w = Directions.plain(program.resultCounts, &random)
    let (a, b) = (
      Directions.relative(to: program.coordinates, &random),
      Directions.relative(to: program.coordinates, &random)
    )
    func forwardOverReverse(_ a: [[Double]]) throws -> [Bounded] {
      try run(w, a) { phi, x, a in try jvp({ try grad(phi)($0) }, x, a).tangents }
    }
    let reverseOverForward = try run(w, a) { phi, x, a in
      try grad { try jvp({ [try phi($0)] }, $0, a).tangents[0] }(x)
    }
    let reverseOverReverse = try run(w, a) { phi, x, a in
      try grad { x in
        let terms = try zip(try grad(phi)(x), a).map { try sum($0 * $1) }
        return try terms.reduce(Tensor(0, .f64)) { try $0 + $1.asType(.f64) }
      }(x)
    }
    let (ha, hb) = try (forwardOverReverse(a), forwardOverReverse(b))
    var tally = Tally()
    for (i, h) in ha.enumerated() {
      tally.compare(h, reverseOverForward[i], "fwd∘rev and rev∘fwd of H a, element \(i)")
      tally.compare(h, reverseOverReverse[i], "fwd∘rev and rev∘rev of H a, element \(i)")
    }
    if isSmooth { try compareDifferences(ha, w, a, &tally) }
    let bha = dot(ha, b.joined())
    tally.compare(bha, dot(hb, a.joined()), "⟨b, Ha⟩ and ⟨a, Hb⟩")
    tally.compare(bha, try forwardOverForward(w, a, b), "⟨b, Ha⟩ and fwd∘fwd")
    return tally.finding(subject: subject, family: family, check: "hessian")
  }

  /// H a against differences of the gradient along a, where those converge.
  private func compareDifferences(
    _ ha: [Bounded], _ w: [[Double]], _ a: [[Double]], _ tally: inout Tally
  ) throws {
    let gradient = try program.reverse(from: w)
    var ladder = FiniteDifference(
      atZero: gradient.map(\.value), errors: gradient.map(\.error)
    ) { try program.reverse(from: w, along: a, $0) }
    for (i, (h, d)) in zip(ha, try ladder.differences()).enumerated() where d.kind == .smooth {
      tally.compare(
        h.value, d.slope, allowance: d.tolerance + h.error, "H a by differences, element \(i)")
    }
  }

  /// d²φ[a, b]; b is written into the program, a is its argument.
  private func forwardOverForward(
    _ w: [[Double]], _ a: [[Double]], _ b: [[Double]]
  ) throws -> Bounded {
    let constants = zip(tangentAvals, b).map { aval, b in
      Tensor(shape: aval.shape, .f64(b))
    }
    return try run(w, a) { phi, x, a in
      let b = try zip(constants, tangentAvals).map { try $0.asType($1.dtype) }
      return try jvp({ [try jvp({ [try phi($0)] }, $0, b).tangents[0]] }, x, a).tangents
    }[0]
  }
}

extension Tally {
  /// Compares two computations of one number, each with its bound.
  mutating func compare(
    _ x: Bounded, _ y: Bounded, _ place: @autoclosure () -> String
  ) {
    compare(x.value, y.value, allowance: x.error + y.error, place())
  }
}
