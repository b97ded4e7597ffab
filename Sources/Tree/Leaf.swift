// The leaves of a tree: a closed set, so that every question about leaves is an exhaustive switch.

public import Core

/// One leaf of a tree.
public enum Leaf: Sendable {
  case tensor(Tensor)
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case function(Function)

  /// The tensor, if it is one.
  public var tensor: Tensor? {
    switch self {
    case .tensor(let tensor): tensor
    case .bool, .int, .double, .string, .function: nil
    }
  }

  /// The value of a leaf that is no tensor, compared by type and bits; nil for a tensor.
  var staticValue: StaticValue? {
    switch self {
    case .tensor: nil
    case .bool(let bit): StaticValue(bit)
    case .int(let number): StaticValue(number)
    case .double(let number): StaticValue(number)
    case .string(let text): StaticValue(text)
    case .function(let function): StaticValue(.function(function))
    }
  }

  /// What the leaf is, as an error names it.
  public var kind: LeafKind {
    switch self {
    case .tensor: .tensor
    case .bool: .bool
    case .int: .int
    case .double: .double
    case .string: .string
    case .function: .function
    }
  }
}

/// The kinds of leaves.
public enum LeafKind: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case tensor, bool, int, double, string, function

  /// With its article: `a tensor`, `an int`.
  public var description: String { self == .int ? "an int" : "a \(rawValue)" }
}

/// A type whose values are single leaves.
public protocol LeafValue: PyTree {
  /// The kind of every value.
  static var leafKind: LeafKind { get }
  /// This value as a leaf.
  var leaf: Leaf { get }
  /// The value of a leaf of this kind, nil for other kinds.
  init?(_ leaf: Leaf)
}
