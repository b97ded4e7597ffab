// `assay` alone: what a newcomer runs first.

import ArgumentParser
import Catalogue
import Core
import Environment
import Oracle

/// Versions and devices, then an audit of the programs that users write.
struct QuickCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quick", abstract: "Versions and devices, then a quick audit (the default).")

  func run() throws {
    print(environmentText())
    print("")
    let samples = Catalogue.samples(.f32).filter { $0.family == "program" }
    let report = try auditReport(
      samples, a: BackendName.reference.audited, b: BackendName.openblas.audited,
      seed: SeededGenerator.freshSeed())
    print(AuditTable(report).text)
    try report.finish(json: nil)
  }
}
