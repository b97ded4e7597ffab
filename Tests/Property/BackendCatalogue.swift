// Law: whatever the catalogue can state runs in kernels of OpenBLASBackend, values and derivatives of
// every sample in every dtype; no step is handed to the reference.

import Catalogue
import Core
import Foundation
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

extension Sample {
  fileprivate var avals: [ShapedArray] { operands.map(\.aval) }

  /// The program, and where it has derivatives its tangents and cotangents.
  func jaxprs() throws -> [Jaxpr] {
    let value = try makeJaxpr(program.function)(avals)
    let places = avals.indices.filter { avals[$0].dtype.isInexact }
    guard derivative != .none, !places.isEmpty else { return [value] }
    let cotangents = value.outAvals.filter(\.dtype.isInexact)
    let forward = try makeJaxpr(program.tangents(of: places))(avals + places.map { avals[$0] })
    let backward = try makeJaxpr(program.cotangents(of: places, results: cotangents.count))(
      avals + cotangents)
    return [value, forward, backward]
  }
}

@Suite struct BackendCatalogue {
  /// Where nothing is rounded, each equation must give the reference's bits from its own operands.
  @Test(arguments: SampleArgument.all)
  func `every equation of a sample runs here, exactly where it is exact`(
    _ argument: SampleArgument
  ) throws {
    for jaxpr in try argument.sample.jaxprs() {
      let plan = try backend.plan(jaxpr)
      #expect(plan.steps.map(\.primitive) == jaxpr.eqns.map(\.primitive))
      var random = SeededGenerator(seed: 40)
      // Operands from the sample's own domain: a loop's bound drawn from anywhere never ends.
      let operands = argument.sample.inputs(seed: 40)
      let rest = jaxpr.inAvals.dropFirst(operands.count)
      let trace = try plan.trace(operands + rest.map { ordinaryBuffer($0, &random) })
      for (index, eqn) in jaxpr.eqns.enumerated() {
        let results = trace.results[index]
        #expect(results.map(\.aval) == eqn.outs.map(\.aval), "\(eqn)")
        guard !eqn.outs.contains(where: \.aval.dtype.isInexact) else { continue }
        let expected = try ReferenceBackend().evaluate(eqn.primitive, trace.operands[index])
        for (ours, expected) in zip(results, expected) {
          #expect(ours.storage.isBitwiseEqual(to: expected.storage), "\(eqn)")
        }
      }
    }
  }

  @Test func `no source of the backend names the reference's interpreter`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/OpenBLASBackend")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "swift" }
    #expect(files.contains { $0.lastPathComponent == "Kernel.swift" })
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      for name in ["ReferenceBackend", "ReferenceInterpreter", "EquationByEquation"] {
        #expect(!text.contains(name), "\(file.lastPathComponent) names \(name)")
      }
    }
  }
}
