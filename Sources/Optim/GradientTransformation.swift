// What an optimiser is: a state made from parameters, and a map from gradients to updates.
//
// Transformations are values without state of their own: everything that changes is in `State`, which
// is a tree of tensors under Optax's field names, so that a step can be jitted, stored and resumed.
// Corresponds to optax/_src/base.py.

public import Core
public import Tree

/// A step from gradients to updates.
public protocol GradientTransformation: Sendable {
  /// What is kept from one update to the next.
  associatedtype State: PyTree

  /// The state before the first update.
  func initialise(_ parameters: Updates) throws -> State

  /// The update for these gradients (or for the updates of an earlier transformation); moves the state
  /// on.
  func update(_ updates: Updates, _ state: inout State, _ parameters: Updates?) throws -> Updates

  /// The same, for transformations that evaluate what is minimised; others do not look at it.
  func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates
}

extension GradientTransformation {
  /// The update without a look at the objective.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    try update(updates, &state, parameters)
  }
}

/// A transformation that evaluates the objective, or hands it on.
public protocol ObjectiveTransformation: GradientTransformation {}

extension ObjectiveTransformation {
  /// The update without an objective.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    try update(updates, &state, parameters, nil)
  }
}

// What users call: with a model and its typed gradient.
extension GradientTransformation {
  /// The state for training the floating-point tensors of a model.
  public func initialise<M: PyTree>(_ model: M) throws -> State {
    try start(Updates(parametersOf: model))
  }

  /// The state for training all leaves of a part of a model, which must be arrays (rule OX-11). A part
  /// with other leaves than those that have a gradient fails at the first update (OX-12).
  /// - Throws: `OptimError.notAnArray` for a leaf that is none.
  public func initialise<M: PyTree>(_ parameters: PartialTree<M>) throws -> State {
    let tensors = try parameters.map { leaf in
      if let leaf, leaf.tensor == nil {
        let index = parameters.values.firstIndex { $0 != nil && $0?.tensor == nil } ?? 0
        throw OptimError.notAnArray(parameters.paths[index], leaf.kind)
      }
      return leaf?.tensor
    }
    return try start(Updates(tensors))
  }

  /// The update for a gradient; moves the state on.
  public func update<M: PyTree>(
    _ gradient: LeafMap<M, Tensor?>, _ state: inout State, _ model: M? = nil
  ) throws -> LeafMap<M, Tensor?> {
    let parameters = model.map { Updates(parametersOf: $0) }
    return try update(Updates(gradient), &state, parameters).typed(like: gradient)
  }

  /// The update for a gradient of `function` at `model`, where it has this value; for transformations
  /// that evaluate the function, as line searches do.
  public func update<M: PyTree>(
    _ gradient: LeafMap<M, Tensor?>, _ state: inout State, _ model: M, value: Tensor,
    function: @escaping (M) throws -> Tensor
  ) throws -> LeafMap<M, Tensor?> {
    let objective = Objective(value: value, gradient: Updates(gradient), of: function, at: model)
    return try update(Updates(gradient), &state, Updates(parametersOf: model), objective)
      .typed(like: gradient)
  }

  /// The state outlives the model that it was made for, so its paths are written down now.
  private func start(_ parameters: Updates) throws -> State {
    _ = parameters.paths
    return try initialise(parameters)
  }
}

/// The state of a transformation that keeps nothing.
public struct EmptyState: PyTree {
  /// Nothing.
  public init() {}
  /// Shows nothing.
  public mutating func visitFields(_ visitor: FieldVisitor) {}
}

/// A transformation that keeps nothing.
public protocol StatelessTransformation: GradientTransformation where State == EmptyState {
  /// The update for these gradients.
  func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates
}

extension StatelessTransformation {
  /// Nothing.
  public func initialise(_ parameters: Updates) throws -> EmptyState { EmptyState() }

  /// The update for these gradients.
  public func update(
    _ updates: Updates, _ state: inout EmptyState, _ parameters: Updates?
  ) throws -> Updates {
    try update(updates, parameters)
  }
}

/// A transformation that may be absent: nil passes updates on (`optax.identity`).
extension Optional: GradientTransformation, ObjectiveTransformation
where Wrapped: GradientTransformation {
  /// The state of the transformation, if there is one.
  public func initialise(_ parameters: Updates) throws -> Wrapped.State? {
    try self?.initialise(parameters)
  }

  /// The update of the transformation, if there is one, else what came.
  public func update(
    _ updates: Updates, _ state: inout Wrapped.State?, _ parameters: Updates?,
    _ objective: Objective?
  ) throws -> Updates {
    guard let self, var inner = state else { return updates }
    defer { state = inner }
    return try self.update(updates, &inner, parameters, objective)
  }
}

/// Nothing: updates pass.
public func identity() -> some StatelessTransformation { Identity() }

private struct Identity: StatelessTransformation {
  func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates { updates }
}
