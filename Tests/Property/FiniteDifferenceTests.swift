// The differences' own error estimate covers their true error, on functions whose derivative is
// known in closed form.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct FiniteDifferenceTests {
  struct Known: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let domain: ClosedRange<Double>
    let f: @Sendable (DoubleDouble) -> DoubleDouble
    let derivative: @Sendable (DoubleDouble) -> DoubleDouble
  }

  static let functions = [
    Known(
      testDescription: "sin", domain: -3...3, f: { .sin($0) }, derivative: { .cos($0) }),
    Known(testDescription: "exp", domain: -3...3, f: { .exp($0) }, derivative: { .exp($0) }),
    Known(testDescription: "log", domain: 0.01...9, f: { .log($0) }, derivative: { 1 / $0 }),
    Known(
      testDescription: "cube", domain: -3...3, f: { $0 * $0 * $0 }, derivative: { 3 * $0 * $0 }),
    Known(testDescription: "line", domain: -3...3, f: { 3 * $0 + 1 }, derivative: { _ in 3 }),
    Known(
      testDescription: "reciprocal", domain: 0.1...3, f: { 1 / $0 },
      derivative: { -1 / ($0 * $0) }),
    Known(
      testDescription: "tanh", domain: -2...2, f: { .tanh($0) },
      derivative: { 1 - .tanh($0) * .tanh($0) }),
  ]

  @Test(arguments: functions)
  func theEstimateCoversTheError(known: Known) throws {
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let (low, high) = (known.domain.lowerBound, known.domain.upperBound)
      let x = low + (high - low) * random.unit()
      let step = x.magnitude.binade
      let y = known.f(DoubleDouble(x))
      // Each of these functions is right to 2⁻⁹⁹ of the larger of its terms.
      var differences = FiniteDifference(
        atZero: [y], errors: [0x1p-99 * (1 + Double(y).magnitude)]
      ) { [known.f(DoubleDouble(sum: x, $0 * step))] }
      let found = try differences.differences()[0]
      let error = Double(found.slope - known.derivative(DoubleDouble(x)) * DoubleDouble(step))
      #expect(found.kind == .smooth, "x = \(x), seed \(seed)")
      #expect(error.magnitude <= found.tolerance, "x = \(x), seed \(seed)")
      if let ratio = found.ratio { #expect(abs(ratio - 4) < 1, "x = \(x), seed \(seed)") }
    }
  }

  @Test func directionsAreNeverSmallAndOfEitherSign() {
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed)
    let entries = (0..<1000).map { _ in random.entry() }
    #expect(entries.allSatisfy { (1..<2).contains($0.magnitude) }, "seed \(seed)")
    #expect(entries.contains { $0 < 0 } && entries.contains { $0 > 0 }, "seed \(seed)")
  }
}
