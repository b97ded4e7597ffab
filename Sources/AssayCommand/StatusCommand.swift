// `assay status`: docs/Status.md, from the program itself and the fixtures.

import ArgumentParser
import Foundation
import Status

/// Writes the table of primitives, or says that a file is not it.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Writes the table of primitives (docs/Status.md).")

  @Option(help: "Exit with 1 unless this file is the table.")
  var check: String?

  func run() throws {
    let table = try StatusTable(fixtures: fixtureFiles([])).markdown
    guard let check else {
      print(table, terminator: "")
      return
    }
    guard let data = FileManager.default.contents(atPath: check) else {
      throw StatusFailure(description: "\(check): no such file; `make status` writes it")
    }
    guard data == Data(table.utf8) else {
      let found = String(decoding: data, as: UTF8.self).split(separator: "\n")
      let fresh = table.split(separator: "\n")
      let line = zip(found, fresh).first { $0 != $1 }?.1 ?? fresh.last ?? ""
      throw StatusFailure(
        description: "\(check) is stale: `make status` writes it anew; first difference: \(line)")
    }
  }
}

/// Why the check failed.
private struct StatusFailure: Error, CustomStringConvertible {
  let description: String
}
