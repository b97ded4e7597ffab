// Goldens and our results, both scored against the truth: no tolerance, no golden copied.
//
// For every case the value, the tangent and the cotangents run as jaxprs on each backend and in the
// error analysis. Findings: per program, label and implementation (`jax` is one: a golden that lies
// outside JAX's own bounds says that the truth or the bounds are wrong). The compiled run of JAX is
// scored as noise and fails nothing.

import Catalogue
import Core
import Foundation
import HDF5Storage

/// Scores fixture files.
public struct GoldenVerifier: Sendable {
  private let files: [String]
  private let backends: [AuditedBackend]

  /// The fixtures at `files` on `backends`.
  public init(files: [String], backends: [AuditedBackend]) {
    self.files = files
    self.backends = backends
  }

  /// Scores every case; `progress` gets each case's path before it runs.
  /// - Throws: `GoldenError` or `StorageError` for a file that is not what docs/Fixtures.md says;
  ///   a program that is unknown or does not run is a finding.
  public func run(progress: (String) -> Void = { _ in }) throws -> Report {
    var report = Report(title: "golden verify")
    for path in files {
      let file = try Self.open(path)
      report.facts["\(name(path))"] =
        "\(file.cases.count) cases, jax \(file.provenance["jax"] ?? "?"), "
        + "seed \(file.provenance["seed"] ?? "?")"
      report.findings += try findings(file, progress: progress)
    }
    return report
  }

  /// One line per file: family, cases, programs, provenance.
  public static func listing(files: [String]) throws -> [String] {
    try files.map { path in
      let file = try open(path)
      let programs = Set(file.cases.map(\.program)).count
      return "\(path): \(file.family), \(file.cases.count) cases of \(programs) programs, "
        + "jax \(file.provenance["jax"] ?? "?"), seed \(file.provenance["seed"] ?? "?"), "
        + "by \(file.provenance["generator"] ?? "?")"
    }
  }

  /// Opens a file after checking it against the manifest beside it.
  private static func open(_ path: String) throws -> GoldenFile {
    let folder = (path as NSString).deletingLastPathComponent
    let entry = try GoldenManifest.read(in: folder.isEmpty ? "." : folder)?.check(path)
    let file = try GoldenFile(path)
    let count = file.cases.count + file.ownLayouts
    if let entry, entry.cases != count {
      throw GoldenError(
        path, nil,
        "holds \(count) cases, MANIFEST.json lists \(entry.cases); "
          + "regenerate both with `make golden`")
    }
    return file
  }

  private func findings(_ file: GoldenFile, progress: (String) -> Void) throws -> [Finding] {
    var scores: [GoldenScores.Key: GoldenScores] = [:]
    for golden in file.cases {
      progress("\(name(file.path)):\(golden.path)")
      for label in golden.labels {
        let key = GoldenScores.Key(program: golden.program, label: label)
        let variant = try file.variant(label, of: golden)
        let place = "\(name(file.path)):\(golden.path)/out"
        try scores[key, default: GoldenScores(backends)].add(golden, variant, place, file.path)
      }
    }
    return scores.sorted { $0.key < $1.key }.flatMap { $1.findings($0, family: file.family) }
  }

  private func name(_ path: String) -> String { (path as NSString).lastPathComponent }
}
