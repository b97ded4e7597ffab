// The command line: `assay` and its subcommands.
//
// Exit codes: 0 all good · 1 findings, or a file that cannot be used · 2 usage · 3 nothing was
// tested. ArgumentParser's own usage code (64) becomes 2.

import ArgumentParser
import Environment
import Foundation

/// The root command.
struct AssayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay",
    abstract: "Tests gradients and audits numerical drift, with derived bounds.",
    version: assayVersion,
    subcommands: [
      QuickCommand.self, CheckCommand.self, AuditCommand.self, GoldenCommand.self,
      JaxprCommand.self, InfoCommand.self, StatusCommand.self, TutorialCommand.self,
    ],
    defaultSubcommand: QuickCommand.self)
}

/// What ends a run with an exit code of its own.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  /// No program of the catalogue has this name.
  static func unknownProgram(_ name: String) -> UsageError {
    UsageError(
      description: "unknown program '\(name)'; `assay info --programs` lists those known")
  }

  /// The fixture has no training run of this name.
  static func unknownRun(_ name: String, known: [String]) -> UsageError {
    UsageError(
      description: "unknown run '\(name)'; the fixture has \(known.joined(separator: ", "))")
  }
}

@main
enum Main {
  static func main() {
    do {
      var command = try AssayCommand.parseAsRoot()
      try command.run()
    } catch {
      exit(report(error))
    }
  }

  /// Prints `error` as one line and says which code to exit with.
  private static func report(_ error: any Error) -> Int32 {
    if let usage = error as? UsageError {
      printError("assay: \(usage)")
      return 2
    }
    let code = AssayCommand.exitCode(for: error)
    let isParsing = code == .validationFailure || code == .success || error is ExitCode
    if isParsing {
      let message = AssayCommand.fullMessage(for: error)
      if !message.isEmpty { code == .success ? print(message) : printError(message) }
      return code == .validationFailure ? 2 : code.rawValue
    }
    printError("assay: \(error)")
    return 1
  }

  private static func printError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
