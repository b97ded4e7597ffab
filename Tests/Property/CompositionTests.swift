// Every transformation of every other, of programs of every kind, against numbers that know no rule.
//
// The outermost transformation is redone without tensors' rules: a derivative by dual numbers that
// run the staged program inside it, a loop for vmap, nothing at all for what must change nothing.
// By induction over the nest that holds every level.

import Catalogue
import Core
import TestSupport
import Testing

private typealias Function = @Sendable (Tensor) throws -> Tensor

/// A program `[3]` → `[3]` that every transformation can take, unless it is reverse only.
private struct Composed: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let isReverseOnly: Bool
  let f: Function

  init(_ name: String, isReverseOnly: Bool = false, _ f: @escaping Function) {
    (testDescription, self.isReverseOnly, self.f) = (name, isReverseOnly, f)
  }
}

private let ownSine = customJVP(
  name: "own_sine", { (x: Tensor) in try sin(x) },
  rule: { (x: Tensor, dx: Tensor) in (try sin(x), try cos(x) * dx) })

private let reversedSine = customVJP(
  name: "reversed_sine", { x in [try sin(x[0])] }, forward: { x in ([try sin(x[0])], x) },
  backward: { x, ct in [try cos(x[0]) * ct[0]] })

private let catalogue = [
  Composed("elementwise") { try exp(sin($0)) / (1 + square($0)) },
  Composed("convolution") { x in
    let image = try reshape(x * x, [1, 1, 3])
    return try reshape(
      conv(
        image, Tensor(shape: [1, 1, 2], .f64([0.5, -1.5])), windowStrides: [1],
        padding: .explicit([EdgePadding(1, 0)])), [3])
  },
  Composed("gather and scatter") { x in
    let taken = try take(x * x, Tensor([2, 0, 2], .i32), axis: 0)
    return try x.at[Tensor([1, 0, 1], .i32)].add(taken * sin(x))
  },
  Composed("scan") { x in
    try scan(
      { c, v in (carry: [try sin(c[0]) * x + v[0]], y: [try sum(c[0]) * v[0]]) }, [x], [x]
    ).ys[0]
  },
  Composed("reverse scan") { x in
    try scan(
      { c, v in (carry: [try c[0] * v[0] + square(x)], y: []) }, [x], [x], reverse: true
    ).carry[0]
  },
  Composed("cond") { x in
    let first = try sum(slice(x, axis: 0, from: 0, to: 1))
    return try cond(
      greater(first, zeros(like: first)), [x], then: { [try $0[0] * sin(x)] },
      else: { [try exp($0[0]) * first] })[0]
  },
  Composed("customJVP") { try ownSine($0) * $0 },
  Composed("customVJP", isReverseOnly: true) { try reversedSine([$0])[0] * $0 },
  Composed("nested jit") { x in
    let inner = jit { (v: [Tensor]) in [try sin(v[0]) * x] }
    return try jit { (v: [Tensor]) in [try exp(inner(v)[0]) + inner([square(v[0])])[0]] }([x])[0]
  },
  Composed("sort") { try sort($0) * $0 * Tensor([1, 2, 3], .f64) },
  Composed("cumsum") { try sin(cumsum($0 * $0)) },
]

private enum Transformation: String, CaseIterable {
  case jvp, vjp, vmap, jit, checkpoint, linearizeTransposed, jacfwd, jacrev, hvp, restaged

  /// How it differentiates first, seen from the inside.
  enum Kind { case plain, mapped, forward, reverse, curvature }

  var kind: Kind {
    switch self {
    case .jit, .checkpoint, .restaged: .plain
    case .vmap: .mapped
    case .jvp, .jacfwd: .forward
    case .vjp, .jacrev, .linearizeTransposed: .reverse
    case .hvp: .curvature
    }
  }

  static let v = Tensor([1.25, -1.5, 1.75], .f64)
  static let w = Tensor([-1.125, 1.375, 1.625], .f64)

  /// A function `[3]` → `[3]` of the same.
  func applied(to f: @escaping Function) -> Function {
    let (v, w) = (Self.v, Self.w)
    return switch self {
    case .jvp: { try Core.jvp(f, $0, v).tangent }
    case .vjp: { try Core.vjp({ [try f($0[0])] }, [$0]).pullback([w])[0] }
    case .vmap:
      { x in
        try sum(Core.vmap { try f($0) }(stack([x, 0.5 * x])), axes: [0])
      }
    case .jit: Core.jit(f)
    case .checkpoint: { x in try Core.checkpoint { [try f($0[0])] }([x])[0] }
    case .linearizeTransposed:
      { x in
        let linear = try linearize({ [try f($0[0])] }, [x]).linear
        return try linearTranspose({ try linear($0) }, [x.aval])([w])[0]
      }
    case .jacfwd: { try matmul(Core.jacfwd { try f($0) }($0), v) }
    case .jacrev: { try matmul(w, Core.jacrev { try f($0) }($0)) }
    case .hvp: { try Core.hvp({ try sum(f($0) * w) }, $0, v) }
    case .restaged: { x in try evalJaxpr(makeJaxpr { try f($0) }(x), [x])[0] }
    }
  }
}

