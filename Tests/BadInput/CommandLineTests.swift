// The command line on bad input: one clear line, the right exit code, nothing written.

import Foundation
import HDF5Storage
import TestSupport
import Testing

@Suite struct CommandLineTests {
  @Test func anUnknownProgramIsAUsageError() throws {
    for arguments in [["check", "nosuch"], ["audit", "nosuch"], ["jaxpr", "nosuch"]] {
      let run = try Command.run(arguments)
      #expect(run.status == 2)
      #expect(
        run.errors == ["assay: unknown program 'nosuch'; `assay info --programs` lists those known"]
      )
      #expect(run.output.isEmpty)
    }
  }

  @Test func anUnknownOptionIsAUsageError() throws {
    #expect(try Command.run(["audit", "--nosuch"]).status == 2)
    #expect(try Command.run(["audit", "--a", "nosuch"]).status == 2)
  }

  @Test(arguments: [
    (["tutorial", "--steps", "3"], "--steps counts steps of the article's run; give --article"),
    (["tutorial", "--steps", "960"], "--steps counts steps of the article's run; give --article"),
    (["tutorial", "--article", "--steps", "0"], "--steps must be in 1...960, got 0"),
    (["tutorial", "--article", "--steps", "961"], "--steps must be in 1...960, got 961"),
    (["sin", "--article"], "--article belongs to the training runs"),
  ])
  func anOptionThatWouldChangeNothingIsRefused(arguments: [String], message: String) throws {
    let run = try Command.run(["audit"] + arguments)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.first?.hasPrefix("Error: \(message)") == true, "\(run.errors)")
  }

  @Test func aMissingFixtureIsNamed() throws {
    let run = try Command.run(["golden", "verify", "nosuch.h5"])
    #expect(run.status == 1)
    #expect(run.errors == ["assay: nosuch.h5: no such file"])
  }

  @Test func aForeignFileIsNamed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/foreign.h5"
      try Data("not an HDF5 file".utf8).write(to: URL(fileURLWithPath: path))
      let run = try Command.run(["golden", "verify", path])
      #expect(run.status == 1)
      #expect(run.errors.count == 1)
      #expect(run.errors.first?.hasPrefix("assay: \(path): ") == true)
    }
  }

  @Test func aReportIsNotWrittenWhenTheRunDoesNotBegin() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/report.json"
      let run = try Command.run(["audit", "nosuch", "--json", path])
      #expect(run.status == 2)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func aReportThatCannotBeWrittenIsAnError() throws {
    let run = try Command.run(["check", "neg", "--json", "/nosuch/report.json"])
    #expect(run.status == 1)
    #expect(run.errors.count == 1)
  }

  @Test func aGoodRunWritesItsReportAndEndsWithZero() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/report.json"
      let run = try Command.run(["check", "neg", "--seed", "5", "--json", path])
      #expect(run.status == 0)
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: path)))
      let report = try #require(json as? [String: Any])
      #expect((report["facts"] as? [String: String])?["seed"] == "5")
      #expect((report["findings"] as? [Any])?.isEmpty == false)
    }
  }
}
