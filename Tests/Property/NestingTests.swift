// Transformations compose in every order, and never take each other's tangents.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

private typealias Function = @Sendable (Tensor) throws -> Tensor

@Suite struct NestingTests {
  enum Transformation: String, Sendable, CaseIterable {
    case jvp, grad, vmap, jit

    /// Whether it differentiates.
    var order: Int {
      switch self {
      case .jvp, .grad: 1
      case .vmap, .jit: 0
      }
    }

    /// An elementwise function to an elementwise function: its derivative, or itself.
    fileprivate func applied(to f: @escaping Function) -> Function {
      switch self {
      case .jvp: { try Core.jvp(f, $0, ones(like: $0)).tangent }
      case .grad: { try Core.grad { try sum(f($0)) }($0) }
      case .vmap: { $0.rank == 0 ? try f($0) : try Core.vmap { try f($0) }($0) }
      case .jit: Core.jit(f)
      }
    }
  }

  private static let pairs = Transformation.allCases.flatMap { a in
    Transformation.allCases.map { [a, $0] }
  }
  private static let triples = pairs.flatMap { pair in Transformation.allCases.map { pair + [$0] } }

  /// The derivatives of eˣ sin x.
  private static let derivatives:
    [@Sendable (DoubleDouble, DoubleDouble, DoubleDouble) -> DoubleDouble] = [
      { e, s, _ in e * s }, { e, s, c in e * (s + c) }, { e, _, c in 2 * e * c },
      { e, s, c in 2 * e * (c - s) },
    ]

  @Test(arguments: pairs + triples)
  func everyOrderOfTransformationsAgreesWithTheClosedForm(nest: [Transformation]) throws {
    let f: Function = { try sin($0) * exp($0) }
    let nested = nest.reversed().reduce(f) { $1.applied(to: $0) }
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed)
    let elements = (0..<8).map { _ in random.entry() }
    let x = Tensor(shape: [2, 2, 2], .f64(elements))
    let jaxpr = try makeJaxpr(nested)(x)
    try jaxpr.check()
    let found = try ReferenceInterpreter<Bounded>.run(jaxpr, [ReferenceValue(x.buffer)])[0]
    guard case .inexact(let found) = found else { return }
    let closed = Self.derivatives[nest.reduce(0) { $0 + $1.order }]
    for (x, y) in zip(elements, found.scalars) {
      let x = DoubleDouble(x)
      let (e, s, c) = (DoubleDouble.exp(x), DoubleDouble.sin(x), DoubleDouble.cos(x))
      // The closed form itself: three functions of 8 units each and two operations.
      let own = 32 * Bounded.unitRoundoff * Double(2 * e * (s.magnitude + c.magnitude))
      let difference = Double(closed(e, s, c) - y.value).magnitude
      #expect(difference <= y.error + own, "at \(x), seed \(seed)")
    }
    #expect(
      try nested(x).buffer.storage.isBitwiseEqual(to: evalJaxpr(jaxpr, [x])[0].buffer.storage))
  }

  @Test func nestedForwardModesKeepTheirTangentsApart() throws {
    // d/dx [x · d/dy (x + y)] = 1; confused tangents give 2.
    let one = Tensor(1, .f64)
    let outer = try jvp(
      { x in try x * jvp({ y in try x + y }, one, one).tangent }, one, one)
    #expect(try outer.tangent.item == 1)
    let byGrad = try grad { x in try x * grad { y in try x * y }(one) }(Tensor(3, .f64))
    #expect(try byGrad.item == 6)
  }

  @Test func aTensorThatEscapesItsTransformationIsRefused() throws {
    var escaped: Tensor?
    _ = try makeJaxpr { (x: Tensor) in
      escaped = try sin(x)
      return x
    }(Tensor(1, .f64))
    let tensor = try #require(escaped)
    #expect(throws: TraceError.escapedTracer(ShapedArray(.f64))) { try exp(tensor) }
  }

  @Test func aCollectiveOutsideItsAxisIsRefused() {
    #expect(throws: TraceError.unboundAxis("batch")) { try psum(Tensor(1), axisName: "batch") }
    #expect(throws: TraceError.unboundAxis("batch")) { try pmean(Tensor(1), axisName: "batch") }
    #expect(throws: TraceError.unboundAxis("batch")) {
      try vmap({ try psum($0, axisName: "batch") }, axisName: "rows")(Tensor([1, 2]))
    }
  }

  @Test func aSwiftIfSeesValuesUnderGradAndNoneUnderStaging() throws {
    let f: Function = { x in try x.item > 0 ? x * x : -x }
    #expect(try grad(f)(Tensor(3)).item == 6)
    #expect(try grad(f)(Tensor(-3)).item == -1)
    #expect(try jvp(f, Tensor(3), Tensor(1)).tangent.item == 6)
    let notKnown = TraceError.notConcrete(ShapedArray(.f32))
    #expect(throws: notKnown) { try jit(f)(Tensor(3)) }
    #expect(throws: notKnown) { try vmap { try f($0) }(Tensor([3, 4])) }
    #expect(throws: notKnown) { try makeJaxpr(f)(Tensor(3)) }
  }

  /// A function's own rule holds under every nesting: the linear program of an inner derivative is
  /// made by partial evaluation, which must not look inside.
  @Test func ownRulesHoldInSecondDerivatives() throws {
    let relu2: (Tensor) throws -> Tensor = { try relu($0) * relu($0) }
    let zero = Tensor(0, .f64)
    // relu(x)² has slope 0 at 0 and, with relu′(0) = 0, curvature 2 relu′² = 0; max(x, 0) gives ½.
    #expect(try grad(grad(relu2))(zero).item == 0)
    #expect(try jvp(grad(relu2), zero, Tensor(1, .f64)).tangent.item == 0)
    // ln(eˣ + e⁰) has curvature s(1 − s) = ¼ at 0, where max and |x − y| have kinks.
    let smooth: (Tensor) throws -> Tensor = { try logaddexp($0, zeros(like: $0)) }
    let one = Tensor(1, .f64)
    let forward: (Tensor) throws -> Tensor = { try jvp(smooth, $0, one).tangent }
    for second in [
      try grad(grad(smooth))(zero), try jvp(grad(smooth), zero, one).tangent,
      try grad(forward)(zero), try jvp(forward, zero, one).tangent,
    ] {
      // An exponential (0.75 ulp), its argument, two sums and two products: below eight units u.
      #expect(abs(try second.item - 0.25) <= 8 * 0x1p-53)
    }
  }
}
