// WeightNorm: a weight as a length g and a direction v (Salimans and Kingma, 2016).
//
// w = v · g / ‖v‖, the norm taken over every axis but one, or over all. Corresponds to
// equinox/nn/_weight_norm.py, operation by operation; a zero v has no direction there (NaN), nor here.

public import Core
public import Tree

/// A layer whose weight is the tensor `weight`.
public protocol WeightedLayer: PlainLayer {
  /// What is normalised unless told otherwise.
  var weight: Tensor { get set }
}

extension Linear: WeightedLayer {}
extension Conv: WeightedLayer {}
extension Conv1d: WeightedLayer {}
extension Conv2d: WeightedLayer {}
extension Conv3d: WeightedLayer {}
extension ConvTranspose: WeightedLayer {}
extension ConvTranspose1d: WeightedLayer {}
extension ConvTranspose2d: WeightedLayer {}
extension ConvTranspose3d: WeightedLayer {}

/// A layer with its weight as v · g / ‖v‖.
public struct WeightNorm<Layer: PlainLayer>: PlainLayer {
  /// The layer; its weight is v, whose length means nothing.
  public var layer: Layer
  /// ‖w‖: the shape of the weight with every axis but `axis` at extent 1.
  public var g: Tensor
  /// The axis that keeps its lengths apart; one length for all if nil.
  public let axis: Int?
  private let weight: any WritableKeyPath<Layer, Tensor> & Sendable

  /// The layer as it is, its weight taken apart.
  public init(
    _ layer: Layer, weight: any WritableKeyPath<Layer, Tensor> & Sendable, axis: Int? = 0
  ) throws {
    self.layer = layer
    self.weight = weight
    self.axis = axis
    g = try normExcept(axis, layer[keyPath: weight])
  }

  /// The layer as it is, its `weight` taken apart.
  public init(_ layer: Layer, axis: Int? = 0) throws where Layer: WeightedLayer {
    try self.init(layer, weight: \Layer.weight, axis: axis)
  }

  /// What the layer gives at `x` with the weight v · g / ‖v‖.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var layer = layer
    let v = layer[keyPath: weight]
    layer[keyPath: weight] = try v * g / normExcept(axis, v)
    return try layer(x)
  }

  /// Leaves: those of the layer, then g.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layer", &layer)
    visitor.field("g", &g)
    visitor.constant("weight", "\(weight)")
    visitor.constant("axis", axis)
  }
}

/// √Σ v² over every axis but `axis`, which stay at extent 1.
private func normExcept(_ axis: Int?, _ v: Tensor) throws -> Tensor {
  try demand(
    axis.map { (-v.rank..<v.rank).contains($0) } ?? true,
    "axis \(axis ?? 0) is out of bounds for array of dimension \(v.rank)")
  let kept = axis.map { $0 < 0 ? $0 + v.rank : $0 }
  return try sqrt(sum(v * v, axes: v.shape.indices.filter { $0 != kept }, keepDims: true))
}
