// A run for eyes and for other programs: three pictures and one HDF5 file.
//
// The file says who, where and with which numbers in its attributes; datasets are named as a reader in
// Python looks for them. Each file is written whole or not at all, and an older one stays until then.

public import Charts
public import Core
internal import Environment
internal import HDF5Storage
public import Optim

/// What a run of a function of one number went through and what came out of it.
public struct RunReport: Sendable {
  /// A curve: some y at each x.
  public struct Curve: Sendable {
    /// Where.
    public let x: [Double]
    /// What is there, as many.
    public let y: [Double]
  }

  /// The losses and learning rates by epoch.
  public let history: History
  /// The learning rate of each step.
  public let rates: [Double]
  /// What the model was judged by.
  public let data: Curve
  /// The function that was to be learnt, over the range of the data.
  public let truth: Curve
  /// The model, at the same places.
  public let predictions: Curve
  /// The environment and what else is to be known, by name.
  public var attributes: [(name: String, value: String)]

  /// The report of a run of `steps` steps.
  ///
  /// `data` are `[n, 1]`; `truth` and `model` take one example, `[1]`.
  public init(
    _ history: History, schedule: Schedule, steps: Int, data: Examples,
    truth: (Tensor) throws -> Tensor, model: (Tensor) throws -> Tensor
  ) throws {
    self.history = history
    rates = try vmap { try schedule($0) }(arange(steps)).scalars
    self.data = Curve(x: try data.x.scalars, y: try data.y.scalars)
    let (low, high) = (self.data.x.min() ?? 0, self.data.x.max() ?? 0)
    let count = 301
    let places = (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
    let x = try reshape(Tensor(places, data.x.dtype), [count, 1])
    func curve(_ f: (Tensor) throws -> Tensor) throws -> Curve {
      let y = try withoutActuallyEscaping(f) { f in try vmap { try f($0) }(x) }
      return Curve(x: try x.scalars, y: try y.scalars)
    }
    self.truth = try curve(truth)
    predictions = try curve(model)
    attributes = environmentInfo().map { ($0.name, $0.value) }
  }

  /// Pictures by the names of their files.
  public var charts: KeyValuePairs<String, Chart> {
    [
      "loss": Chart(
        "Mean squared error", x: "epoch", y: "loss", isLogarithmic: true,
        [
          Chart.Series("training", y: history.training),
          Chart.Series("validation", y: history.validation),
        ]),
      "fit": Chart(
        "The function that was learnt", x: "x", y: "y",
        [
          Chart.Series("validation data", x: data.x, y: data.y, style: .points),
          Chart.Series("truth", x: truth.x, y: truth.y),
          Chart.Series("model", x: predictions.x, y: predictions.y),
        ]),
      "schedule": Chart(
        "Learning rate", x: "step", y: "rate",
        [Chart.Series("schedule", x: rates.indices.map(Double.init), y: rates)]),
    ]
  }

  /// Writes `run.h5` and, if gnuplot is here, `loss.svg`, `fit.svg` and `schedule.svg` into a folder.
  /// - Returns: what became of each, in a line.
  /// - Throws: `StorageError`, `ChartError`; an error of the file system.
  public func write(to folder: String, with gnuplot: Gnuplot? = .find()) throws -> [String] {
    try writeNumbers(to: folder + "/run.h5")
    let fates = try charts.map { name, chart in
      "\(try chart.write(to: "\(folder)/\(name).svg", with: gnuplot))"
    }
    // Without gnuplot each picture has the same fate, which is told once.
    return ["\(folder)/run.h5"] + (gnuplot == nil ? Array(fates.prefix(1)) : fates)
  }

  private func writeNumbers(to path: String) throws {
    let datasets = [
      ("history/training_loss", history.training),
      ("history/validation_loss", history.validation),
      ("history/learning_rate", history.learningRate),
      ("schedule/learning_rate", rates),
      ("predictions/x", predictions.x), ("predictions/y", predictions.y),
      ("truth/x", truth.x), ("truth/y", truth.y),
      ("validation/x", data.x), ("validation/y", data.y),
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
