// Transformations of types that are known only when the program runs.

public import Tree

/// Any transformation.
public struct AnyGradientTransformation: ObjectiveTransformation {
  private let start: @Sendable (Updates) throws -> AnyState
  private let step: @Sendable (Updates, inout AnyState, Updates?, Objective?) throws -> Updates

  /// `inner`, its type forgotten.
  public init<Inner: GradientTransformation>(_ inner: Inner) {
    start = { AnyState(try inner.initialise($0)) }
    step = { updates, state, parameters, objective in
      guard var own = state.value as? Inner.State else {
        throw OptimError.badArgument(
          "the state is not one of this transformation: it is a \(type(of: state.value))")
      }
      defer { state.value = own }
      return try inner.update(updates, &own, parameters, objective)
    }
  }

  /// The state of the transformation.
  public func initialise(_ parameters: Updates) throws -> AnyState { try start(parameters) }

  /// The update of the transformation.
  public func update(
    _ updates: Updates, _ state: inout AnyState, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    try step(updates, &state, parameters, objective)
  }
}

/// A state of any type; it stands where the state itself would.
public struct AnyState: PyTree {
  /// The state.
  public var value: any PyTree

  init(_ value: any PyTree) { self.value = value }

  /// The state announces itself.
  public static var nodeRole: NodeRole { .container }

  /// Shows the state.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    func shown<T: PyTree>(_ value: T) -> T {
      var value = value
      visitor.stand(&value)
      return value
    }
    value = shown(value)
  }
}
