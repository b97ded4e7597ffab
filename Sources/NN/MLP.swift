// MLP: Linear layers with an activation between them, and another after the last.
//
// Rule LA-03. An activation with weights has its own copy of them for every neuron of every layer.
// Corresponds to equinox/nn/_mlp.py without `scan`, which changes how JAX compiles and no number.

public import Core
public import Random
public import Tree

/// A multi-layer perceptron: `x: [in]` → `[out]`.
public struct MLP: PlainLayer {
  /// What a network without hidden layers does with its final activation (DV-40).
  public enum DepthZero: String, Hashable, Sendable {
    /// Applies it, as at every other depth.
    case appliesFinalActivation
    /// Leaves it out, as Equinox 0.13.8.
    case omitsFinalActivation
  }

  /// `depth` + 1 layers.
  public var layers: [Linear]
  /// After every layer but the last; its tensors are `[depth, width, …]`.
  public var activation: AnyActivation
  /// After the last layer; its tensors are `[out, …]`.
  public var finalActivation: AnyActivation
  /// The size of the input.
  public let inSize: Features
  /// The size of the result.
  public let outSize: Features
  /// The size of every hidden layer.
  public let widthSize: Int
  /// The number of hidden layers.
  public let depth: Int
  /// Whether hidden layers have a bias.
  public let useBias: Bool
  /// Whether the last layer has a bias.
  public let useFinalBias: Bool
  /// What happens at depth 0.
  public let atDepthZero: DepthZero

  /// Layers drawn from `depth` + 1 parts of `key`.
  public init(
    _ inSize: some FeatureCount, _ outSize: some FeatureCount, widthSize: Int, depth: Int,
    activation: some PlainLayer = Function.relu,
    finalActivation: some PlainLayer = Function.identity, useBias: Bool = true,
    useFinalBias: Bool = true, dtype: DType = .f32,
    atDepthZero: DepthZero = .appliesFinalActivation,
    key: Key
  ) throws {
    try demand(depth >= 0, "MLP needs a depth that is not negative, got \(depth)")
    let sizes =
      [inSize.features] + Array(repeating: .count(widthSize), count: depth)
      + [outSize.features]
    let keys = try key.split(depth + 1)
    let layers = try (0...depth).map { i in
      try Linear(
        sizes[i], sizes[i + 1], useBias: i == depth ? useFinalBias : useBias, dtype: dtype,
        key: keys[i])
    }
    try self.init(
      layers: layers, widthSize: widthSize, activation: activation,
      finalActivation: finalActivation, useBias: useBias, useFinalBias: useFinalBias,
      atDepthZero: atDepthZero)
  }

  /// The network of these layers; activations with weights are repeated for every neuron.
  public init(
    layers: [Linear], widthSize: Int? = nil, activation: some PlainLayer = Function.relu,
    finalActivation: some PlainLayer = Function.identity, useBias: Bool? = nil,
    useFinalBias: Bool? = nil, atDepthZero: DepthZero = .appliesFinalActivation
  ) throws {
    guard let first = layers.first, let last = layers.last else {
      throw LayerError.badArgument("MLP needs at least one layer")
    }
    let depth = layers.count - 1
    let width = widthSize ?? (depth == 0 ? 0 : first.outFeatures.width)
    self.layers = layers
    self.activation = try AnyActivation(activation).repeated(width).repeated(depth)
    self.finalActivation = AnyActivation(finalActivation)
    if case .count(let n) = last.outFeatures {
      self.finalActivation = try self.finalActivation.repeated(n)
    }
    (inSize, outSize) = (first.inFeatures, last.outFeatures)
    (self.widthSize, self.depth) = (width, depth)
    self.useBias = useBias ?? first.useBias
    self.useFinalBias = useFinalBias ?? last.useBias
    self.atDepthZero = atDepthZero
  }

  /// `x: [in]` → `[out]`; scalars where the sizes say so.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var x = x
    for (i, layer) in layers.dropLast().enumerated() {
      x = try activation.taken(i).mapped(layer(x))
    }
    x = try layers[depth](x)
    if depth == 0 && atDepthZero == .omitsFinalActivation { return x }
    return try outSize == .single ? finalActivation.module(x) : finalActivation.mapped(x)
  }

  /// Leaves: the layers, then the activations.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layers", &layers)
    visitor.field("activation", &activation)
    visitor.field("finalActivation", &finalActivation)
    visitor.constant("useBias", useBias)
    visitor.constant("useFinalBias", useFinalBias)
    inSize.show("inSize", to: visitor)
    outSize.show("outSize", to: visitor)
    visitor.constant("widthSize", widthSize)
    visitor.constant("depth", depth)
    if depth == 0 { visitor.constant("atDepthZero", atDepthZero.rawValue) }
  }
}
