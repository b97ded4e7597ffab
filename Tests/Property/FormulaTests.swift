// The formula check accepts every rule of the library and rejects every fault planted in one.
//
// Faults are planted through the fault hook, never by editing a rule. `detects`, which every
// finding states, is itself tested: a fault of twice that size must be seen by that very check.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct FormulaTests {
  /// What the formula check must see.
  private static let small = DoubleDouble(1e-20)

  @Test(arguments: PrimitiveSamples.all)
  func everyRuleIsRight(primitive: PrimitiveSample) throws {
    expect(try primitive.report(seed: SeededGenerator.testSeed))
  }

  @Test(arguments: PrimitiveSamples.all)
  func aFaultOf1em20InAJVPRuleIsDetected(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    let report = try withFault(RuleFault(.jvp, of: primitive.primitive, relative: Self.small)) {
      try primitive.report(seed: seed)
    }
    for mode in ["jvp", "vjp"] {
      #expect(report.fails { $0.hasPrefix(mode) }, "\(mode), seed \(seed)\n\(report.text())")
    }
  }

  @Test(arguments: PrimitiveSamples.all.filter(\.isLinear))
  func aFaultOf1em20InATransposeRuleIsDetected(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    let report = try withFault(
      RuleFault(.transpose, of: primitive.primitive, relative: Self.small)
    ) { try primitive.report(seed: seed) }
    #expect(report.fails { $0.hasPrefix("vjp") }, "seed \(seed)\n\(report.text())")
    #expect(!report.fails { $0.hasPrefix("jvp") }, "seed \(seed)\n\(report.text())")
  }

  /// Wrong sign, zero, doubled, and off by a thousandth: what other checkers look for.
  @Test(arguments: PrimitiveSamples.all, [-2, -1, 1, 1e-3])
  func aLargeFaultIsDetectedByDifferencesAlone(
    primitive: PrimitiveSample, relative: Double
  ) throws {
    let seed = SeededGenerator.testSeed
    let fault = RuleFault(.jvp, of: primitive.primitive, relative: DoubleDouble(relative))
    let report = try withFault(fault) { try primitive.report(seed: seed) }
    for check in ["jvp = differences", "vjp = differences"] {
      #expect(report.fails { $0 == check }, "seed \(seed)\n\(report.text())")
    }
  }

  @Test(arguments: PrimitiveSamples.all)
  func everyCheckDetectsTwiceWhatItSaysItDetects(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    for finding in try primitive.report(seed: seed).findings {
      let detects = try #require(finding.detects, "\(finding.check), seed \(seed)")
      // The planted factor is a multiplication more, with a roundoff of its own.
      let relative = 2 * (detects + Bounded.unitRoundoff)
      let fault = RuleFault(.jvp, of: primitive.primitive, relative: DoubleDouble(relative))
      let report = try withFault(fault) { try primitive.report(seed: seed) }
      #expect(report.fails { $0 == finding.check }, "\(relative), seed \(seed)\n\(report.text())")
    }
  }

  @Test func theSameSeedGivesTheSameReport() throws {
    let reports = try (0..<2).map { _ in try PrimitiveSamples.all[0].report(seed: 7).json() }
    #expect(reports[0] == reports[1])
  }

  @Test func aGradientThatIsWrongInOneElementOnlyIsDetected() throws {
    // The factor stands where x is 3 and nowhere else, in the derivative only.
    let f = { (x: Tensor) throws -> Tensor in
      let y = try sin(x)
      let bump = try y - stopGradient(y)
      let isThird = try equal(x, Tensor(3, .f64))
      return try y + where_(isThird, bump * 1e-18)
    }
    let report = try checkGradient(f, at: Tensor([1, 2, 3, 4], .f64))
    #expect(report.fails { $0 == "jvp = differences" }, "\(report.text())")
    #expect(report.findings[0].detail.contains("[2]"), "\(report.findings[0].detail)")
  }
}

/// `x` where the condition holds, else 0.
private func where_(_ condition: Tensor, _ x: Tensor) throws -> Tensor {
  try `where`(condition, x, zeros(like: x))
}
