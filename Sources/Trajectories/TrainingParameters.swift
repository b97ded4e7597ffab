// The hyperparameters of a run, as trajectory.h5 states them: from these alone a run follows.
//
// Invariant: what decodes is a run that can be made; sizes are positive and there is a whole batch.

import Foundation

/// A training run in numbers.
public struct TrainingParameters: Codable, Hashable, Sendable {
  /// The network: `resnet` or `batchnorm`.
  public enum Model: String, Codable, Sendable { case resnet, batchnorm }
  /// What follows the clipping: `adam` or `adamw`.
  public enum Optimiser: String, Codable, Sendable { case adam, adamw }

  /// The network.
  public var model = Model.resnet
  /// The rule that moves the weights.
  public var optimiser = Optimiser.adam
  /// Everything is drawn from this.
  public var seed = 0
  /// The width of its layers.
  public var width = 16
  /// The number of its blocks.
  public var depth = 2
  /// How many examples are trained on.
  public var train = 256
  /// How many the last model predicts.
  public var validation = 64
  /// The examples of one step.
  public var batch = 32
  /// How often the examples are gone through.
  public var epochs = 8
  /// The step at which the schedule, from 0 over `peak`, has come down to `end`.
  public var steps = 64
  /// In how many steps it gets there.
  public var warmup = 8
  /// The highest rate.
  public var peak = 0.02
  /// The rate at the end.
  public var end = 1e-4
  /// AdamW's decay.
  public var weightDecay = 0.0
  /// The probability to drop, of the normalised network.
  public var dropout = 0.0
  /// BatchNorm's momentum.
  public var momentum = 0.9
  /// BatchNorm's mode.
  public var mode = "batch"
  /// The steps before which the golden has the whole state; the end is one more.
  public var checkpoints: [Int] = []

  /// A run of the default sizes.
  public init() {}

  /// The article's run: 33,985 parameters, 960 steps of 128 examples.
  public static var article: TrainingParameters {
    var p = TrainingParameters()
    (p.width, p.depth, p.train, p.validation, p.batch) = (64, 4, 2048, 1, 128)
    (p.epochs, p.steps, p.warmup, p.peak, p.end) = (60, 960, 96, 3e-3, 1e-5)
    return p
  }

  /// The hyperparameters of a JSON object.
  /// - Throws: `DecodingError` for one that lacks or misspells something, `TrajectoryError` for sizes
  ///   that make no run.
  public init(json: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(json.utf8))
    guard [width, depth, validation, batch, epochs].allSatisfy({ $0 > 0 }), train >= batch else {
      throw TrajectoryError(message: "no run has the sizes of \(json)")
    }
  }
}

/// Why a run cannot be made or compared.
public struct TrajectoryError: Error, Hashable, Sendable, CustomStringConvertible {
  let message: String
  /// One line.
  public var description: String { message }
}
