// Every sample of the catalogue obeys every law: adjoint, linearity, additivity, value, rounding,
// vmap, staging, Hessian, leaves. What each of these checks can see is tested beside it.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct LawTests {
  /// Without optimisation the large network would take a minute.
  private static func samples(_ dtype: DType) -> [Sample] {
    #if DEBUG
      Catalogue.samples(dtype).filter { $0.operands.reduce(0) { $0 + $1.aval.size } <= 1000 }
    #else
      Catalogue.samples(dtype)
    #endif
  }

  @Test(arguments: DType.allCases)
  func everySampleObeysEveryLaw(dtype: DType) throws {
    let seed = SeededGenerator.testSeed
    var report = Report(title: "laws", facts: ["seed": "\(seed)"])
    for sample in Self.samples(dtype) {
      report.findings += try Checks.laws(for: sample, seed: seed)
    }
    expect(report)
    #expect(report.exitCode == 0, "\(report.failures)")
  }
}
