// The same structure, other leaves: filter specs, gradients, optimiser moments, axes of vmap.
//
// A tree of Nones and bools is, in Swift, a list of values beside the tree whose leaves they belong
// to. Invariant: one value per leaf of `like`, in order. Only the structure of `like` is used.

public import Core
import Synchronization

/// One `Value` for every leaf of a `Tree`.
///
/// A map is read and written through the tree's own key paths: `gradient.layers[0].weight`.
@dynamicMemberLookup
public struct LeafMap<Tree: PyTree, Value: Sendable>: Sendable {
  let skeleton: Skeleton<Tree>
  /// The values, in the order of the leaves.
  public internal(set) var values: [Value]

  /// The tree that the values belong to; its leaves carry no meaning.
  public var like: Tree { skeleton.tree }

  init(_ skeleton: Skeleton<Tree>, _ values: [Value]) {
    self.skeleton = skeleton
    self.values = values
  }

  /// The map with these values, in the order of the leaves.
  public init(like tree: Tree, values: [Value]) throws {
    let paths = values.count == tree.leaves.count ? [] : tree.leafPaths
    guard paths.isEmpty else {
      throw TreeError.wrongCount(
        expected: paths.count, got: values.count,
        missing: values.count < paths.count ? paths[values.count] : nil)
    }
    self.init(Skeleton(tree), values)
  }

  /// The map with the value of `function` at each leaf.
  public init(like tree: Tree, _ function: (Leaf) throws -> Value) rethrows {
    self.init(Skeleton(tree), try tree.leaves.map(function))
  }

  /// The map with one value everywhere.
  public init(like tree: Tree, repeating value: Value) {
    self.init(Skeleton(tree), tree.leaves.map { _ in value })
  }

  /// The structure that the values have.
  public var structure: TreeDef { skeleton.definition }

  /// The path of each value.
  public var paths: [TreePath] { like.leafPaths }

  /// The same structure with the results of `function`.
  public func map<U: Sendable>(_ function: (Value) throws -> U) rethrows -> LeafMap<Tree, U> {
    LeafMap<Tree, U>(skeleton, try values.map(function))
  }

  /// The values of both maps, pairwise.
  /// - Throws: `TreeError.mismatch` if the structures differ.
  public func zip<U: Sendable>(_ other: LeafMap<Tree, U>) throws -> LeafMap<Tree, (Value, U)> {
    try requireSameStructure(as: other)
    return LeafMap<Tree, (Value, U)>(skeleton, Array(Swift.zip(values, other.values)))
  }

  func requireSameStructure<U>(as other: LeafMap<Tree, U>) throws {
    guard skeleton !== other.skeleton, structure != other.structure else { return }
    throw structureMismatch(like, other.like)
  }
}

/// A tree that is kept for its structure, which is written down when it is first asked for.
final class Skeleton<Tree: PyTree>: Sendable {
  let tree: Tree
  private let stored = Mutex<TreeDef?>(nil)

  init(_ tree: Tree) { self.tree = tree }

  var definition: TreeDef {
    stored.withLock { stored in
      if let stored { return stored }
      let definition = tree.treeDef
      stored = definition
      return definition
    }
  }
}

extension LeafMap {
  /// The values of a subtree.
  ///
  /// A key path may lead out of the tree, to a constant or to what a computed property makes. Nothing
  /// has a value there: where values are optional (a gradient, axes, a part of a tree) what is read is
  /// nil. A subscript that can be set cannot throw, so reading values of other types there, and
  /// setting any, stops the program with the path; `values(at:)` and `set(_:at:)` throw instead.
  public subscript<Child: PyTree>(
    dynamicMember path: WritableKeyPath<Tree, Child>
  ) -> LeafMap<Child, Value> {
    get {
      do { return try values(at: path) } catch {
        guard let nothing = (Value.self as? any ExpressibleByNilLiteral.Type)?.nothing as? Value
        else { preconditionFailure("\(error)") }
        return LeafMap<Child, Value>(like: like[keyPath: path], repeating: nothing)
      }
    }
    set {
      let indices = like.leafIndices(of: path)
      precondition(
        indices.count == newValue.values.count,
        "\(newValue.values.count) values for a subtree of \(indices.count) leaves")
      for (i, value) in Swift.zip(indices, newValue.values) { values[i] = value }
    }
  }

  /// The values of a subtree.
  /// - Throws: `TreeError.notInTree` if the path leads out of the tree.
  public func values<Child: PyTree>(
    at path: WritableKeyPath<Tree, Child>
  ) throws -> LeafMap<Child, Value> {
    var numbered = NumberedTree(like)
    let own = try numbered.indices(of: path).map { values[$0] }
    return LeafMap<Child, Value>(Skeleton(like[keyPath: path]), own)
  }

  /// Sets the values of a subtree.
  /// - Throws: `TreeError.notInTree` if the path leads out of the tree, `TreeError.mismatch` if the
  ///   values belong to another structure.
  public mutating func set<Child: PyTree>(
    _ new: LeafMap<Child, Value>, at path: WritableKeyPath<Tree, Child>
  ) throws {
    var numbered = NumberedTree(like)
    let indices = try numbered.indices(of: path)
    let child = like[keyPath: path]
    if child.treeDef != new.structure { throw structureMismatch(child, new.like) }
    for (i, value) in Swift.zip(indices, new.values) { values[i] = value }
  }

  /// Puts `value` at every leaf of a subtree.
  public mutating func fill<Child: PyTree>(
    _ path: WritableKeyPath<Tree, Child>, with value: Value
  ) {
    for i in like.leafIndices(of: path) { values[i] = value }
  }
}

extension ExpressibleByNilLiteral {
  /// nil
  fileprivate static var nothing: Self { nil }
}

extension LeafMap where Tree: LeafValue {
  /// The value of the only leaf.
  public var value: Value {
    get { values[0] }
    set { values[0] = newValue }
  }
}

extension LeafMap where Tree == Tensor? {
  /// The value of the tensor, if there is one.
  public var value: Value? {
    get { values.first }
    set {
      precondition(
        values.isEmpty == (newValue == nil), "a nil of the tree has no value, and only a nil")
      if let newValue { values[0] = newValue }
    }
  }
}

extension LeafMap: PyTree where Value: PyTree {
  /// A node that announces the structure of its tree.
  public static var nodeRole: NodeRole { .container }

  /// Shows the values under the paths of the leaves they belong to.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    let skeleton = skeleton
    visitor.visit(
      leavesOf: skeleton.definition, paths: skeleton.tree.leafPaths,
      shape: skeleton.tree.outline, &values)
  }
}
