// `assay audit tutorial`: what it prints and writes, and what it refuses before it computes anything.

import Charts
import Foundation
import HDF5Storage
import TestSupport
import Testing

private let fixture = fixturePath("trajectory.h5")

/// The lines of the table below the line that begins with `title`, cut at its columns.
private func table(_ title: String, in lines: [String]) -> [[String]] {
  guard let start = lines.firstIndex(where: { $0.hasPrefix(title) }) else { return [] }
  let isRow = { (line: String) in line.contains("  ") && !line.hasPrefix("{") }
  return lines[(start + 1)...].prefix(while: isRow).map { line in
    line.split(separator: /\s\s+/).map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

@Suite(.enabled(if: isOptimised)) struct AuditTutorialTests {
  @Test func `a run is audited: tables, report, pictures, and 0`() throws {
    try withTemporaryFolder { folder in
      let run = try Command.run([
        "audit", "tutorial", "resnet_adamw", "--seed", "5", "--trajectories", fixture, "--pictures",
        folder + "/new/pictures", "--json", folder + "/report.json",
      ])
      #expect(run.status == 0, "\(run.output) \(run.errors)")
      let drift = table("resnet_adamw: drift of the weights", in: run.output)
      let headers = [
        "step", "reference", "openblas", "jax eager", "jax jit", "one ulp", "reference ≤", "jax ≤",
      ]
      #expect(drift.first == headers)
      #expect(drift.dropFirst(2).map(\.first) == ["1", "2", "4", "8", "16", "32", "64"])
      // No run may drift further than is allowed, nor have no drift at all in the end.
      let last = drift.last?.compactMap(Double.init) ?? []
      #expect(last.count == headers.count, "\(drift)")
      if last.count == headers.count {
        #expect((1...2).allSatisfy { last[$0] > 0 && last[$0] < last[6] }, "\(last)")
        #expect((3...4).allSatisfy { last[$0] > 0 && last[$0] < last[7] }, "\(last)")
      }
      let sensitivity = table("resnet_adamw: the smallest relative fault", in: run.output)
      #expect(
        sensitivity.dropFirst(2).map(\.first) == ["reference", "openblas", "jax eager", "jax jit"])
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: folder + "/report.json")))
      let findings = (json as? [String: Any])?["findings"] as? [[String: Any]] ?? []
      #expect(findings.count > 12 && findings.allSatisfy { $0["verdict"] as? String == "pass" })
      let pictures = try FileManager.default.contentsOfDirectory(atPath: folder + "/new/pictures")
      let expected = ["drift-resnet_adamw-loss.svg", "drift-resnet_adamw-weights.svg"]
      #expect(pictures.sorted() == (Gnuplot.find() == nil ? [] : expected))
    }
  }

  @Test func `a run that the fixture has not is a usage error`() throws {
    let run = try Command.run(["audit", "tutorial", "nosuch", "--trajectories", fixture])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(
      run.errors == [
        "assay: unknown run 'nosuch'; the fixture has batchnorm_batch, batchnorm_ema, resnet_adam, "
          + "resnet_adamw"
      ])
  }

  @Test func `files that cannot be read or written end it before it computes`() throws {
    for wrong in [
      ["--trajectories", "nosuch.h5"], ["--trajectories", fixturePath("numbers.h5")],
      ["--trajectories", fixture, "--pictures", "/dev/null/x"],
    ] {
      let run = try Command.run(["audit", "tutorial"] + wrong)
      #expect(run.status != 0 && run.errors.count == 1, "\(wrong): \(run.status) \(run.errors)")
      #expect(run.output.isEmpty, "\(wrong): \(run.output)")
    }
    #expect(try Command.run(["audit", "tutorial", "--seed", "x"]).status == 2)
  }
}
