// Staging = eager, bit for bit; and what the check sees.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

@Suite struct StagingTests {
  @Test func aFunctionThatIsAnotherWhenStagedFails() throws {
    let finding = try Checks.finding("staging = eager", Impure.sample, 1)
    #expect(finding.verdict == .fail, "\(finding)")
  }

  @Test(arguments: PrimitiveSamples.all)
  func everyTransformationGivesAWellFormedProgram(primitive: PrimitiveSample) throws {
    let sample = primitive.sample
    let inputs = sample.inputs(seed: 1).map { Tensor($0) }
    let program = try DerivativeProgram(sample.program.function, at: inputs)
    for jaxpr in [program.value, program.forward, program.reverse] { try jaxpr.check() }
    let linear = try linearize(sample.program.function, inputs).linear.jaxpr
    try linear.check()
    let mapped = try makeJaxpr { try vmap(sample.program.function)($0) }(
      inputs.map { $0.aval.with(shape: [3] + $0.shape) })
    try mapped.check()
  }
}
