// vmap = loop, bit for bit, over every axis of every operand; and what the check sees.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct VmapTests {
  @Test func aFunctionThatIsAnotherUnderVmapFails() throws {
    let finding = try Checks.finding("vmap = loop", Impure.sample, 1)
    #expect(finding.verdict == .fail, "\(finding)")
  }

  @Test(arguments: PrimitiveSamples.all)
  func `VM-04 derivatives map as functions do`(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    let function = primitive.sample.program.function
    let forward: @Sendable ([Tensor]) throws -> [Tensor] = { x in
      try jvp(function, x, x.map { try ones(like: $0) }).tangents
    }
    let reverse: @Sendable ([Tensor]) throws -> [Tensor] = { x in
      let (outs, pullback) = try vjp(function, x)
      return try pullback(outs.map { try ones(like: $0) })
    }
    for (name, f) in [("jvp", forward), ("vjp", reverse)] {
      let sample = Sample(
        program: Program(name: "\(name) of \(primitive.primitive)", function: f), family: "test",
        operands: primitive.sample.operands)
      let finding = try Checks.finding("vmap = loop", sample, seed)
      #expect(finding.verdict == .pass, "\(finding), seed \(seed)")
    }
  }
}
