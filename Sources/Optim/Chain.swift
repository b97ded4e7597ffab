// Transformations one after another: chain(a, b) is a, then b.
//
// The state is the tuple of the states in order (rule OX-07), so the count of an adam that comes first
// is at [0].count. Corresponds to optax/transforms/_combining.py.

public import Tree

/// Several transformations in a row.
public struct Chain<each T: GradientTransformation>: ObjectiveTransformation {
  /// The states in order.
  public typealias State = Tuple<repeat (each T).State>

  private let parts: (repeat each T)

  init(_ parts: repeat each T) { self.parts = (repeat each parts) }

  /// The states of all parts.
  public func initialise(_ parameters: Updates) throws -> State {
    State(repeat try (each parts).initialise(parameters))
  }

  /// The updates of the last part, each given those of the one before.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    var flowing = updates
    // A pack cannot be passed inout, so each state is moved on as a copy and put back.
    func moved<Part: GradientTransformation>(
      _ part: Part, _ old: Part.State
    ) throws -> Part.State {
      var state = old
      flowing = try part.update(flowing, &state, parameters, objective)
      return state
    }
    state.elements = (repeat try moved(each parts, each state.elements))
    return flowing
  }
}

/// `parts`, each given the updates of the one before.
public func chain<each T: GradientTransformation>(_ parts: repeat each T) -> Chain<repeat each T> {
  Chain(repeat each parts)
}
