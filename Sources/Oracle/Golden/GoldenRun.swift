// A variant as jaxprs: the value, its tangent and its cotangents, each staged once, so that every
// backend, the truth and the error analysis run the same equations.

import Catalogue
import Core

/// The program of a case, staged for the operands of one variant.
struct GoldenRun {
  /// One staged function and the names of its results under out/<label>.
  struct Part {
    let names: [String]
    let jaxpr: Jaxpr
    let inputs: [Buffer]
  }

  let parts: [Part]

  init(_ golden: GoldenCase, _ variant: GoldenVariant) throws {
    let program = try Catalogue.program(named: golden.program, parameters: golden.parameters)
    let avals = variant.operands.map(\.aval)
    let value = try makeJaxpr(program.function)(avals).inlined
    let names = value.outs.count == 1 ? ["value"] : value.outs.indices.map { "value\($0)" }
    var parts = [Part(names: names, jaxpr: value, inputs: variant.operands)]
    if !variant.cotangents.isEmpty {
      parts += try Self.derivatives(program, variant, results: value.outAvals)
    }
    self.parts = parts
  }

  private static func derivatives(
    _ program: Program, _ variant: GoldenVariant, results: [ShapedArray]
  ) throws -> [Part] {
    let indices = variant.differentiated
    let inexact = results.indices.filter { results[$0].dtype.isInexact }
    let cotangents = inexact.compactMap { variant.cotangents[$0] }
    guard cotangents.map(\.aval) == inexact.map({ results[$0] }),
      variant.cotangents.count == inexact.count
    else {
      throw TraceError.badArgument(
        "the cotangents are \(variant.cotangents.mapValues(\.aval)), the program gives \(results)")
    }
    let forward = variant.operands + indices.compactMap { variant.tangents[$0] }
    let reverse = variant.operands + cotangents
    return [
      Part(
        names: results.count == 1 ? ["jvp"] : inexact.map { "jvp\($0)" },
        jaxpr: try makeJaxpr(program.tangents(of: indices))(forward.map(\.aval)).inlined,
        inputs: forward),
      Part(
        names: indices.map { "vjp\($0)" },
        jaxpr: try makeJaxpr(program.cotangents(of: indices, results: cotangents.count))(
          reverse.map(\.aval)
        ).inlined,
        inputs: reverse),
    ]
  }
}
