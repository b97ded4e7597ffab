// The options that every run of checks shares: which programs, which numbers, where the report goes.

import ArgumentParser
import Catalogue
import Core
import Environment
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
    let dtypes = dtype.map { [$0.dtype] } ?? DType.allCases
    guard !programs.isEmpty else { return dtypes.flatMap { Catalogue.samples($0) } }
    return try programs.flatMap { name in
      let found = dtypes.flatMap { Catalogue.samples(matching: name, $0) }
      guard !found.isEmpty else {
        throw UsageError.unknownProgram(name)
      }
      return found
    }
  }
}

extension Report {
  /// Writes the report to `json` if named, all of it or nothing, and ends with its exit code.
  func finish(json: String?) throws {
    if let json {
      try self.json().write(to: URL(fileURLWithPath: json), options: .atomic)
    }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }
}

/// What a report states of the build, the machine and the drawn numbers.
func reportFacts(seed: UInt64) -> [String: String] {
  Dictionary(uniqueKeysWithValues: environmentInfo().map { ($0.name, $0.value) })
    .merging(["seed": "\(seed)"]) { $1 }
}
