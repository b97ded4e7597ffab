// The adjoint identity sees a reverse rule that is not the transpose of the forward one, in the
// program's own precision and without differences.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct AdjointTests {
  @Test(
    arguments: [DType.f32, .f64],
    PrimitiveSamples.all.filter { $0.isLinear && $0.primitive != "convert_element_type" })
  func aFaultyTransposeRuleBreaksTheIdentity(dtype: DType, primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    let sample = primitive.sample.converted(to: dtype)
    let clean = try Checks.finding("adjoint", sample, seed)
    #expect(clean.verdict == .pass, "\(clean), seed \(seed)")
    // A thousandth in f32, 1e-12 in f64: faults of one operand count where the other cancels. More
    // where ⟨w, Jv⟩ itself cancels and the check says that it sees less.
    let detects = try #require(clean.detects)
    let relative = max(dtype == .f32 ? 1e-3 : 1e-12, 4 * detects)
    let fault = RuleFault(
      .transpose, of: primitive.primitive, relative: DoubleDouble(relative))
    let faulty = try withFault(fault) { try Checks.finding("adjoint", sample, seed) }
    #expect(faulty.verdict == .fail, "\(faulty), seed \(seed)")
  }

  @Test func theIdentityOfAnIllConditionedDerivativeIsJudgedByItsEnclosure() throws {
    // The derivative of (x + 1e8) − x is rounded away: 8u of what is left could not be held.
    let program = Program(name: "cancelling") { [try ($0[0] + 1e8) - $0[0] + 3 * $0[0]] }
    let sample = Sample(
      program: program, family: "test", operands: [Operand(ShapedArray(.f32, [5]))])
    for seed in 1...20 as ClosedRange<UInt64> {
      #expect(try Checks.finding("adjoint", sample, seed).verdict == .pass)
    }
  }
}
