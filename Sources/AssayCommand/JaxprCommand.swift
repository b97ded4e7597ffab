// `assay jaxpr`: the printed program.

import ArgumentParser
import Catalogue
import Core

/// Prints a program of the catalogue as a jaxpr.
struct JaxprCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jaxpr", abstract: "Prints the jaxpr of a program, or of its derivative.")

  @Argument(help: "A program of the catalogue.")
  var program: String

  @Option(help: "The dtype of its operands.")
  var dtype = FloatName.f32

  @Flag(help: "The pullback instead of the value.")
  var pullback = false

  func run() throws {
    guard let sample = Catalogue.samples(matching: program, dtype.dtype).first else {
      throw UsageError.unknownProgram(program)
    }
    let avals = sample.operands.map(\.aval)
    let function = sample.program.function
    guard pullback else {
      print(try makeJaxpr(function)(avals))
      return
    }
    let cotangents = try makeJaxpr(function)(avals).outAvals
    let jaxpr = try makeJaxpr { (all: [Tensor]) in
      try vjp(function, Array(all[..<avals.count])).pullback(Array(all[avals.count...]))
    }(avals + cotangents)
    print(jaxpr)
  }
}
