// Laws of the catalogue: every sample stages, in every transformation, to a well-typed program that
// computes what the eager program computes; and samples are what they claim to be.

import Catalogue
import Core
import Oracle
import TestSupport
import Testing

/// A sample as a test argument, under the name that reports use.
struct SampleArgument: Sendable, CustomTestStringConvertible {
  let sample: Sample
  let number: Int

  var testDescription: String { "\(number): \(sample.label) \(sample.program.parameters)" }

  static let all: [SampleArgument] = DType.allCases.flatMap { dtype in
    Catalogue.samples(dtype)
  }.enumerated().map { SampleArgument(sample: $1, number: $0) }
}

extension Sample {
  fileprivate var avals: [ShapedArray] { operands.map(\.aval) }
  fileprivate var differentiable: [Int] { avals.indices.filter { avals[$0].dtype.isInexact } }
}

@Suite struct CatalogueTests {
  /// Two values to draw from: half of all first draws are equal.
  @Test func noTwoOperandsAreEqual() {
    let scalars = (0..<2).map { _ in Operand(ShapedArray(.f64), in: 0...0.001) }
    let sample = Sample(
      program: Program(name: "pair") { $0 }, family: "test", operands: scalars)
    for seed in 1...100 as ClosedRange<UInt64> {
      let inputs = sample.inputs(seed: seed)
      #expect(!inputs[0].storage.isBitwiseEqual(to: inputs[1].storage), "seed \(seed)")
    }
  }

  @Test(arguments: SampleArgument.all)
  func `JX-08 staging is well typed and equals eager bit for bit`(_ argument: SampleArgument) throws
  {
    let sample = argument.sample
    let jaxpr = try makeJaxpr(sample.program.function)(sample.avals)
    try jaxpr.check()
    let inputs = sample.inputs(seed: 7)
    #expect(inputs.map(\.aval) == sample.avals)
    let eager = try sample.program.function(inputs.map { Tensor($0) })
    let staged = try ReferenceBackend().compile(jaxpr).run(inputs)
    #expect(eager.count == staged.count)
    for (one, other) in zip(eager, staged) {
      #expect(try one.storage.isBitwiseEqual(to: other.storage))
    }
  }

  @Test(arguments: SampleArgument.all.filter { $0.sample.derivative != .none })
  func derivativesStageToWellTypedPrograms(_ argument: SampleArgument) throws {
    let sample = argument.sample
    let results = try makeJaxpr(sample.program.function)(sample.avals).outAvals
    let tangents = sample.differentiable.map { sample.avals[$0] }
    let cotangents = results.filter(\.dtype.isInexact)
    let forward = try makeJaxpr(sample.program.tangents(of: sample.differentiable))(
      sample.avals + tangents)
    try forward.check()
    #expect(forward.outAvals == cotangents)
    let reverse = try makeJaxpr(
      sample.program.cotangents(of: sample.differentiable, results: cotangents.count))(
        sample.avals + cotangents)
    try reverse.check()
    #expect(reverse.outAvals == tangents)
  }

  @Test(arguments: SampleArgument.all.filter { !$0.sample.operands.isEmpty })
  func vectorisedProgramsStageToWellTypedPrograms(_ argument: SampleArgument) throws {
    let sample = argument.sample
    let results = try makeJaxpr(sample.program.function)(sample.avals).outAvals
    let jaxpr = try makeJaxpr(vmap(sample.program.function))(
      sample.avals.map { $0.with(shape: [2] + $0.shape) })
    try jaxpr.check()
    #expect(jaxpr.outAvals == results.map { $0.with(shape: [2] + $0.shape) })
  }

  @Test(arguments: SampleArgument.all)
  func valuesLieInTheirDomainsAndDependOnTheSeed(_ argument: SampleArgument) throws {
    let sample = argument.sample
    let inputs = sample.inputs(seed: 1)
    for (operand, buffer) in zip(sample.operands, inputs) {
      // Rounding to f32 may leave the interval by half a unit in the last place of its ends.
      let slack = operand.aval.dtype == .f32 ? 0x1p-24 : 0
      for value in buffer.storage.exact.map({ Double($0) }) {
        #expect(value >= operand.domain.lowerBound - slack * abs(operand.domain.lowerBound))
        #expect(value <= operand.domain.upperBound + slack * abs(operand.domain.upperBound))
      }
      if operand.isDistinct {
        #expect(Set(buffer.storage.exact.map { Double($0) }).count == buffer.storage.count)
      }
    }
    let again = sample.inputs(seed: 1)
    #expect(zip(inputs, again).allSatisfy { $0.storage.isBitwiseEqual(to: $1.storage) })
  }

