// The programs that the package builds, run as processes.

import Foundation

/// One run of a built program.
public struct Command {
  /// The exit code.
  public let status: Int32
  /// The lines of the standard output.
  public let output: [String]
  /// The lines of the standard error.
  public let errors: [String]

  /// Runs `program`, built beside the tests, with `arguments`.
  public static func run(_ arguments: [String], of program: String = "assay") throws -> Command {
    let process = Process()
    process.executableURL = productFolder.appendingPathComponent(program)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Command(
      status: process.terminationStatus, output: lines(text), errors: lines(complaint))
  }

  /// Where the tests were built, and the programs beside them.
  private static var productFolder: URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  }

  private static func lines(_ data: Data) -> [String] {
    String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
