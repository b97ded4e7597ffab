// MLP: Linear layers with an activation between them, and another after the last.
//
// Rule LA-03. An activation with weights has its own copy of them for every neuron of every layer.
// With `scan` the hidden layers that are alike are one layer with stacked tensors, and the program has
// one copy of them whatever the depth; no number changes. Corresponds to equinox/nn/_mlp.py.

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

  /// `depth` + 1 layers; under `scan`, for a depth above 0, the first, the stack of those between,
  /// whose tensors are `[depth − 1, …]`, and the last.
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
  /// Whether the layers between the first and the last are one stack, run by a loop of the program.
  public let scan: Bool
  /// What happens at depth 0.
  public let atDepthZero: DepthZero

  /// Layers drawn from `depth` + 1 parts of `key`.
  public init(
    _ inSize: some FeatureCount, _ outSize: some FeatureCount, widthSize: Int, depth: Int,
    activation: some PlainLayer = Function.relu,
    finalActivation: some PlainLayer = Function.identity, useBias: Bool = true,
    useFinalBias: Bool = true, dtype: DType = .f32, scan: Bool = false,
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
      scan: scan, atDepthZero: atDepthZero)
  }

  /// The network of these layers; activations with weights are repeated for every neuron.
  public init(
    layers: [Linear], widthSize: Int? = nil, activation: some PlainLayer = Function.relu,
    finalActivation: some PlainLayer = Function.identity, useBias: Bool? = nil,
    useFinalBias: Bool? = nil, scan: Bool = false,
    atDepthZero: DepthZero = .appliesFinalActivation
  ) throws {
    guard let first = layers.first, let last = layers.last else {
      throw LayerError.badArgument("MLP needs at least one layer")
    }
    let depth = layers.count - 1
    let width = widthSize ?? (depth == 0 ? 0 : first.outFeatures.width)
    self.layers =
      scan && depth > 0
      ? [first, try stack(Array(layers[1..<depth]), width, like: first), last] : layers
    self.activation = try AnyActivation(activation).repeated(width).repeated(depth)
    self.finalActivation = AnyActivation(finalActivation)
    if case .count(let n) = last.outFeatures {
      self.finalActivation = try self.finalActivation.repeated(n)
    }
    (inSize, outSize) = (first.inFeatures, last.outFeatures)
    (self.widthSize, self.depth) = (width, depth)
    self.useBias = useBias ?? first.useBias
    self.useFinalBias = useFinalBias ?? last.useBias
    (self.scan, self.atDepthZero) = (scan, atDepthZero)
  }

  /// `x: [in]` → `[out]`; scalars where the sizes say so.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var x = x
    if scan && depth > 0 {
      x = try activation.taken(0).mapped(layers[0](x))
      x = try scanned(x)
    } else {
      for (i, layer) in layers.dropLast().enumerated() {
        x = try activation.taken(i).mapped(layer(x))
      }
    }
    x = try layers[layers.count - 1](x)
    if depth == 0 && atDepthZero == .omitsFinalActivation { return x }
    return try outSize == .single ? finalActivation.module(x) : finalActivation.mapped(x)
  }

  /// The layers between the first and the last, one round of a loop each.
  private func scanned(_ x: Tensor) throws -> Tensor {
    let activations = try treeMap(tensors: activation) {
      try slice($0, axis: 0, from: 1, to: depth)
    }
    return try Tree.scan(
      { (x: Tensor, round: Tuple<Linear, AnyActivation>) in
        let (layer, activation) = round.elements
        return (carry: try activation.mapped(layer(x)), y: Tuple())
      }, x, Tuple(layers[1], activations), length: depth - 1
    ).carry
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
    // As Equinox prints it: not where it is the default.
    if scan { visitor.constant("scan", scan) }
    if depth == 0 { visitor.constant("atDepthZero", atDepthZero.rawValue) }
  }
}

/// Layers from `width` to `width` as one whose tensors are `[count, …]`.
private func stack(_ layers: [Linear], _ width: Int, like first: Linear) throws -> Linear {
  func stacked(_ tensors: [Tensor], _ shape: [Int]) throws -> Tensor {
    try tensors.isEmpty ? zeros([0] + shape, first.weight.dtype) : Core.stack(tensors)
  }
  var one = try Linear(weight: zeros([width, width], first.weight.dtype))
  one.weight = try stacked(layers.map(\.weight), [width, width])
  if first.useBias { one.bias = try stacked(layers.compactMap(\.bias), [width]) }
  return one
}
