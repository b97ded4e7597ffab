// Hyperparameters that are tensors of the state: they can be read, plotted, set, stored and resumed.
//
// The transformation is made anew at every update from the tensors. A schedule is evaluated at its own
// count, and what it gave is in the state. Corresponds to optax/schedules/_inject.py.

public import Core
public import Tree

/// The hyperparameters of one update, by name.
@dynamicMemberLookup
public struct Hyperparameters: Sendable {
  let values: [String: Tensor]

  /// The tensor under this name.
  /// - Throws: `OptimError.badArgument` for a name that was not injected.
  public func callAsFunction(_ name: String) throws -> Tensor {
    guard let value = values[name] else {
      throw OptimError.badArgument(
        "no hyperparameter '\(name)' was injected; there are \(values.keys.sorted())")
    }
    return value
  }

  /// As a learning rate or a weight decay.
  public subscript(dynamicMember name: String) -> LearningRate {
    get throws { .tensor(try self(name)) }
  }

  /// As any other number.
  public subscript(dynamicMember name: String) -> Hyperparameter {
    get throws { .tensor(try self(name)) }
  }
}

/// The transformation that `factory` makes of the hyperparameters in the state.
public struct InjectHyperparams<Inner: GradientTransformation>: ObjectiveTransformation {
  let hyperparams: [String: LearningRate]
  let dtype: DType?
  let factory: @Sendable (Hyperparameters) throws -> Inner

  /// The hyperparameters and the inner state.
  public struct State: PyTree {
    /// i32[]: updates so far.
    public var count = Tensor(0, .i32)
    /// The values of the last update, and those that the next one takes unless they follow a
    /// schedule.
    public var hyperparams: [String: Tensor]
    /// The counts of schedules.
    public var hyperparamsStates: [String: ScheduleState]
    /// The inner state.
    public var innerState: Inner.State

    /// Shows count, hyperparams, hyperparams_states, inner_state.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("count", &count)
      visitor.field("hyperparams", &hyperparams)
      visitor.field("hyperparams_states", &hyperparamsStates)
      visitor.field("inner_state", &innerState)
    }
  }

  /// The first values, and the state of what is made of them.
  public func initialise(_ parameters: Updates) throws -> State {
    let dtype = dtype ?? parameters.widest
    var states: [String: ScheduleState] = [:]
    let values = try hyperparams.map { name, rate in
      var state = try rate.start()
      if state.count != nil { states[name] = state }
      return (name, try rate.next(&state, dtype).tensor(dtype))
    }
    let tensors = Dictionary(uniqueKeysWithValues: values)
    return State(
      hyperparams: tensors, hyperparamsStates: states,
      innerState: try factory(Hyperparameters(values: tensors)).initialise(parameters))
  }

  /// The update of what is made of the values in the state.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    let dtype = dtype ?? (parameters ?? updates).widest
    for (name, rate) in hyperparams {
      guard var own = state.hyperparamsStates[name] else { continue }
      state.hyperparams[name] = try rate.next(&own, dtype).tensor(dtype)
      state.hyperparamsStates[name] = own
    }
    state.count = try incremented(state.count)
    let inner = try factory(Hyperparameters(values: state.hyperparams))
    return try inner.update(updates, &state.innerState, parameters, objective)
  }
}

extension Updates {
  /// The widest dtype of the tensors.
  var widest: DType {
    values.compactMap { $0?.dtype }.reduce(nil) { a, b in a.map { promoted($0, b) } ?? b } ?? .f32
  }
}

/// The transformation that `factory` makes of named numbers and schedules, which are in the state.
///
/// The names are Optax's, so that the state's paths are:
/// `injectHyperparams(["learning_rate": 0.1]) { h in adam(try h.learning_rate) }`.
public func injectHyperparams<Inner: GradientTransformation>(
  _ hyperparams: [String: LearningRate], hyperparamDtype: DType? = nil,
  _ factory: @escaping @Sendable (Hyperparameters) throws -> Inner
) -> InjectHyperparams<Inner> {
  InjectHyperparams(hyperparams: hyperparams, dtype: hyperparamDtype, factory: factory)
}
