// At kinks and edges the check says so instead of failing, and still sees what lies outside.

import Core
import Oracle
import TestSupport
import Testing

@Suite struct KinkTests {
  /// A function of one operand at a point where it has a kink.
  struct Kink: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let point: [Double]
    let f: @Sendable (Tensor) throws -> Tensor
    /// The primitive whose rule decides which slope is taken.
    let primitive: String
  }

  static let kinks = [
    Kink(testDescription: "abs", point: [0, 1], f: { try abs($0) }, primitive: "abs"),
    Kink(testDescription: "relu", point: [-1, 0, 2], f: { try relu($0) }, primitive: "mul"),
    Kink(
      testDescription: "maximum at a tie", point: [3, 1], f: { try maximum($0, Tensor(3, .f64)) },
      primitive: "max"),
    Kink(
      testDescription: "clamp at a bound", point: [1, 0.5],
      f: { try clamp(Tensor(-1, .f64), $0, Tensor(1, .f64)) }, primitive: "clamp"),
    Kink(
      testDescription: "reduce_max of equals", point: [2, 2, 1], f: { try max($0) },
      primitive: "reduce_max"),
  ]

  @Test(arguments: kinks)
  func aKinkIsCertified(kink: Kink) throws {
    let report = try checkGradient(kink.f, at: Tensor(kink.point, .f64))
    #expect(report.findings.map(\.verdict) == [.kink, .kink], "\(report.text())")
    #expect(report.exitCode == 0)
  }

  @Test(arguments: kinks.filter { $0.primitive != "mul" })
  func aSlopeOutsideTheOneSidedOnesFailsAtAKink(kink: Kink) throws {
    // Twice the slope 1 at the smooth element leaves the interval there.
    let report = try withFault(RuleFault(.jvp, of: kink.primitive, relative: 3)) {
      try checkGradient(kink.f, at: Tensor(kink.point, .f64))
    }
    #expect(report.findings.map(\.verdict) == [.fail, .fail], "\(report.text())")
  }

  @Test func anEdgeOfTheDomainIsCheckedFromInside() throws {
    let f = { (x: Tensor) throws -> Tensor in try pow(x, Tensor(2.5, .f64)) + 3 * x }
    let report = try checkJVP(f, at: Tensor([0, 1], .f64))
    #expect(report.findings[0].verdict == .edge, "\(report.text())")
    let faulty = try withFault(RuleFault(.jvp, of: "mul", relative: 1e-6)) {
      try checkJVP(f, at: Tensor([0, 1], .f64))
    }
    #expect(faulty.findings[0].verdict == .fail, "\(faulty.text())")
  }

  /// ln(eˣ + eʸ) is built of max and |x − y|, both of which have a kink at x = y; it has none.
  @Test func aSmoothFunctionMadeOfKinksIsSmoothWhereTheyMeet() throws {
    let tie = Tensor([0.25, 0.25], .f64)
    let pair: (Tensor) throws -> Tensor = { x in
      try logaddexp(slice(x, axis: 0, from: 0, to: 1), slice(x, axis: 0, from: 1, to: 2))
    }
    for f in [pair, { try cumlogsumexp($0) }] {
      let report = try checkGradient(f, at: tie)
      #expect(report.findings.allSatisfy { $0.verdict == .pass }, "\(report.text())")
    }
  }

  @Test func nothingComparedIsVacuous() throws {
    let outside = try checkGradient({ try log($0) }, at: Tensor([-1, -2], .f64))
    #expect(outside.findings.allSatisfy { $0.verdict == .vacuous }, "\(outside.text())")
    let empty = try checkGradient({ try sin($0) }, at: Tensor([Double](), .f64))
    #expect(empty.isVacuous, "\(empty.text())")
    #expect(empty.exitCode == 3)
    let twins = try checkGradient(
      { try $0[0] * $0[1] }, at: [Tensor([1, 2], .f64), Tensor([1, 2], .f64)])
    #expect(twins.findings.allSatisfy { $0.verdict == .vacuous }, "\(twins.text())")
  }

  @Test func aDerivativeThatIsZeroEverywhereIsToldSo() throws {
    let report = try checkGradient({ try sign($0) }, at: Tensor([1, -2], .f64))
    expect(report)
    #expect(report.findings.allSatisfy { $0.detail.contains("exactly zero on both sides") })
  }

  @Test func aZeroInPlaceOfASmallDerivativeFails() throws {
    // An absolute tolerance would swallow a gradient of 1e-9.
    let report = try checkGradient(
      { try stopGradient(sin($0) * 1e-9) }, at: Tensor([1, 2], .f64))
    #expect(report.failures.count == 4, "\(report.text())")
  }
}
