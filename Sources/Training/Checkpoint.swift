// A run on disk: all that the next step needs, and what has been. Written under another name first, so
// that whoever is interrupted keeps the checkpoint before.
//
// One line of text, then the leaves of the run as an .eqx stream, then the history. The line holds the
// structure of the run, so that a model of other constants or another optimiser is refused, which the
// stream alone would take. Invariant: a run that is saved, restored and trained goes on bit for bit.

internal import Core
internal import Serialisation
internal import Tree

extension TrainingRun {
  /// Saves the run; the file is complete or not there.
  /// - Throws: `SerialisationError`.
  public func save(to path: String) throws {
    let counts = [history.training, history.validation, history.learningRate].map(\.count)
    try writeStream(to: path) { file in
      let line = CheckpointLine(counts: counts, structure: structureText)
      try file.write(raw: Array((line.text + "\n").utf8))
      try file.write(self)
      for values in [history.training, history.validation, history.learningRate] {
        try file.write(Tensor(values, .f64))
      }
    }
  }

  /// The run that was saved at `path`; this one, of the same model and trainer, is its skeleton.
  /// - Throws: `TrainingError.checkpoint` for a file of another structure, `SerialisationError` for one
  ///   that is damaged.
  public func restored(from path: String) throws -> TrainingRun {
    try readStream(from: path) { file in
      guard let bytes = try file.line(limit: 1 << 24),
        let line = CheckpointLine(String(decoding: bytes, as: UTF8.self))
      else { throw TrainingError.checkpoint(path, "it does not begin as a checkpoint does") }
      guard line.structure == structureText else {
        throw TrainingError.checkpoint(path, firstDifference(line.structure, structureText))
      }
      var run = try file.read(like: self)
      let values = try line.counts.map { try file.tensor(ShapedArray(.f64, [$0])).scalars }
      run.history = History()
      (run.history.training, run.history.validation) = (values[0], values[1])
      run.history.learningRate = values[2]
      return run
    }
  }

  /// The structure on one line.
  private var structureText: String { "\(treeDef)".replacing("\n", with: " ") }
}

/// The first line of a checkpoint.
private struct CheckpointLine {
  static let magic = "assay checkpoint 1"
  let counts: [Int]
  let structure: String

  init(counts: [Int], structure: String) { (self.counts, self.structure) = (counts, structure) }

  init?(_ text: String) {
    let parts = text.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == Self.magic else { return nil }
    counts = parts[1].split(separator: " ").compactMap { Int($0) }.filter { $0 >= 0 }
    structure = String(parts[2])
    if counts.count != 3 { return nil }
  }

  var text: String {
    "\(Self.magic)|\(counts.map { "\($0)" }.joined(separator: " "))|\(structure)"
  }
}

/// Where two structures part, with a few words around.
private func firstDifference(_ file: String, _ run: String) -> String {
  let common = zip(file, run).prefix { $0 == $1 }.count
  let start = max(0, common - 20)
  func part(_ text: String) -> String { String(text.dropFirst(start).prefix(60)) }
  return "it was saved from another structure: …\(part(file))… where the run has …\(part(run))…"
}
