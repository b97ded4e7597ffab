// Tied nodes: one value at several places of a tree (PT-16).
//
// A tree is a tree: the same layer at two places is two layers. `Shared` holds the tree without the
// nodes that are tied, so that gradients, optimisers and files see the value once, and puts it back in
// when it is called. Invariant: no leaf of a tied node is a leaf of the whole.

import Core
public import Tree

/// A tree in which some nodes are copies of another one.
public struct Shared<T: PyTree, Node: PyTree>: Module {
  /// Where a tied node is.
  public typealias Place = any WritableKeyPath<T, Node> & Sendable
  /// Where its value comes from; a computed property may change it on the way.
  public typealias Source = any KeyPath<T, Node> & Sendable

  /// The leaves of the tree; nil for those of tied nodes.
  private var tree: LeafMap<T, HeldLeaf?>
  private let places: [Place]
  private let source: Source

  /// `tree`, in which the nodes at `places` are tied to the value of `source`.
  /// - Throws: `LayerError.badArgument` when a node and the value differ in structure, shape or dtype.
  public init(_ tree: T, at places: Place..., from source: Source) throws {
    let value = tree[keyPath: source]
    for place in places where !haveOneType(tree[keyPath: place], value) {
      throw LayerError.badArgument(
        "nodes that are shared must have one structure, shapes and dtypes; got "
          + "\(typeText(value)) and \(typeText(tree[keyPath: place]))")
    }
    // Of the tree itself only the structure is kept: the tied values are to be gone.
    let skeleton = try treeMap(tensors: tree) { Tensor(0, $0.dtype) }
    self.tree = try LeafMap(like: skeleton, values: tree.leaves.map { HeldLeaf(leaf: $0) })
    for place in places { self.tree.fill(place, with: nil) }
    self.places = places
    self.source = source
  }

  /// Shows the leaves that are not tied.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("tree", &tree)
    visitor.constant("places", places.map(PlaceName.init))
    visitor.constant("source", PlaceName(source))
  }

  /// The whole tree, with the value of the source at every tied place.
  public func callAsFunction() throws -> T {
    let leaves = zip(tree.values, tree.like.leaves).map { held, blank in held?.leaf ?? blank }
    var whole = try tree.like.unflatten(leaves)
    for place in places { whole[keyPath: place] = whole[keyPath: source] }
    return whole
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
