// No false alarm: the formula check accepts correct rules at 10,000 random points.
//
// Every failure prints its sample and seed. Samples are the small ones of the catalogue, in turn,
// each time at other points and along other directions.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct FalseAlarmTests {
  /// The figure in release; without optimisation a fifth of it takes as long.
  #if DEBUG
    private static let cases = 2000
  #else
    private static let cases = 10_000
  #endif
  private static let chunks = 10

  /// At most this many operand elements, so that all cases take a minute.
  private static let samples = [DType.f32, .f64].flatMap { Catalogue.samples($0) }.filter {
    $0.isDifferentiable && $0.operands.reduce(0) { $0 + $1.aval.size } <= 40
  }

  @Test(arguments: 0..<chunks)
  func randomCasesRaiseNoAlarm(chunk: Int) throws {
    let base = SeededGenerator.testSeed
    for i in 0..<(Self.cases / Self.chunks) {
      let number = i * Self.chunks + chunk
      let sample = Self.samples[number % Self.samples.count]
      let seed = base &+ UInt64(i)
      let report = Report(
        title: sample.label, facts: ["seed": "\(seed)"],
        findings: try Checks.formula(for: sample, seed: seed))
      expect(report)
    }
  }
}
