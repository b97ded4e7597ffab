// Layers one after another, whatever each needs (DO-06).
//
// The key is split by the number of layers, those that need none included, so that a layer's key depends
// on its place alone; the state goes from hand to hand.

public import Core
public import Random
public import Tree

/// A layer of a type that is known only when the program runs.
public struct AnyLayer: Layer {
  /// The layer.
  public var layer: any Layer

  /// A box for `layer`.
  public init(_ layer: any Layer) { self.layer = layer }

  /// The layer stands for itself: the box adds nothing to paths and definitions.
  public static var nodeRole: NodeRole { .container }

  /// Shows the layer.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.stand(&layer) }

  /// The layer's result.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    try layer(x, key: key, state: &state)
  }
}

/// Layers applied in order.
public struct Sequential: Layer {
  /// The layers.
  public var layers: [AnyLayer]

  /// The layers in order; activations stand among them as layers too.
  public init(_ layers: [any Layer]) { self.layers = layers.map { AnyLayer($0) } }

  /// Shows the layers.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("layers", &layers) }

  /// The last layer's result, with the state after all of them.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    let keys = try key?.split(layers.count)
    var x = x
    for (i, layer) in layers.enumerated() { x = try layer(x, key: keys?[i], state: &state) }
    return x
  }

  /// The last layer's result, where no layer has a state.
  /// - Throws: `StateError.unknown` for a layer that has one.
  public func callAsFunction(_ x: Tensor, key: Key? = nil) throws -> Tensor {
    var none = State()
    return try self(x, key: key, state: &none)
  }

  /// The last layer's result, where no layer draws random numbers.
  public func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try self(x, key: nil, state: &state)
  }
}

extension Sequential {
  /// The number of layers.
  public var count: Int { layers.count }

  /// The layer at a place.
  public subscript(_ i: Int) -> any Layer {
    get { layers[i].layer }
    set { layers[i].layer = newValue }
  }

  /// Some of the layers, as a sequence of their own.
  public subscript(_ range: Range<Int>) -> Sequential {
    Sequential(layers[range].map(\.layer))
  }
}
