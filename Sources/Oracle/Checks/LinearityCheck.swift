// What every derivative obeys in its own precision, whatever the formula.
//
// adjoint: ⟨w, Jv⟩ = ⟨Jᵀw, v⟩ within 8u(Σ|wᵢ(Jv)ᵢ| + Σ|vⱼ(Jᵀw)ⱼ|), the dot products in double-double.
// linearity: J(2v) = 2Jv and J0 = 0 bit for bit, J(v + v′) = Jv + Jv′ within the enclosures of the
// three; the same for Jᵀ. value: jvp and vjp return f(x) itself, bit for bit.
// rounding: Jv and Jᵀw, run in the program's dtype, lie in the enclosure of the truth.

import Catalogue
import Core

/// The laws of one derivative at one point.
struct LinearityCheck {
  private let program: DerivativeProgram
  private let function: ([Tensor]) throws -> [Tensor]
  private let subject: String
  private let family: String
  /// Directions through the operands and cotangents of the results, two of each; their entries are
  /// multiples of 2⁻¹⁰ in ±[1, 2), so that their sums are exact in every dtype.
  private let v: [[Buffer]]
  private let w: [[Buffer]]

  init(
    _ program: DerivativeProgram, _ function: @escaping ([Tensor]) throws -> [Tensor],
    subject: String, family: String, seed: UInt64
  ) throws {
    (self.program, self.function) = (program, function)
    (self.subject, self.family) = (subject, family)
    var random = SeededGenerator(seed: seed &+ 1)
    func directions(_ avals: [ShapedArray]) -> [[Buffer]] {
      (0..<2).map { _ in avals.map { Buffer($0) { (random.entry() * 0x1p10).rounded() * 0x1p-10 } }
      }
    }
    v = directions(program.split.differentiable(program.point).map(\.aval))
    w = directions(program.value.outAvals)
  }

  func findings() throws -> [Finding] {
    let forward = try LinearMap(program.forward, at: program.point)
    let reverse = try LinearMap(program.reverse, at: program.point)
    return [
      try adjoint(forward, reverse), try exactLinearity(forward, reverse),
      try additivity(forward, reverse), try value(),
      try rounding([(forward, v[0]), (reverse, w[0])]),
    ]
  }

  private func adjoint(_ forward: LinearMap, _ reverse: LinearMap) throws -> Finding {
    let (jv, jtw) = try (forward(v[0]), reverse(w[0]))
    let (left, right) = (DotProduct(w[0], jv), DotProduct(v[0], jtw))
    let u = (program.point + jv).compactMap { Precision($0.aval.dtype)?.unitRoundoff }.max() ?? 0
    let scale = u * (left.size + right.size)
    let difference = (left.value - right.value).hi.magnitude
    // Eight roundoffs hold unless the derivative itself cancels; then the enclosures decide.
    let derived =
      try difference <= 8 * scale
      ? 0 : forward.radius(v[0], weights: w[0]) + reverse.radius(w[0], weights: v[0])
    let allowed = max(8 * scale, derived)
    let isDecided = difference.isFinite && allowed.isFinite
    return Finding(
      subject: subject, family: family, check: "adjoint",
      verdict: !isDecided ? .vacuous : difference <= allowed ? .pass : .fail,
      observed: scale == 0 ? 0 : difference / scale, allowed: scale == 0 ? 0 : allowed / scale,
      unit: "u",
      detects: left.value.hi == 0 ? nil : (allowed + difference) / left.value.hi.magnitude,
      compared: isDecided ? 1 : 0,
      detail: "⟨w, Jv⟩ = \(left.value), ⟨Jᵀw, v⟩ = \(right.value)")
  }

  private func exactLinearity(_ forward: LinearMap, _ reverse: LinearMap) throws -> Finding {
    var tally = BitTally()
    for (map, d, name) in [(forward, v[0], "J"), (reverse, w[0], "Jᵀ")] {
      let (once, twice) = try (map(d), map(d.map { $0.mapped { 2 * $0 } }))
      let zero = try map(d.map { $0.mapped { _ in 0 } })
      for i in once.indices where once[i].isScalable {
        tally.compare(twice[i], once[i].mapped { 2 * $0 }, "\(name)(2v)")
        tally.compare(
          zero[i].mapped { $0 == 0 ? 0 : $0 }, once[i].mapped { _ in 0 }, "\(name)0")
      }
    }
    return tally.finding(subject: subject, family: family, check: "linearity")
  }

  private func additivity(_ forward: LinearMap, _ reverse: LinearMap) throws -> Finding {
    var tally = Tally()
    for (map, d, name) in [(forward, v, "J"), (reverse, w, "Jᵀ")] {
      let sum = zip(d[0], d[1]).map { $0.adding($1) }
      let terms = try [d[0], d[1], sum].map { (try map($0), try map.enclosures($0)) }
      for out in terms[0].0.indices {
        let exact = terms.map { $0.0[out].storage.exact }
        for i in exact[0].indices {
          let radius = terms.reduce(0) { $0 + $1.1[out].radius(i) }
          tally.compare(
            exact[2][i], exact[0][i] + exact[1][i], allowance: radius,
            located(i, [terms[0].0[out].shape], "\(name)(v + v′), result \(out)"))
        }
      }
    }
    return tally.finding(subject: subject, family: family, check: "additivity")
  }

  /// The results that jvp and vjp return beside the derivative.
  private func value() throws -> Finding {
    let inputs = program.point.map { Tensor($0) }
    let split = program.split
    let f = { (x: [Tensor]) in try function(split.merged(inputs, x)) }
    let expected = try function(inputs)
    let x = split.differentiable(inputs)
    var tally = BitTally()
    try tally.compare(jvp(f, x, v[0].map { Tensor($0) }).outs, expected, "jvp")
    try tally.compare(vjp(f, x).outs, expected, "vjp")
    try tally.compare(linearize(f, x).outs, expected, "linearize")
    return tally.finding(subject: subject, family: family, check: "value")
  }

  /// The derivative in the program's own dtype against the truth, in units of roundoff.
  private func rounding(_ runs: [(LinearMap, [Buffer])]) throws -> Finding {
    var tally = Tally()
    for (map, d) in runs {
      for (out, (computed, truth)) in zip(try map(d), try map.enclosures(d)).enumerated() {
        tally.unitRoundoff = Precision(computed.aval.dtype)?.unitRoundoff
        for (i, x) in computed.storage.exact.enumerated() where !truth.isOpen(i) {
          tally.compare(
            x, truth.center[i], allowance: truth.radius(i),
            located(i, [computed.shape], "result \(out)"))
        }
      }
    }
    return tally.finding(subject: subject, family: family, check: "rounding")
  }
}
