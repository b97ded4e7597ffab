// `assay golden`: the fixtures that the real JAX wrote.

import ArgumentParser
import Foundation
import Oracle

/// Verifies, lists and regenerates fixtures.
struct GoldenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden", abstract: "The fixtures that the real JAX wrote.",
    subcommands: [Verify.self, List.self, Regenerate.self])

  /// Scores the goldens and both backends against the truth.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Scores the goldens and both backends against the truth.")

    @Argument(help: "Fixture files; fixtures/*.h5 when none is named.")
    var files: [String] = []

    @Option(help: "Write the report as JSON to this file.")
    var json: String?

    func run() throws {
      let paths = try fixtureFiles(files)
      let verifier = GoldenVerifier(files: paths, backends: BackendName.allCases.map(\.audited))
      let progress = Progress()
      let report = try verifier.run { progress.show($0) }
      progress.clear()
      print(report.text())
      try report.finish(json: json)
    }
  }

  /// Prints what the fixtures hold.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints what the fixtures hold.")

    @Argument(help: "Fixture files; fixtures/*.h5 when none is named.")
    var files: [String] = []

    func run() throws {
      for line in try GoldenVerifier.listing(files: fixtureFiles(files)) { print(line) }
    }
  }

  /// Makes the Python environment and the fixtures again.
  struct Regenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs the real JAX again: make golden, in the project's folder.")

    func run() throws {
      guard FileManager.default.fileExists(atPath: "tools/golden/generate.py") else {
        throw UsageError(description: "no tools/golden here; run in the project's folder")
      }
      let make = Process()
      make.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      make.arguments = ["make", "golden"]
      try make.run()
      make.waitUntilExit()
      if make.terminationStatus != 0 { throw ExitCode(1) }
    }
  }
}

/// The named files, or the fixtures of the working directory.
func fixtureFiles(_ files: [String]) throws -> [String] {
  if !files.isEmpty { return files }
  let found = (try? FileManager.default.contentsOfDirectory(atPath: "fixtures")) ?? []
  let paths = found.filter { $0.hasSuffix(".h5") }.sorted().map { "fixtures/\($0)" }
  guard !paths.isEmpty else {
    throw UsageError(
      description: "no fixtures/*.h5 here; run in the project's folder, or name the files")
  }
  return paths
}
