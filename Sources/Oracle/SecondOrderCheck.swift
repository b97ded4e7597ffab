// The laws of second derivatives and of shared leaves, in double-double.
//
// With φ(x) = ⟨w, f(x)⟩ and H its Hessian: H a computed forward over reverse, reverse over forward and
// reverse over reverse agree, and with differences of the gradient; ⟨b, Ha⟩ = ⟨a, Hb⟩ = forward over
// forward. A leaf used twice gets the sum of what two separate leaves would get; a leaf that is
// not used gets zeros of its own type. Allowances are the running bounds of both sides.

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
    return [try hessian(), try leaves()]
  }

  private var split: OperandSplit { program.split }
  private var operandAvals: [ShapedArray] { program.point.map(\.aval) }
  private var tangentAvals: [ShapedArray] { split.differentiable(operandAvals) }

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
    let (n, m) = (operandAvals.count, program.value.outs.count)
    let jaxpr = try makeJaxpr { all in
      let (x, w, a) = (Array(all[..<n]), Array(all[n..<n + m]), Array(all[(n + m)...]))
      return try body(weighted(x, w), split.differentiable(x), a)
    }(operandAvals + program.value.outAvals + tangentAvals)
    try jaxpr.check()
    let shapes = (program.value.outAvals + tangentAvals).map(\.shape)
    let extra = zip(shapes, w + a).map { shape, x in
      ReferenceValue<Bounded>.inexact(
        DenseArray(shape: shape, scalars: x.map { Bounded(DoubleDouble($0)) }))
    }
    return try ReferenceInterpreter<Bounded>.run(
      jaxpr, program.point.map { ReferenceValue($0) } + extra
    ).flatMap(\.elements)
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

  /// vjp of x ↦ (f(x), f(x)) against vjp of (x, y) ↦ (f(x), f(y)) at y = x; and an unused operand.
  private func leaves() throws -> Finding {
    var random = SeededGenerator(seed: seed &+ 3)
    let weights = (0..<2).map { _ in Directions.plain(program.resultCounts, &random) }
    let n = operandAvals.count
    func gradient(
      _ extra: [ShapedArray],
      _ f: @escaping (_ all: [Tensor], _ leaves: [Tensor]) throws -> [Tensor]
    ) throws -> [Bounded] {
      let cotangents = program.value.outAvals + program.value.outAvals
      let jaxpr = try makeJaxpr { inputs in
        let all = Array(inputs[..<n])
        let w = Array(inputs[n...])
        let leaves = split.differentiable(all)
        return try vjp(
          { try f(all, $0).filter { $0.dtype.isInexact } }, leaves + (extra.isEmpty ? [] : leaves)
        )
        .pullback(w)
      }(operandAvals + cotangents)
      try jaxpr.check()
      let w = zip(cotangents, weights[0] + weights[1]).map { aval, w in
        ReferenceValue<Bounded>.inexact(
          DenseArray(shape: aval.shape, scalars: w.map { Bounded(DoubleDouble($0)) }))
      }
      return try ReferenceInterpreter<Bounded>.run(
        jaxpr, program.point.map { ReferenceValue($0) } + w
      ).flatMap(\.elements)
    }
    let shared = try gradient([]) { all, x in
      try function(split.merged(all, x)) + function(split.merged(all, x))
    }
    let separate = try gradient(tangentAvals) { all, xy in
      let (x, y) = (Array(xy[..<(xy.count / 2)]), Array(xy[(xy.count / 2)...]))
      return try function(split.merged(all, x)) + function(split.merged(all, y))
    }
    let unused = try gradient(tangentAvals) { all, xy in
      let x = split.merged(all, Array(xy[..<(xy.count / 2)]))
      return try function(x) + function(x)
    }
    var tally = Tally()
    for i in shared.indices {
      tally.compare(
        shared[i], separate[i] + separate[shared.count + i], "a leaf used twice, element \(i)")
      tally.compare(unused[shared.count + i], 0, "an unused leaf, element \(i)")
    }
    return tally.finding(subject: subject, family: family, check: "leaves")
  }
}

extension Tally {
  /// Compares two computations of one number, each with its bound.
  fileprivate mutating func compare(
    _ x: Bounded, _ y: Bounded, _ place: @autoclosure () -> String
  ) {
    compare(x.value, y.value, allowance: x.error + y.error, place())
  }
}
