// Tied nodes: one value at several places of a tree (PT-16).
//
// A tree is a tree: the same layer at two places is two layers. `Shared` holds the tree without the
// nodes that are tied, so that gradients, optimisers and files see the value once, and puts it back in
// when it is called. Every value is read before one is put in. Invariant: no leaf of a tied node is a
// leaf of the whole, and no node is tied twice or the source of another.

import Core
public import Tree

/// A tree in which some nodes are copies of others.
public struct Shared<T: PyTree>: Module {
  /// The leaves of the tree; nil for those of tied nodes.
  private var tree: LeafMap<T, HeldLeaf?>
  private let ties: [Tie<T>]

  /// `tree`, in which the nodes at `places` are tied to the value of `source`.
  /// - Throws: as for several ties.
  public init<Node: PyTree>(
    _ tree: T, at places: any WritableKeyPath<T, Node> & Sendable...,
    from source: any KeyPath<T, Node> & Sendable
  ) throws {
    try self.init(tree, ties: [Tie(places, source)])
  }

  /// `tree` with these nodes tied.
  /// - Throws: `LayerError.badArgument` when a node and its value differ in structure, shape or dtype,
  ///   or a node is tied twice, or is both tied and a source; `TreeError` for a place that is not in
  ///   the tree.
  public init(_ tree: T, _ ties: Tie<T>...) throws { try self.init(tree, ties: ties) }

  private init(_ tree: T, ties: [Tie<T>]) throws {
    var isTied = LeafMap<T, Bool>(like: tree, repeating: false)
    for tie in ties { try tie.tie.mark(&isTied, of: tree) }
    for tie in ties { try tie.tie.checkSource(isTied) }
    // Of the tree itself only the structure is kept: the tied values are to be gone.
    let skeleton = try treeMap(tensors: tree) { Tensor(0, $0.dtype) }
    let held = zip(tree.leaves, isTied.values).map { $1 ? nil : HeldLeaf(leaf: $0) }
    self.tree = try LeafMap(like: skeleton, values: held)
    self.ties = ties
  }

  /// Shows the leaves that are not tied.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("tree", &tree)
    visitor.constant("ties", ties.map(\.tie.names))
  }

  /// The whole tree, with the value of its source at every tied place.
  public func callAsFunction() throws -> T {
    let leaves = zip(tree.values, tree.like.leaves).map { held, blank in held?.leaf ?? blank }
    let untied = try tree.like.unflatten(leaves)
    var whole = untied
    for tie in ties { tie.tie.put(into: &whole, from: untied) }
    return whole
  }
}

/// Nodes of a tree that are to have the value of another one.
public struct Tie<T: PyTree>: Sendable {
  fileprivate let tie: any NodeTying<T>

  fileprivate init<Node: PyTree>(
    _ places: [any WritableKeyPath<T, Node> & Sendable], _ source: any KeyPath<T, Node> & Sendable
  ) {
    tie = NodeTie(places: places, source: source)
  }

  /// The nodes at `places` with the value of `source`, where a computed property may change it on the
  /// way.
  public init<Node: PyTree>(
    at places: any WritableKeyPath<T, Node> & Sendable...,
    from source: any KeyPath<T, Node> & Sendable
  ) {
    self.init(places, source)
  }
}

/// A tie whose nodes are of a type that only it knows.
private protocol NodeTying<T>: Sendable {
  associatedtype T: PyTree

  /// The places, then the source.
  var names: [PlaceName] { get }
  /// Marks the leaves of the tied nodes.
  func mark(_ isTied: inout LeafMap<T, Bool>, of tree: T) throws
  /// Refuses a source that is tied itself.
  func checkSource(_ isTied: LeafMap<T, Bool>) throws
  func put(into whole: inout T, from tree: T)
}

private struct NodeTie<T: PyTree, Node: PyTree>: NodeTying {
  let places: [any WritableKeyPath<T, Node> & Sendable]
  let source: any KeyPath<T, Node> & Sendable

  var names: [PlaceName] { places.map { PlaceName($0) } + [PlaceName(source)] }

  func mark(_ isTied: inout LeafMap<T, Bool>, of tree: T) throws {
    let value = tree[keyPath: source]
    for place in places {
      guard haveOneType(tree[keyPath: place], value) else {
        throw LayerError.badArgument(
          "nodes that are shared must have one structure, shapes and dtypes; got "
            + "\(typeText(value)) and \(typeText(tree[keyPath: place]))")
      }
      if try isTied.values(at: place).values.contains(true) {
        throw LayerError.badArgument(
          "nodes that are shared must not overlap: \(place) is tied twice")
      }
      isTied.fill(place, with: true)
    }
  }

  func checkSource(_ isTied: LeafMap<T, Bool>) throws {
    // What a computed property reads is its own business, and no part of the tree.
    guard let source = source as? WritableKeyPath<T, Node>,
      let marks = try? isTied.values(at: source), marks.values.contains(true)
    else { return }
    throw LayerError.badArgument(
      "\(source) is tied to another node and cannot be what a node is tied to")
  }

  func put(into whole: inout T, from tree: T) {
    let value = tree[keyPath: source]
    for place in places { whole[keyPath: place] = value }
  }
}

/// A leaf of any kind, which stands for itself.
private struct HeldLeaf: PyTree {
  var leaf: Leaf

  static var nodeRole: NodeRole { .container }

  mutating func visitFields(_ visitor: FieldVisitor) {
    func shown<L: LeafValue>(_ value: L) -> Leaf {
      var value = value
      visitor.stand(&value)
      return value.leaf
    }
    leaf =
      switch leaf {
      case .tensor(let value): shown(value)
      case .bool(let value): shown(value)
      case .int(let value): shown(value)
      case .double(let value): shown(value)
      case .string(let value): shown(value)
      case .function(let value): shown(value)
      }
  }
}

/// A key path as structure.
struct PlaceName: Hashable, Sendable {
  private let path: any AnyKeyPath & Sendable

  init(_ path: any AnyKeyPath & Sendable) { self.path = path }

  static func == (a: PlaceName, b: PlaceName) -> Bool { a.path as AnyKeyPath == b.path }
  func hash(into hasher: inout Hasher) { hasher.combine(path as AnyKeyPath) }
}
