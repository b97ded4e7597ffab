// `assay audit`: is each kernel right, how far do two backends drift, what would have been seen; and
// `assay audit tutorial [run …]`: how far whole training runs drift. Both when the job is `all`.

import ArgumentParser
import Catalogue
import Core
import Foundation
import OpenBLASBackend
import Oracle
import Trajectories

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

  @Option(help: "The training runs of the original.")
  var trajectories = "fixtures/trajectory.h5"

  @Option(help: "The folder for pictures of the drift; none are drawn without it.")
  var pictures: String?

  @Flag(help: "After the kernels the training runs: what `make audit` does.")
  var all = false

  @Flag(help: "Also the drift of the article's own run, 960 steps; it takes minutes.")
  var article = false

  @Option(help: "How many steps of the article's run; all of them without it.")
  var steps: Int?

  /// An option that would change nothing is refused.
  func validate() throws {
    let count = TrainingParameters.article.steps
    guard (1...count).contains(steps ?? count) else {
      throw ValidationError("--steps must be in 1...\(count), got \(steps ?? count)")
    }
    guard steps == nil || article else {
      throw ValidationError("--steps counts steps of the article's run; give --article with it")
    }
    guard !article || isTutorial || all else {
      throw ValidationError(
        "--article belongs to the training runs; use `assay audit tutorial` or --all")
    }
  }

  private var isTutorial: Bool { options.programs.first == "tutorial" }

  func run() throws {
    let seed = options.seed ?? SeededGenerator.freshSeed()
    var report = Report(title: "audit tutorial", facts: reportFacts(seed: seed))
    if !isTutorial {
      report = try auditReport(options.samples(), a: a.audited, b: b.audited, seed: seed)
      print(AuditTable(report).text)
    }
    if isTutorial || all {
      let names = isTutorial ? Array(options.programs.dropFirst()) : []
      let runs = TutorialAudit(
        fixture: trajectories, runs: names, pictures: pictures, seed: seed)
      let found = Report(title: report.title, findings: try runs.run())
      print("\n" + summary(found))
      report.findings += found.findings
      if article {
        try showArticle(steps: steps ?? TrainingParameters.article.steps, seed: seed)
      }
    }
    try report.finish(json: options.json)
  }

  /// What is measured here is judged nowhere: docs/Decisions.md says why.
  private func showArticle(steps: Int, seed: UInt64) throws {
    let program = try TrainingProgram("article", .article).program.prefix(steps)
    let backends: [any Backend] = [ReferenceBackend(), OpenBLASBackend()]
    let trace = try DriftTrace(program, group: "weights", on: backends, seed: seed)
    print("\nthe article's run: drift of the weights from the truth, relative, by steps")
    print(trace.table)
  }

  private func summary(_ runs: Report) -> String {
    let points = runs.findings.reduce(0) { $0 + $1.compared }
    let outside = runs.failures.map { "FAIL \($0.subject): \($0.check) \($0.detail)" }
    return
      (outside + [
        "\(points) distances and numbers, \(runs.failures.count) groups beyond what rounding explains"
      ]).joined(separator: "\n")
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
