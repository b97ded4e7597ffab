// The record of a run: what is written is what was, and a failure leaves the old file.

import Foundation
import HDF5Storage
import TestSupport
import Testing
import Training

@Suite struct RunFileTests {
  private func record() -> RunFile {
    var history = History()
    (history.training, history.validation) = ([1.5, 0.25], [1.25, 0.5])
    history.learningRate = [0, 0.001]
    return RunFile(
      history: history, schedule: [0, 0.0005, 0.001], inputs: [-3, 3], predictions: [0.1, -0.1],
      attributes: [("seed", "7"), ("system", "Debian π")])
  }

  @Test func `a run reads back as it was`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run.h5"
      try record().write(to: path)
      let file = try HDF5File.open(path)
      #expect(try file.string("schema") == "assay-run 1")
      #expect(try file.string("seed") == "7")
      #expect(try file.string("system") == "Debian π")
      let expected: [(String, [Double])] = [
        ("history/training_loss", [1.5, 0.25]), ("history/validation_loss", [1.25, 0.5]),
        ("history/learning_rate", [0, 0.001]), ("schedule/learning_rate", [0, 0.0005, 0.001]),
        ("predictions/x", [-3, 3]), ("predictions/y", [0.1, -0.1]),
      ]
      for (name, values) in expected {
        let stored = try file.array(at: name)
        #expect(stored == StoredArray(shape: [values.count], elements: .f64(values)), "\(name)")
      }
    }
  }

  @Test func `a run that cannot be written whole leaves the old file`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run.h5"
      try record().write(to: path)
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      var twice = record()
      twice.attributes += [("seed", "8")]
      #expect(throws: StorageError.self) { try twice.write(to: path) }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.h5"])
    }
  }

  @Test func `the same run is the same bytes`() throws {
    try withTemporaryFolder { folder in
      let files = try (0..<2).map { i in
        try record().write(to: folder + "/\(i).h5")
        return try Data(contentsOf: URL(fileURLWithPath: folder + "/\(i).h5"))
      }
      #expect(files[0] == files[1])
    }
  }
}
