// The options that every run of checks shares: which programs, which numbers, where the report goes.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Oracle

/// Programs, dtypes, seed and report file.
struct RunOptions: ParsableArguments {
  @Argument(help: "Programs of the catalogue, by name; all when none is named.")
  var programs: [String] = []

  @Option(help: "Only this dtype.")
  var dtype: FloatName?

  @Option(help: "The seed of the drawn operands; a fresh one when not given.")
  var seed: UInt64?

  @Option(help: "Write the report as JSON to this file.")
  var json: String?

  /// The samples that were asked for, in each dtype.
  func samples() throws -> [Sample] {
    let dtypes = dtype.map { [$0.dtype] } ?? [.f32, .f64]
    guard !programs.isEmpty else { return dtypes.flatMap { Catalogue.samples($0) } }
    return try programs.flatMap { name in
      let found = dtypes.flatMap { Catalogue.samples(matching: name, $0) }
      guard !found.isEmpty else {
        throw UsageError(
          description: "unknown program '\(name)'; `assay info --programs` lists those known")
      }
      return found
    }
  }

  /// Writes the report where it was asked for, all of it or nothing, and ends with its exit code.
  func finish(_ report: Report) throws {
    if let json {
      try report.json().write(to: URL(fileURLWithPath: json), options: .atomic)
    }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }
}
