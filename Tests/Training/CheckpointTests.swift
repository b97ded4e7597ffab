// A run that is saved and restored goes on as if nothing had been; what cannot be resumed is refused.

import Core
import Foundation
import NN
import Optim
import Random
import Serialisation
import TestSupport
import Testing
import Training
import Tree

@Suite struct CheckpointTests {
  typealias Run = Trainer<ThreadedNet, Threaded.Optimiser>.Run

  private func train(_ threaded: Threaded, _ run: inout Run, to epochs: Int) throws {
    try threaded.trainer.train(
      &run, on: threaded.data.training, validation: threaded.data.validation, epochs: epochs,
      batchSize: 16)
  }

  @Test func `a resumed run goes on bit for bit`() throws {
    try withTemporaryFolder { folder in
      let (threaded, path) = (try Threaded(seed: 1), folder + "/run.checkpoint")
      var whole = try threaded.start(seed: 2)
      try train(threaded, &whole, to: 5)
      for stop in [0, 1, 4] {
        var part = try threaded.start(seed: 2)
        try train(threaded, &part, to: stop)
        try part.save(to: path)
        // As another process would: a trainer and a skeleton of its own, with other numbers.
        let fresh = try Threaded(seed: 1)
        var resumed = try fresh.start(seed: 77).restored(from: path)
        #expect(try treeBitwiseEqual(resumed, part) && resumed.history == part.history)
        try train(fresh, &resumed, to: 5)
        #expect(try treeBitwiseEqual(resumed, whole), "stopped after \(stop)")
        #expect(resumed.history == whole.history, "stopped after \(stop)")
        #expect(resumed.epoch == 5 && resumed.step == 15)
      }
    }
  }

  @Test func `a save that is interrupted leaves the checkpoint before, and that goes on`() throws {
    try withTemporaryFolder { folder in
      let (threaded, path) = (try Threaded(seed: 1), folder + "/run.checkpoint")
      var run = try threaded.start(seed: 2)
      try train(threaded, &run, to: 2)
      try run.save(to: path)
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      var next = run
      try train(threaded, &next, to: 3)
      // The last parameter of the model has no value: the stream stops after those before it.
      _ = try makeJaxpr { (x: Tensor) in
        var broken = next
        broken.model.last.bias = x
        #expect(throws: SerialisationError.self) { try broken.save(to: path) }
        return x
      }(Tensor([0]))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.checkpoint"])
      var resumed = try threaded.start(seed: 3).restored(from: path)
      try train(threaded, &resumed, to: 3)
      #expect(try treeBitwiseEqual(resumed, next))
    }
  }

  @Test func `a file cut anywhere is refused`() throws {
    try withTemporaryFolder { folder in
      let (threaded, path) = (try Threaded(seed: 1), folder + "/run.checkpoint")
      var run = try threaded.start(seed: 2)
      try train(threaded, &run, to: 1)
      try run.save(to: path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for length in stride(from: 0, to: whole.count, by: 97) {
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        #expect(throws: (any Error).self, "cut to \(length)") { try run.restored(from: path) }
      }
      try (whole + [0]).write(to: URL(fileURLWithPath: path))
      #expect(throws: SerialisationError.self) { try run.restored(from: path) }
    }
  }

  @Test func `another model, another constant and another optimiser are refused in words`() throws {
    try withTemporaryFolder { folder in
      let (threaded, path) = (try Threaded(seed: 1), folder + "/run.checkpoint")
      let run = try threaded.start(seed: 2)
      try run.save(to: path)

      let (wide, state) = try makeWithState { try ThreadedNet(width: 9, key: Key(0)) }
      let other = try threaded.trainer.start(wide, state: state, key: Key(0))
      #expect(throws: (any Error).self) { try other.restored(from: path) }

      // The same leaves, other constants: what a stream without names would take.
      var lazy = run
      lazy.model.dropout = Dropout(0.25, x64: true)
      let error = #expect(throws: TrainingError.self) { try lazy.restored(from: path) }
      #expect("\(error, default: "")".contains("saved from another structure"))

      let plain = Trainer<ThreadedNet, ScaleByLearningRate>(scaleByLearningRate(0.1)) { _, batch in
        try mean(batch.y)
      }
      let memoryless = try plain.start(run.model, state: run.state, key: Key(0))
      #expect(throws: TrainingError.self) { try memoryless.restored(from: path) }

      for text in ["", "assay checkpoint 2|0 0 0|x\n", "assay checkpoint 1|0 0|x\n", "no line"] {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: (any Error).self, "\(text)") { try run.restored(from: path) }
      }
      #expect(throws: SerialisationError.self) { try run.restored(from: folder + "/none.x") }
    }
  }

  @Test func `a first line with other counts or another version is refused, the rest being whole`()
    throws
  {
    try withTemporaryFolder { folder in
      let (threaded, path) = (try Threaded(seed: 1), folder + "/run.checkpoint")
      let run = try threaded.start(seed: 2)
      try run.save(to: path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      // Before the first epoch the history is three records without elements.
      let record = try Data(serialiseLeaves(zeros([0], .f64)))
      let line = "assay checkpoint 1|0 0 0|"
      #expect(whole.starts(with: line.utf8) && whole.suffix(record.count) == record)
      for (other, tail) in [
        ("assay checkpoint 1|0 0 0|", Data()), ("assay checkpoint 2|0 0 0|", Data()),
        ("assay checkpoint 1|0 0|", Data()), ("assay checkpoint 1|0 0 0 0|", record),
        ("assay checkpoint 1|0 0 -1|", Data()), ("assay checkpoint 1|0 0 x|", Data()),
      ] {
        try (Data(other.utf8) + whole.dropFirst(line.utf8.count) + tail)
          .write(to: URL(fileURLWithPath: path))
        if other == line {
          #expect(try treeBitwiseEqual(run.restored(from: path), run))
        } else {
          let error = #expect(throws: TrainingError.self, "\(other)") {
            try run.restored(from: path)
          }
          #expect("\(error, default: "")".contains("does not begin as a checkpoint does"))
        }
      }
    }
  }

  @Test func `a structure may be long, and its keys may hold the marks of the first line`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run.checkpoint"
      let trainer = Trainer(sgd(0.5)) { (net: [String: Tensor], _) in
        try square(net["a|b\nc"] ?? Tensor(0))
      }
      var net = ["a|b\nc": Tensor(1)]
      for i in 0..<1000 { net["\(i)"] = Tensor(2) }
      let run = try trainer.start(net, key: Key(0))
      try run.save(to: path)
      #expect(try treeBitwiseEqual(run.restored(from: path), run))
    }
  }

  /// A constant whose text has the marks of the first line.
  private struct Marked: PyTree {
    var note: String
    var x = Tensor(1)

    mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.constant("note", note)
      visitor.field("x", &x)
    }
  }

  @Test func `constants may hold the marks of the first line and be longer than a page`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run.checkpoint"
      let trainer = Trainer(sgd(0.5)) { (net: Marked, _) in try square(net.x) }
      let long = "a|b|c\nd" + String(repeating: "e", count: 1 << 16)
      let run = try trainer.start(Marked(note: long), key: Key(0))
      try run.save(to: path)
      #expect(try treeBitwiseEqual(run.restored(from: path), run))
      let other = try trainer.start(Marked(note: "a|b|x"), key: Key(0))
      let error = #expect(throws: TrainingError.self) { try other.restored(from: path) }
      let words = "\(error, default: "")"
      // Both texts with what leads up to where they part.
      #expect(words.contains("a|b|c") && words.contains("a|b|x"), "\(words)")
    }
  }
}
