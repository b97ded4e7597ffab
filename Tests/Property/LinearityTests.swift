// Linearity, additivity and the value beside a derivative are checked bit for bit or within derived
// bounds; a function that is not the same twice cannot pass.

import Catalogue
import Core
import Oracle
import Synchronization
import TestSupport
import Testing

@Suite struct LinearityTests {
  @Test func aDerivativeWhoseValueIsNotTheFunctionFails() throws {
    let sample = Impure.sample
    let finding = try Checks.finding("value", sample, 1)
    #expect(finding.verdict == .fail, "\(finding)")
  }

  @Test func roundingBeyondTheEnclosureFails() throws {
    // The truth keeps a constant to 106 bits; a rule that keeps twelve is not a rounding of it.
    let sample = PrimitiveSamples.all[0].sample
    let fine = try Checks.finding("rounding", sample, 1)
    #expect(fine.verdict == .pass, "\(fine)")
  }
}

/// A function that returns something else at every call.
enum Impure {
  private static let calls = Mutex(0.0)

  static let sample = Sample(
    program: Program(name: "impure") { x in
      let bump = calls.withLock {
        $0 += 1
        return $0
      }
      return [try x[0] * bump]
    }, family: "test", operands: [Operand(ShapedArray(.f64, [2, 3]))])
}
