// The tutorial runs as its text says, for a newcomer copies from it; and it stays one file to read.

import Charts
import Foundation
import HDF5Storage
import TestSupport
import Testing

@Suite struct TutorialTests {
  private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Examples")

  private func lines(_ path: String) throws -> Int {
    let text = try String(contentsOf: Self.source.appendingPathComponent(path), encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
  }

  @Test func `the tutorial is one file under 200 lines, the tour at most 150`() throws {
    for (folder, file) in [("Tutorial", "Tutorial.swift"), ("Tour", "main.swift")] {
      let path = Self.source.appendingPathComponent(folder).path
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [file])
    }
    #expect(try lines("Tutorial/Tutorial.swift") < 200)
    #expect(try lines("Tour/main.swift") <= 150)
  }

  @Test func `a few epochs run to the end, leave their files, and the loss falls`() throws {
    try withTemporaryFolder { folder in
      let (epochs, out) = (4, folder + "/new/run")
      let run = try Command.run(
        ["tutorial", "--epochs", "\(epochs)", "--out", out, "--seed", "5"])
      #expect(run.status == 0, "\(run.output) \(run.errors)")
      // A pipe sees no bar.
      #expect(run.errors.isEmpty)
      #expect(run.output.count { $0.hasPrefix("== ") } == 12)
      #expect(run.output.count { $0.hasPrefix("   ✓ ") } == 22)
      #expect(run.output.last == "22 claims hold")
      let file = try HDF5File.open(out + "/run.h5")
      guard case .f64(let losses) = try file.array(at: "history/validation_loss").elements else {
        Issue.record("validation losses are not f64")
        return
      }
      #expect(losses.count == epochs && losses[epochs - 1] < losses[0] / 2, "\(losses)")
      let pictures = Gnuplot.find() == nil ? [] : ["fit.svg", "loss.svg", "schedule.svg"]
      let files = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
      #expect(files == (pictures + ["model.eqx", "run.h5", "train_step.jaxpr.txt"]).sorted())
      let text = try String(contentsOfFile: out + "/train_step.jaxpr.txt", encoding: .utf8)
      #expect(text.hasPrefix("{ lambda ") && text.contains(" = dot_general["), "\(text.prefix(80))")
      for (name, bytes) in [("model.eqx", nil), ("train_step.jaxpr.txt", text.utf8.count)] {
        let size = try bytes ?? Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)")).count
        #expect(run.output.contains("   file: \(out)/\(name), \(size) bytes"))
      }
    }
  }

  @Test func `another seed is another run, the same seed the same`() throws {
    try withTemporaryFolder { folder in
      let models = try ["1", "1", "2"].enumerated().map { i, seed in
        let out = "\(folder)/\(i)"
        _ = try Command.run(["tutorial", "--epochs", "1", "--out", out, "--seed", seed])
        return try Data(contentsOf: URL(fileURLWithPath: out + "/model.eqx"))
      }
      #expect(models[0] == models[1] && models[0] != models[2])
    }
  }

  @Test func `arguments without meaning are refused`() throws {
    for arguments in [["--epochs", "0"], ["--seed", "-1"], ["--seed", "4294967296"]] {
      #expect(try Command.run(["tutorial"] + arguments).status == 2, "\(arguments)")
    }
  }

  @Test func `a folder that cannot be written ends with one line`() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/file"
      try Data().write(to: URL(fileURLWithPath: file))
      for out in ["/dev/null/x", file, file + "/below"] {
        let run = try Command.run(["tutorial", "--epochs", "1", "--out", out])
        #expect(run.status == 1 && run.errors.count == 1, "\(out): \(run.errors)")
        #expect(run.output.isEmpty, "\(out): \(run.output)")
      }
    }
  }
}
