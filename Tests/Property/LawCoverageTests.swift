// The laws of the primitives, each over every primitive: mapped operands in every combination, staging
// on both backends, the adjoint identity within eight roundoffs, second derivatives to 1e-20.
//
// `LawTests` runs every law over the catalogue; here is what the laws must reach.

import Catalogue
import Core
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

@Suite struct LawCoverageTests {
  /// Samples small enough for a debug build.
  private static func samples(_ dtype: DType) -> [Sample] {
    Catalogue.samples(dtype).filter { $0.operands.reduce(0) { $0 + $1.aval.size } <= 1000 }
  }

  @Test(arguments: DType.allCases)
  func vmapIsTheLoopForEveryChoiceOfMappedOperandsAndAxes(dtype: DType) throws {
    let seed = SeededGenerator.testSeed
    for sample in Self.samples(dtype) where (2...4).contains(sample.operands.count) {
      let draws = (0..<2).map { sample.inputs(seed: seed &+ $0).map { Tensor($0) } }
      let ranks = draws[0].map(\.rank)
      // Axes in step from the first and from the last: together with each operand alone, which
      // `LawTests` maps along every axis, each pair of operands meets at equal and unequal axes.
      for mapped in 1..<1 << ranks.count {
        for isLast in [false, true] {
          let axes = ranks.indices.map { i in
            mapped >> i & 1 == 0 ? nil : isLast ? ranks[i] : i % (ranks[i] + 1)
          }
          try expectLoop(sample, draws, axes, seed)
        }
      }
    }
  }

  private func expectLoop(
    _ sample: Sample, _ draws: [[Tensor]], _ axes: [Int?], _ seed: UInt64
  ) throws {
    let function = sample.program.function
    let operands = try axes.indices.map { i in
      try axes[i].map { try stack(draws.map { $0[i] }, axis: $0) } ?? draws[0][i]
    }
    let rows = try draws.map { draw in
      try function(axes.indices.map { axes[$0] == nil ? draws[0][$0] : draw[$0] })
    }
    let mapped = try vmap(function, inAxes: axes)(operands)
    for (out, result) in mapped.enumerated() {
      let looped = try stack(rows.map { $0[out] })
      #expect(
        try result.aval == looped.aval && sameBits(result, looped),
        "\(sample.label), axes \(axes), result \(out), seed \(seed)")
    }
  }

  @Test(arguments: DType.allCases)
  func stagingIsExactOnOpenBLAS(dtype: DType) throws {
    let seed = SeededGenerator.testSeed
    try withBackend(OpenBLASBackend()) {
      for sample in Self.samples(dtype) {
        let inputs = sample.inputs(seed: seed).map { Tensor($0) }
        let eager = try sample.program.function(inputs)
        let jitted = try jit(sample.program.function)(inputs)
        for (out, (a, b)) in zip(eager, jitted).enumerated() {
          #expect(try sameBits(a, b), "\(sample.label), result \(out), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: [DType.f32, .f64], PrimitiveSamples.all.filter(\.isLinear))
  func theAdjointIdentityHoldsWithinEightRoundoffs(
    dtype: DType, primitive: PrimitiveSample
  ) throws {
    let seed = SeededGenerator.testSeed
    let finding = try Checks.finding("adjoint", primitive.sample.converted(to: dtype), seed)
    #expect(finding.compared == 1 && finding.observed <= 8, "\(finding), seed \(seed)")
  }

  @Test func everyPrimitiveOfTheLanguageHasASampleThatTheLawsRun() throws {
    // Collectives are gone from the program when vmap has mapped them; `vmap_axis` samples run them.
    var missing = Catalogue.primitiveNames.subtracting([
      "psum", "pmax", "pmin", "all_gather", "reduce_scatter", "ppermute", "axis_index",
    ])
    for dtype in DType.allCases {
      for sample in Self.samples(dtype) {
        let avals = sample.operands.map(\.aval)
        try makeJaxpr(sample.program.function)(avals).eqns.forEach {
          missing.remove($0.primitive.name)
        }
      }
    }
    #expect(missing.isEmpty, "\(missing.sorted())")
  }
}

@Suite struct SecondOrderTests {
  /// What a second-order check must see.
  private static let small = 1e-20

  @Test(arguments: PrimitiveSamples.all)
  func secondDerivativesAreRightToOnePartIn1e20(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    let finding = try Checks.finding("hessian", primitive.sample, seed)
    #expect(finding.verdict == .pass, "\(finding), seed \(seed)")
    // A linear primitive has second derivatives of zero: nothing to be relative to.
    if let detects = finding.detects { #expect(detects <= Self.small, "\(finding), seed \(seed)") }
  }

  /// Every rule that the gradient of a primitive applies is met by its second derivative.
  @Test(arguments: PrimitiveSamples.all)
  func aFaultOf1em20InARuleThatGradientsUseIsDetected(primitive: PrimitiveSample) throws {
    let seed = SeededGenerator.testSeed
    for rule in try Self.rules(of: primitive) {
      // Whether the second derivative is at all moved by the rule is seen with a fault of 1/1024.
      guard try isDetected(rule, 0x1p-10, primitive, seed) else { continue }
      let isSeen = try isDetected(rule, DoubleDouble(Self.small), primitive, seed)
      #expect(isSeen, "\(rule) in the gradient of \(primitive.primitive), seed \(seed)")
    }
  }

  /// The test above says nothing of a rule that moves no second derivative; of these some must.
  @Test(arguments: ["sin", "exp", "log", "tanh", "mul", "div", "pow", "reduce_prod", "cumprod"])
  func someRuleOfTheGradientMovesTheSecondDerivative(name: String) throws {
    let seed = SeededGenerator.testSeed
    let primitive = try #require(PrimitiveSamples.all.first { $0.primitive == name })
    let rules = try Self.rules(of: primitive)
    #expect(try rules.contains { try isDetected($0, 0x1p-10, primitive, seed) }, "\(rules)")
  }

  private func isDetected(
    _ rule: String, _ relative: DoubleDouble, _ primitive: PrimitiveSample, _ seed: UInt64
  ) throws -> Bool {
    try withFault(RuleFault(.jvp, of: rule, relative: relative)) {
      try Checks.finding("hessian", primitive.sample, seed).verdict == .fail
    }
  }

  /// The primitives in the program (x, w) ↦ Jᵀw.
  private static func rules(of primitive: PrimitiveSample) throws -> [String] {
    let inputs = primitive.sample.inputs(seed: 1).map { Tensor($0) }
    let program = try DerivativeProgram(primitive.sample.program.function, at: inputs)
    return Set(program.reverse.eqns.map(\.primitive.name)).sorted()
  }
}

/// Whether two tensors have the same elements bit for bit; any NaN equals any other.
private func sameBits(_ a: Tensor, _ b: Tensor) throws -> Bool {
  try a.aval == b.aval
    && zip(a.scalars, b.scalars).allSatisfy {
      $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
    }
}