  @Test func operandsNeverShareAStream() throws {
    let add = try #require(Catalogue.samples(matching: "add", .f64).first)
    let (x, y) = (add.inputs(seed: 3)[0], add.inputs(seed: 3)[1])
    #expect(x.shape == y.shape)
    #expect(!x.storage.isBitwiseEqual(to: y.storage))
    #expect(!x.storage.isBitwiseEqual(to: add.inputs(seed: 4)[0].storage))
  }

  @Test func everyProgramHasASampleOrAGolden() throws {
    let sampled = Set(DType.allCases.flatMap { Catalogue.samples($0) }.map(\.program.name))
    let manifest = try #require(try GoldenManifest.read(in: fixturePath("")))
    let golden = try manifest.files.keys.filter { $0.hasSuffix(".h5") }.flatMap {
      try GoldenFile(fixturePath($0)).cases.map(\.program)
    }
    #expect(Set(Catalogue.names).subtracting(sampled).subtracting(golden) == [])
  }

  /// The names of the operations of `jaxpr` at every depth; `isHigher` says which run programs.
  private func names(in jaxpr: Jaxpr, higher isHigher: Bool) -> Set<String> {
    jaxpr.eqns.reduce(into: []) { all, eqn in
      let runsPrograms = if case .higherOrder = eqn.primitive { true } else { false }
      if runsPrograms == isHigher { all.insert(eqn.primitive.name) }
      for program in eqn.primitive.programs {
        all.formUnion(names(in: program.jaxpr, higher: isHigher))
      }
    }
  }

  @Test func everyPrimitiveOfADerivativeFreeProgramIsNamedInTheCatalogue() throws {
    let programs = Set(Catalogue.names)
    let jaxprs = try SampleArgument.all.map { argument in
      try makeJaxpr(argument.sample.program.function)(argument.sample.avals)
    }
    let used = jaxprs.reduce(into: Set()) { $0.formUnion(names(in: $1, higher: false)) }
    #expect(used.subtracting(programs) == [])
    let higher = jaxprs.reduce(into: Set()) { $0.formUnion(names(in: $1, higher: true)) }
    #expect(
      higher.isSuperset(of: [
        "cond", "custom_jvp_call", "custom_vjp_call", "jit", "remat2", "scan", "while",
      ]))
  }

  @Test func parametersThatDoNotFitAreNamed() throws {
    #expect(throws: CatalogueError.self) { try Catalogue.program(named: "sine") }
    for (name, parameters) in [
      ("sin", #"{"y":2}"#), ("integer_pow", "{}"), ("integer_pow", #"{"y":"two"}"#),
      ("integer_pow", "["), ("convert_element_type", #"{"new_dtype":"f16"}"#),
      ("pad", #"{"padding_config":[[1,2]]}"#), ("dot_general", #"{"dimension_numbers":[]}"#),
      ("mlp", #"{"activations":["sine"]}"#), ("hessian", #"{"function":"parabola"}"#),
    ] {
      let error = #expect(throws: CatalogueError.self) {
        try Catalogue.program(named: name, parameters: parameters)
      }
      #expect(error?.description.hasPrefix("program '\(name)': ") == true)
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test func operandsThatDoNotFitThrow() throws {
    let one = Tensor(1)
    #expect(throws: CatalogueError.self) { try Catalogue.program(named: "mul").function([one]) }
    for name in Catalogue.names {
      guard let sample = Catalogue.samples(matching: name, .f32).first else { continue }
      for operands in [[], [one], Array(repeating: one, count: sample.operands.count)] {
        // Any answer but a crash: a scalar fits some programs.
        _ = try? sample.program.function(operands)
      }
    }
  }
}
