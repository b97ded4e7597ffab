// Layers without weights: Identity, and a function as a layer.

public import Core
public import Tree

/// x ↦ x.
public struct Identity: PlainLayer {
  /// The layer.
  public init() {}

  /// `x`, of any shape.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { x }

  /// No leaves.
  public mutating func visitFields(_ visitor: FieldVisitor) {}
}

/// A function as a layer, to stand between others.
public struct Lambda: PlainLayer {
  /// What is called.
  public var function: Function

  /// The layer of `function`.
  public init(_ function: Function) { self.function = function }

  /// The layer of a closure.
  public init(_ function: @escaping @Sendable (Tensor) throws -> Tensor) {
    self.function = Function("<lambda>", function)
  }

  /// What the function gives at `x`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try function(x) }

  /// One leaf, the function.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("fn", &function)
  }
}
