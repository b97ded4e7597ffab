// `assay golden`: the fixtures that the real JAX wrote.

import ArgumentParser
import Core
import Foundation
import OpenBLASBackend
import Oracle

/// Verifies, lists and regenerates fixtures.
struct GoldenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden", abstract: "Scores both backends and the goldens against the truth.",
    subcommands: [Verify.self, List.self, Regenerate.self], defaultSubcommand: Verify.self)

  /// The fixtures that stand beside the working directory.
  static func fixtures(_ files: [String]) throws -> [String] {
    if !files.isEmpty { return files }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: "fixtures")) ?? []
    let paths = found.filter { $0.hasSuffix(".h5") }.sorted().map { "fixtures/\($0)" }
    guard !paths.isEmpty else {
      throw UsageError(
        description: "no fixtures/*.h5 here; run in the project's folder, or name the files")
    }
    return paths
  }
}
