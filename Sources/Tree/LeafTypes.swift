// The leaf types: each shows itself to the visitor, and passes to and from `Leaf`.

public import Core

extension Tensor: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .tensor }
  /// This value as a leaf.
  public var leaf: Leaf { .tensor(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .tensor(let value) = leaf else { return nil }
    self = value
  }
}

extension Bool: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .bool }
  /// This value as a leaf.
  public var leaf: Leaf { .bool(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .bool(let value) = leaf else { return nil }
    self = value
  }
}

extension Int: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .int }
  /// This value as a leaf.
  public var leaf: Leaf { .int(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .int(let value) = leaf else { return nil }
    self = value
  }
}

extension Double: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .double }
  /// This value as a leaf.
  public var leaf: Leaf { .double(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .double(let value) = leaf else { return nil }
    self = value
  }
}

extension String: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .string }
  /// This value as a leaf.
  public var leaf: Leaf { .string(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .string(let value) = leaf else { return nil }
    self = value
  }
}

extension Function: PyTree, LeafValue {
  /// A leaf.
  public static var nodeRole: NodeRole { .leaf }
  /// Shows the value itself.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }

  /// The kind of leaf.
  public static var leafKind: LeafKind { .function }
  /// This value as a leaf.
  public var leaf: Leaf { .function(self) }
  /// The value of a leaf of this kind.
  public init?(_ leaf: Leaf) {
    guard case .function(let value) = leaf else { return nil }
    self = value
  }
}
