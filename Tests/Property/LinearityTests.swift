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
    let exponential = try #require(PrimitiveSamples.all.first { $0.primitive == "exp" }).sample
    for dtype in [DType.f32, .f64] {
      let sample = exponential.converted(to: dtype)
      let fine = try Checks.finding("rounding", sample, 1)
      #expect(fine.verdict == .pass, "\(fine)")
      let rough = try withBackend(RoughExponential(dtype)) {
        try Checks.finding("rounding", sample, 1)
      }
      #expect(rough.verdict == .fail, "\(rough)")
    }
  }
}

/// The reference, but for an exponential that errs by eight units in the last place.
private struct RoughExponential: Backend {
  let name = "rough"
  private let factor: DoubleDouble

  init(_ dtype: DType) { factor = 1 + DoubleDouble(dtype == .f32 ? 0x1p-20 : 0x1p-49) }

  func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer] {
    try ReferenceBackend().evaluate(primitive, inputs).map { result in
      guard case .unary(.exp) = primitive else { return result }
      let elements = result.storage.exact.map { $0 * factor }
      return Buffer(shape: result.shape, Storage(rounding: elements, to: result.aval.dtype))
    }
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
