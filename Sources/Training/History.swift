// What a run has been through: one number of each kind per epoch, in plain doubles, so that a chart, a
// file and a test read the same.

/// The losses and the learning rate of each epoch.
public struct History: Equatable, Sendable {
  /// The mean loss of the epoch's batches, each as it was before its own step.
  public var training: [Double] = []
  /// The loss on the validation set after the epoch.
  public var validation: [Double] = []
  /// The learning rate at the epoch's first step.
  public var learningRate: [Double] = []

  /// A run that has not begun.
  public init() {}

  /// How many epochs are over.
  public var count: Int { training.count }
}

extension History: CustomStringConvertible {
  /// The last epoch: `epoch 3: training 0.02, validation 0.03`.
  public var description: String {
    guard let trained = training.last, let checked = validation.last else { return "no epoch yet" }
    return "epoch \(count): training \(Float(trained)), validation \(Float(checked))"
  }
}
