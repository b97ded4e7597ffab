// A chain whose parts have names, under which the state shows theirs.

public import Tree

/// Several transformations in a row, by name.
public struct NamedChain<each T: GradientTransformation>: ObjectiveTransformation {
  /// The states under their names.
  public typealias State = NamedStates<repeat (each T).State>

  let names: [String]
  let parts: Chain<repeat each T>

  /// The states of all parts.
  /// - Throws: `OptimError.badArgument` if two parts have one name.
  public func initialise(_ parameters: Updates) throws -> State {
    guard Set(names).count == names.count else {
      throw OptimError.badArgument("the parts of a namedChain must have unique names, got \(names)")
    }
    return State(names: names, states: try parts.initialise(parameters))
  }

  /// The updates of the last part, each given those of the one before.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    try parts.update(updates, &state.states, parameters, objective)
  }
}

/// States in order, each shown under a name.
public struct NamedStates<each S: PyTree>: PyTree {
  let names: [String]
  /// The states, in the order of the chain.
  public var states: Tuple<repeat each S>

  /// Shows each state under its name.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("names", names)
    var rest = names[...]
    func shown<State: PyTree>(_ state: State) -> State {
      var state = state
      visitor.visit(key: rest.popFirst() ?? "", &state)
      return state
    }
    states.elements = (repeat shown(each states.elements))
  }
}

/// `parts` with their names, each given the updates of the one before.
public func namedChain<each T: GradientTransformation>(
  _ parts: repeat (String, each T)
) -> NamedChain<repeat each T> {
  var names: [String] = []
  repeat names.append((each parts).0)
  return NamedChain(names: names, parts: Chain(repeat (each parts).1))
}
