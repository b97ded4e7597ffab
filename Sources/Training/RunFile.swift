// A run as one HDF5 file: what it went through and what it predicts, with what made it.
//
// Attributes say who, where and with which numbers; datasets are named as a reader in Python looks for
// them. The file is written whole or not at all.

internal import HDF5Storage

/// What is kept of a run besides its model.
public struct RunFile: Sendable {
  /// The losses and learning rates by epoch.
  public var history: History
  /// The learning rate of each step.
  public var schedule: [Double]
  /// Where the model was asked.
  public var inputs: [Double]
  /// What it answered there, as many.
  public var predictions: [Double]
  /// Environment and settings, by name.
  public var attributes: [(name: String, value: String)]

  /// A record of these parts.
  public init(
    history: History, schedule: [Double], inputs: [Double], predictions: [Double],
    attributes: [(name: String, value: String)]
  ) {
    (self.history, self.schedule) = (history, schedule)
    (self.inputs, self.predictions, self.attributes) = (inputs, predictions, attributes)
  }

  /// Writes `/history`, `/schedule` and `/predictions`, and the attributes of the file.
  /// - Throws: `StorageError`, and the old file is as it was.
  public func write(to path: String) throws {
    let datasets = [
      ("history/training_loss", history.training),
      ("history/validation_loss", history.validation),
      ("history/learning_rate", history.learningRate),
      ("schedule/learning_rate", schedule),
      ("predictions/x", inputs),
      ("predictions/y", predictions),
    ]
    try HDF5File.create(path) { file in
      try file.setAttribute("schema", to: .string("assay-run 1"))
      for (name, value) in attributes { try file.setAttribute(name, to: .string(value)) }
      for (name, values) in datasets {
        try file.write(StoredArray(shape: [values.count], elements: .f64(values)), at: name)
      }
    }
  }
}
