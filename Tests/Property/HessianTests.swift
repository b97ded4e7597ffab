// Second derivatives: all four compositions of the modes agree with each other and with differences
// of the gradient; and what the check sees.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct HessianTests {
  /// The primitive differentiated, and the one whose rule then only second derivatives use.
  private static let second: [(String, String)] = [
    ("sin", "cos"), ("cos", "sin"), ("sinh", "cosh"), ("lgamma", "digamma"), ("asin", "rsqrt"),
    ("digamma", "polygamma"), ("cbrt", "integer_pow"), ("erf", "exp"), ("reduce_max", "div"),
  ].filter { $0.0 != "reduce_max" }

  @Test(arguments: second)
  func aFaultThatOnlySecondDerivativesMeetIsDetected(first: String, second: String) throws {
    let seed = SeededGenerator.testSeed
    let primitive = try #require(PrimitiveSamples.all.first { $0.primitive == first })
    let clean = try Checks.finding("hessian", primitive.sample, seed)
    #expect(clean.verdict == .pass, "\(clean), seed \(seed)")
    let faulty = try withFault(RuleFault(.jvp, of: second, relative: 1e-18)) {
      try Checks.finding("hessian", primitive.sample, seed)
    }
    #expect(faulty.verdict == .fail, "\(faulty), seed \(seed)")
  }

  @Test(arguments: ["sin", "mul", "dot_general"])
  func aTransposeFaultBreaksTheSymmetryOfTheModes(name: String) throws {
    let seed = SeededGenerator.testSeed
    let primitive = try #require(PrimitiveSamples.all.first { $0.primitive == name })
    let rule = name == "sin" ? "mul" : name
    let faulty = try withFault(RuleFault(.transpose, of: rule, relative: 1e-20)) {
      try Checks.finding("hessian", primitive.sample, seed)
    }
    #expect(faulty.verdict == .fail, "\(faulty), seed \(seed)")
  }

  @Test func aSharedLeafGetsTheSumOfItsUses() throws {
    let finding = try Checks.finding("leaves", PrimitiveSamples.all[0].sample, 1)
    #expect(finding.verdict == .pass && finding.compared == 12, "\(finding)")
  }
}
