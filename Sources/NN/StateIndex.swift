// Where a layer's state lies: the layer holds the index, the state holds the value.
//
// An index is born with the initial value. `makeWithState` takes the value out and gives the index
// its path from the model's root, so that two builds of one model are interchangeable (ST-01).
// Invariant: an index has either an initial value or a path, and so in particular no copy of a
// model keeps the initial state alive.

public import Tree

/// The place of one value in a `State`.
public struct StateIndex<Value: PyTree>: PyTree {
  /// What the state starts with, until `makeWithState` takes it.
  private(set) var initial: Value?
  /// `ClassName` and the path from the root, once the model has been built.
  public private(set) var path: String?
  /// What the value looks like, so that the state of another model is found out (ST-05).
  private var layout: String

  /// An index whose value starts as `initial`.
  public init(_ initial: Value) {
    self.initial = initial
    layout = typeText(initial)
  }

  /// Shows the initial value while there is one; afterwards an index is structure only.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    if let builder = visitor.companion as? StateBuilder { return move(to: builder, visitor.path) }
    if let reader = visitor.companion as? IndexReader { return reader.add(path) }
    visitor.field("initial", &initial)
    visitor.constant("path", path)
    visitor.constant("layout", layout)
  }

  private mutating func move(to builder: StateBuilder, _ place: TreePath) {
    let path = builder.root + place.description
    builder.add(path, initial)
    (self.path, initial) = (path, nil)
  }

  /// The path, for use with a state.
  var boundPath: String {
    get throws {
      guard let path else {
        throw StateError.unbound(
          "a state index that holds its initial value cannot be looked up; build the model with "
            + "makeWithState")
      }
      return path
    }
  }

  /// `value`, found under this index, as the type that was stored.
  func checked(_ value: any PyTree) throws -> Value {
    guard let value = value as? Value, typeText(value) == layout else {
      throw StateError.foreign(try boundPath, holds: typeText(value), expected: layout)
    }
    return value
  }
}

/// Collects the initial values of a model on the way through it.
final class StateBuilder {
  let root: String
  private(set) var slots: [State.Slot] = []
  private(set) var failure: StateError?

  init(root: String) { self.root = root }

  func add<V: PyTree>(_ path: String, _ value: V?) {
    guard let value else {
      failure =
        failure
        ?? StateError.unbound(
          "\(path): its initial state has been taken; a model goes through makeWithState once")
      return
    }
    slots.append(State.Slot(path: path, value: value))
  }
}

/// Collects the paths of the indices of a model.
final class IndexReader {
  private(set) var paths: [String?] = []

  func add(_ path: String?) { paths.append(path) }
}

/// A model and the state it starts with.
///
/// The state's values stand under the model's type and their path in it, as
/// `TwoNorms.norms[0].batchCounter` (ST-01). One layer at two places has two values (ST-07).
/// - Throws: what `make` throws; `StateError.unbound` if `make` returns a model whose state has
///   been taken already.
public func makeWithState<M: PyTree>(_ make: () throws -> M) throws -> (M, State) {
  let name = String("\(M.self)".prefix { $0 != "<" })
  let builder = StateBuilder(root: name)
  let model = try make().visited(by: builder)
  if let failure = builder.failure { throw failure }
  return (model, State(builder.slots))
}
