// gnuplot, an external program that may not be here.
//
// It reads the script from a file on its standard input (a pipe would end this process by a signal if
// gnuplot ended first) and writes the picture to its standard output; only a whole picture is put in
// place. Nothing of the caller's goes through a shell.

internal import Foundation

/// The gnuplot of this machine.
public struct Gnuplot: Sendable {
  /// Where it is.
  public let path: String

  /// The program at `path`.
  public init(path: String) { self.path = path }

  /// The first gnuplot of a list of folders, separated by colons; of `PATH` if none is given.
  public static func find(in folders: String? = nil) -> Gnuplot? {
    let folders = folders ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
    return folders.split(separator: ":").map { "\($0)/gnuplot" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
      .map { Gnuplot(path: $0) }
  }

  /// The chart as SVG.
  /// - Throws: `ChartError` when nothing can be drawn, or gnuplot fails.
  public func svg(_ chart: Chart) throws -> [UInt8] {
    guard chart.series.contains(where: { !chart.points($0).isEmpty }) else {
      throw ChartError.nothingToDraw(chart.title)
    }
    let folder = FileManager.default.temporaryDirectory.path + "/chart-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let names = (script: folder + "/script", errors: folder + "/errors")
    try Data(chart.script.utf8).write(to: URL(fileURLWithPath: names.script))
    try Data().write(to: URL(fileURLWithPath: names.errors))

    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: names.script))
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: names.errors))
    try process.run()
    let picture = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0,
      String(decoding: picture.suffix(16), as: UTF8.self).contains("</svg>")
    else {
      let words = (try? String(contentsOfFile: names.errors, encoding: .utf8)) ?? ""
      throw ChartError.failed(words.split(separator: "\n").joined(separator: " "))
    }
    return Array(picture)
  }
}

extension Chart {
  /// What became of a picture.
  public enum Outcome: Equatable, Sendable, CustomStringConvertible {
    /// It is at this path.
    case written(String)
    /// There is no gnuplot to draw it.
    case noGnuplot

    /// The path, or what to install.
    public var description: String {
      switch self {
      case .written(let path): path
      case .noGnuplot: "no picture: gnuplot is not installed (Debian: apt-get install gnuplot-nox)"
      }
    }
  }

  /// Draws the chart to an SVG file: the whole picture, or none and the old file as it was.
  /// - Throws: `ChartError`; an error of the file system.
  @discardableResult
  public func write(to path: String, with gnuplot: Gnuplot? = .find()) throws -> Outcome {
    guard let gnuplot else { return .noGnuplot }
    try Data(gnuplot.svg(self)).write(to: URL(fileURLWithPath: path), options: .atomic)
    return .written(path)
  }
}

/// Why there is no picture.
public enum ChartError: Error, Equatable, CustomStringConvertible {
  /// No point of the chart has a place on its axes.
  case nothingToDraw(String)
  /// gnuplot failed, in its own words.
  case failed(String)

  /// One line.
  public var description: String {
    switch self {
    case .nothingToDraw(let title): "chart '\(title)': no point has a place on the axes"
    case .failed(let words): "gnuplot failed: \(words)"
    }
  }
}
