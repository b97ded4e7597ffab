// `assay info`: what runs here, which programs are known, and what runs where.

import ArgumentParser
import Catalogue
import Core
import Environment
import OpenBLASBackend

/// Prints versions, programs or a plan.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Prints versions and devices, programs, or a backend's plan.")

  @Option(help: "Print what the OpenBLAS backend runs where for this program.")
  var plan: String?

  @Flag(help: "List the programs of the catalogue.")
  var programs = false

  func run() throws {
    if let plan { return try printPlan(plan) }
    if programs { return printPrograms() }
    print(environmentText())
  }

  private func printPlan(_ name: String) throws {
    guard let sample = Catalogue.samples(matching: name, .f32).first else {
      throw UsageError.unknownProgram(name)
    }
    let jaxpr = try makeJaxpr(sample.program.function)(sample.operands.map(\.aval)).inlined
    print(try OpenBLASBackend().plan(jaxpr))
  }

  private func printPrograms() {
    var seen: Set<String> = []
    for sample in Catalogue.samples(.f32) where seen.insert(sample.program.name).inserted {
      print("\(sample.program.name)  (\(sample.family))")
    }
  }
}
