// `assay check`: is each formula right.

import ArgumentParser
import Catalogue
import Core
import Oracle

/// Every check of every derivative.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks derivatives: formula, rounding, adjoint, linearity, vmap, staging, Hessian.")

  @OptionGroup var options: RunOptions

  func run() throws {
    let seed = options.seed ?? SeededGenerator.freshSeed()
    let samples = try options.samples()
    var report = Report(
      title: "check", facts: reportFacts(seed: seed))
    try Progress.over(samples) { sample in
      report.findings += try Checks.all(for: sample, seed: seed)
    }
    print(report.text())
    try report.finish(json: options.json)
  }
}