/// The result of a program on dual numbers along `v`: its derivative by scalar formulas alone.
private func dualTangents(_ f: @escaping Function, at x: Tensor, along v: Tensor) throws -> [Exact]
{
  let jaxpr = try makeJaxpr { try f($0) }(x)
  let moved = try zip(x.scalars, v.scalars).map {
    Dual(Bounded(DoubleDouble($0), error: 0), tangent: Bounded(DoubleDouble($1), error: 0))
  }
  let value = ReferenceValue<Dual<Bounded>>.inexact(DenseArray(shape: x.shape, scalars: moved))
  return try ReferenceInterpreter<Dual<Bounded>>.run(jaxpr, [value]).flatMap { out -> [Exact] in
    guard case .inexact(let array) = out else { return [] }
    return array.scalars.map { ($0.tangent.value, $0.tangent.error) }
  }
}

/// Σ aᵢ bᵢ for known b, with its bound: each product and sum commits a few units of its size.
private func inner(_ a: [Exact], _ b: Tensor) throws -> Exact {
  try zip(a, b.scalars).reduce((value: 0, error: 0)) { total, pair in
    let term = pair.0.value * DoubleDouble(pair.1)
    let size = Double(term.magnitude) + Double(total.value.magnitude)
    return (
      total.value + term,
      total.error + pair.0.error * abs(pair.1) + 4 * Bounded.unitRoundoff * size
    )
  }
}

@Suite struct CompositionTests {
  /// What a nest of transformations must be, by its outermost.
  private func check(_ nest: [Transformation], _ program: Composed, _ x: Tensor) throws {
    let inside = nest.dropFirst().reversed().reduce(program.f) { $1.applied(to: $0) }
    let found = try exactResults({ [try nest[0].applied(to: inside)($0[0])] }, at: [x])
    let name = "\(nest.map(\.rawValue)) of \(program.testDescription)"
    let (v, w) = (Transformation.v, Transformation.w)
    switch nest[0].kind {
    case .plain: expectAgreement(found, try exactResults({ [try inside($0[0])] }, at: [x]), name)
    case .mapped:
      let loop: @Sendable ([Tensor]) throws -> [Tensor] = {
        [try inside($0[0]) + inside(0.5 * $0[0])]
      }
      expectAgreement(found, try exactResults(loop, at: [x]), name)
    case .forward: expectAgreement(found, try dualTangents(inside, at: x, along: v), name)
    case .reverse:
      // ⟨Jᵀw, eᵢ⟩ = ⟨w, J eᵢ⟩ for each coordinate.
      let expected = try (0..<3).map { i in
        let unit = Tensor((0..<3).map { $0 == i ? 1 : 0 }, .f64)
        return try inner(dualTangents(inside, at: x, along: unit), w)
      }
      expectAgreement(found, expected, name)
    case .curvature:
      let slope: Function = { try grad { try sum(inside($0) * w) }($0) }
      expectAgreement(found, try dualTangents(slope, at: x, along: v), name)
    }
  }

  /// Whether the program has a derivative of the kind that the nest asks first.
  private static func admits(_ program: Composed, _ nest: [Transformation]) -> Bool {
    guard program.isReverseOnly else { return true }
    let first = nest.reversed().first { $0.kind != .plain && $0.kind != .mapped }
    return first?.kind != .forward
  }

  private static let point = Tensor([0.375, 1.25, -0.5], .f64)

  @Test(arguments: catalogue)
  private func `every pair of transformations`(program: Composed) throws {
    for outer in Transformation.allCases {
      try check([outer], program, Self.point, unless: !Self.admits(program, [outer]))
      for inside in Transformation.allCases {
        let nest = [outer, inside]
        try check(nest, program, Self.point, unless: !Self.admits(program, nest))
      }
    }
  }

  @Test(arguments: catalogue)
  private func `a sample of triples of transformations`(program: Composed) throws {
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed, name: program.testDescription, 0)
    for _ in 0..<12 {
      let nest = (0..<3).compactMap { _ in Transformation.allCases.randomElement(using: &random) }
      try check(nest, program, Self.point, unless: !Self.admits(program, nest))
    }
  }

  private func check(
    _ nest: [Transformation], _ program: Composed, _ x: Tensor, unless isRefused: Bool
  ) throws {
    if isRefused {
      #expect(throws: TraceError.self, "\(nest) of \(program)") {
        try nest.reversed().reduce(program.f) { $1.applied(to: $0) }(x)
      }
    } else {
      try check(nest, program, x)
    }
  }

  @Test(arguments: [("jvp", RuleFault.Rule.jvp, "sin"), ("vjp", .transpose, "mul")])
  private func `a wrong rule is seen`(
    name: String, rule: RuleFault.Rule, primitive: String
  ) throws {
    let outer = try #require(Transformation(rawValue: name))
    let program = try #require(catalogue.first)
    try withKnownIssue {
      try withFault(RuleFault(rule, of: primitive, relative: 1e-20)) {
        try check([outer, .jit], program, Self.point)
      }
    }
  }
}
