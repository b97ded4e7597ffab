// The record of a run: what is written is what was, and a failure leaves the old file.

import Charts
import Core
import Foundation
import HDF5Storage
import Optim
import TestSupport
import Testing
import Training

@Suite struct RunReportTests {
  /// 0, ⅛, ¼, ⅜ … up to 1, exactly: (0 − 1)(1 − t/8) + 1.
  private func ramp() throws -> Schedule {
    try warmupCosineDecaySchedule(initValue: 0, peakValue: 1, warmupSteps: 8, decaySteps: 9)
  }

  private func report() throws -> RunReport {
    var history = History()
    (history.training, history.validation) = ([1.5, 0.25], [1.25, 0.5])
    history.learningRate = [0, 0.25]
    let data = try Examples(x: Tensor([[-2], [1]]), y: Tensor([[0.5], [-0.5]]))
    return try RunReport(
      history, schedule: ramp(), steps: 4, data: data,
      truth: { try -$0 }, model: { try $0 * 2 })
  }

  @Test func `a report reads back as it was`() throws {
    try withTemporaryFolder { folder in
      var report = try report()
      report.attributes.append(("seed", "7 π"))
      #expect(try report.write(to: folder, with: nil).count == 2)
      let file = try HDF5File.open(folder + "/run.h5")
      #expect(try file.string("schema") == "assay-run 1")
      #expect(try file.string("seed") == "7 π")
      #expect(try file.string("openblas").contains("OpenBLAS"))
      let expected: [(String, [Double])] = [
        ("history/training_loss", [1.5, 0.25]), ("history/validation_loss", [1.25, 0.5]),
        ("history/learning_rate", [0, 0.25]), ("schedule/learning_rate", [0, 0.125, 0.25, 0.375]),
        ("validation/x", [-2, 1]), ("validation/y", [0.5, -0.5]),
        ("truth/x", report.truth.x), ("truth/y", report.truth.y),
        ("predictions/x", report.predictions.x),
      ]
      for (name, values) in expected {
        let stored = try file.array(at: name)
        #expect(stored == StoredArray(shape: [values.count], elements: .f64(values)), "\(name)")
      }
      // The curves lie over the range of the data, at numbers that f32 has: −x and 2x are exact.
      let x = report.predictions.x
      #expect(x.count == 301 && x[0] == -2 && x[300] == 1)
      #expect(report.predictions.y == x.map { $0 * 2 } && report.truth.y == x.map { -$0 })
      let stored = try file.array(at: "predictions/y")
      #expect(stored == StoredArray(shape: [301], elements: .f64(report.predictions.y)))
    }
  }

  @Test func `a report that cannot be written whole leaves the old file`() throws {
    try withTemporaryFolder { folder in
      let path = URL(fileURLWithPath: folder + "/run.h5")
      var report = try report()
      _ = try report.write(to: folder, with: nil)
      let before = try Data(contentsOf: path)
      report.attributes.append(("schema", "twice"))
      #expect(throws: StorageError.self) { try report.write(to: folder, with: nil) }
      #expect(try Data(contentsOf: path) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.h5"])
    }
  }

  @Test func `the same run is the same bytes`() throws {
    try withTemporaryFolder { folder in
      let files = try (0..<2).map { _ in
        _ = try report().write(to: folder, with: nil)
        return try Data(contentsOf: URL(fileURLWithPath: folder + "/run.h5"))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func `pictures are named, and their absence is told once`() throws {
    try withTemporaryFolder { folder in
      let told = try report().write(to: folder, with: nil)
      #expect(told[1] == "\(Chart.Outcome.noGnuplot)")
      guard let gnuplot = Gnuplot.find() else { return }
      let drawn = try report().write(to: folder, with: gnuplot)
      #expect(drawn == ["run.h5", "loss.svg", "fit.svg", "schedule.svg"].map { "\(folder)/\($0)" })
      #expect(drawn.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    }
  }
}
