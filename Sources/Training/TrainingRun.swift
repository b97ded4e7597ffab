// Everything that a step changes and the next one needs: a value, so that a copy is a second run.
//
// Invariant: two runs with equal leaves, given the same data and the same trainer, go on bit for bit
// alike. The key is never advanced: epoch e takes the part of it that e selects.

public import NN
public import Random
public import Tree

/// A training between two epochs.
public struct TrainingRun<Model: PyTree, OptimiserState: PyTree>: PyTree {
  /// The parameters, and whatever else the model has.
  public var model: Model
  /// What layers such as BatchNorm remember.
  public var state: State
  /// What the optimiser remembers.
  public var optimiserState: OptimiserState
  /// Where every order and every mask comes from.
  public var key: Key
  /// How many epochs are over.
  public var epoch = 0
  /// How many steps are over.
  public var step = 0
  /// What each epoch came to; no leaf, since its length changes.
  public var history = History()

  init(model: Model, state: State, optimiserState: OptimiserState, key: Key) {
    (self.model, self.state) = (model, state)
    (self.optimiserState, self.key) = (optimiserState, key)
  }

  /// Leaves: all but the history.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("model", &model)
    visitor.field("state", &state)
    visitor.field("optimiserState", &optimiserState)
    visitor.field("key", &key)
    visitor.field("epoch", &epoch)
    visitor.field("step", &step)
  }
}

extension TrainingRun: CustomStringConvertible {
  /// How large it is, and how far.
  public var description: String {
    "\(model.parameterCount) parameters in \(model.leaves.count) leaves, "
      + "\(optimiserState.leaves.count) leaves of the optimiser, after \(epoch) epochs"
  }
}
