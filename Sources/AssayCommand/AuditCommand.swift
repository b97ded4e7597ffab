// `assay audit`: is each kernel right, how far do two backends drift, what would have been seen.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Oracle

/// The audit of two backends against the truth.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Judges every equation of two backends, and the drift between them.")

  @OptionGroup var options: RunOptions

  @Option(help: "The first backend.")
  var a = BackendName.reference

  @Option(help: "The second backend.")
  var b = BackendName.openblas

  func run() throws {
    let report = try auditReport(
      options.samples(), a: a.audited, b: b.audited,
      seed: options.seed ?? SeededGenerator.freshSeed())
    print(AuditTable(report).text)
    try report.finish(json: options.json)
  }
}

/// Audits every sample, and checks the formulas of the differentiable ones.
func auditReport(
  _ samples: [Sample], a: AuditedBackend, b: AuditedBackend, seed: UInt64
) throws -> Report {
  var report = Report(
    title: "audit \(a.model.name) and \(b.model.name)",
    facts: reportFacts(seed: seed))
  try Progress.over(samples) { sample in
    report.findings += try audit(sample, a: a, b: b, seed: seed)
    report.findings += try Checks.formula(for: sample, seed: seed)
  }
  return report
}
