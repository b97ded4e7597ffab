// What a tree is: a value that can show its stored properties.
//
// Everything else (leaves, paths, definitions, maps, filters) is derived from this one method. A
// tree is a value: who changes a tree changes a copy, so there is no aliasing between subtrees and
// each position of a tree is its own leaf (rules PT-11, PT-15, PT-16).

/// A value made of leaves: tensors, and Swift values that are not arrays.
public protocol PyTree: Sendable {
  /// Shows every stored property to the visitor, in the order of declaration.
  ///
  /// A property that is a tree goes to `field`, one that is structure to `constant`.
  mutating func visitFields(_ visitor: FieldVisitor)

  /// What this type is in a tree definition; a struct needs none of its own.
  static var nodeRole: NodeRole { get }
}

extension PyTree {
  /// A node with named fields.
  @inlinable public static var nodeRole: NodeRole { .node }
}

/// A tree that is called like a function: a layer, a model.
public protocol Module: PyTree {}

/// How a type appears in a tree definition.
@frozen public enum NodeRole: Sendable {
  /// A node with named fields, told apart from others by its type and its constants.
  case node
  /// A node that announces itself to the visitor, as an array does with its length.
  case container
  /// One value without structure.
  case leaf
}
