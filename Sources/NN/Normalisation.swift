// LayerNorm and RMSNorm over the whole input, GroupNorm over groups of channels.
//
// Rule LA-11: the input must have the layer's shape exactly; the variance is biased; everything is
// computed in f32 or wider and given back in the input's dtype. Corresponds to
// equinox/nn/_normalisation.py.

public import Core
public import Tree

/// (x − mean) / √(var + eps) · weight + bias over all of `x: [shape…]`.
public struct LayerNorm: PlainLayer {
  /// `[shape…]`, ones at the start.
  public var weight: Tensor?
  /// `[shape…]`, zeros at the start.
  public var bias: Tensor?
  /// The shape of the input.
  public let shape: [Int]
  /// What keeps the division finite.
  public let eps: Double

  /// The layer for inputs of `shape`.
  public init(
    _ shape: any Shape, eps: Double = 1e-5, useWeight: Bool = true, useBias: Bool = true,
    dtype: DType = .f32
  ) throws {
    self.shape = shape.extents
    self.eps = eps
    weight = try useWeight ? ones(self.shape, dtype) : nil
    bias = try useBias ? zeros(self.shape, dtype) : nil
  }

  /// `x: [shape…]` → `[shape…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandShape(x, "LayerNorm", "layer_norm", shape)
    let wide = try atLeastSingle(x)
    let normal = try standardised(wide, axes: Array(wide.shape.indices), eps: eps)
    return try scaled(normal, weight, bias).asType(x.dtype)
  }

  /// Leaves: weight, bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("shape", shape)
    visitor.constant("eps", eps)
    visitor.constant("useWeight", weight != nil)
    visitor.constant("useBias", bias != nil)
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
  }
}

/// x / √(mean x² + eps) · weight + bias over all of `x: [shape…]`.
public struct RMSNorm: PlainLayer {
  /// `[shape…]`, ones at the start.
  public var weight: Tensor?
  /// `[shape…]`, zeros at the start.
  public var bias: Tensor?
  /// The shape of the input.
  public let shape: [Int]
  /// What keeps the division finite.
  public let eps: Double

  /// The layer for inputs of `shape`.
  public init(
    _ shape: any Shape, eps: Double = 1e-5, useWeight: Bool = true, useBias: Bool = true,
    dtype: DType = .f32
  ) throws {
    self.shape = shape.extents
    self.eps = eps
    weight = try useWeight ? ones(self.shape, dtype) : nil
    bias = try useBias ? zeros(self.shape, dtype) : nil
  }

  /// `x: [shape…]` → `[shape…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandShape(x, "RMSNorm", "rms_norm", shape)
    let wide = try atLeastSingle(x)
    let inverse = try rsqrt(mean(square(wide)) + eps)
    return try scaled(inverse * wide, weight, bias).asType(x.dtype)
  }

  /// Leaves: weight, bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("shape", shape)
    visitor.constant("eps", eps)
    visitor.constant("useWeight", weight != nil)
    visitor.constant("useBias", bias != nil)
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
  }
}

/// LayerNorm of each of `groups` equal groups of channels of `x: [channels, …]`, then a weight and a
/// bias for each channel.
public struct GroupNorm: PlainLayer {
  /// `[channels]`, ones at the start.
  public var weight: Tensor?
  /// `[channels]`, zeros at the start.
  public var bias: Tensor?
  /// How many groups.
  public let groups: Int
  /// How many channels, if it is known.
  public let channels: Int?
  /// What keeps the division finite.
  public let eps: Double

  /// The layer; `channels` may be left out only if there are no weights.
  public init(
    groups: Int, channels: Int? = nil, eps: Double = 1e-5, channelwiseAffine: Bool = true,
    dtype: DType = .f32
  ) throws {
    try demand(groups > 0, "GroupNorm needs at least one group, got \(groups)")
    try demand(
      (channels ?? 0) % groups == 0, "The number of groups must divide the number of channels.")
    self.groups = groups
    self.channels = channels
    self.eps = eps
    (weight, bias) = (nil, nil)
    guard channelwiseAffine else { return }
    guard let channels else {
      throw LayerError.badArgument(
        "The number of channels should be specified if `channelwiseAffine` is true")
    }
    weight = try ones([channels], dtype)
    bias = try zeros([channels], dtype)
  }

  /// `x: [channels, …]` → `[channels, …]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandInput(x.rank > 0, "GroupNorm needs an input (channels, …), got \(x.aval)")
    let wide = try atLeastSingle(x)
    let split = [groups, x.shape[0] / groups] + x.shape.dropFirst()
    let y = try reshape(wide, split)
    let normal = try reshape(
      standardised(y, axes: Array(split.indices.dropFirst()), eps: eps), x.shape)
    return try scaled(normal, channelwise(weight, x), channelwise(bias, x)).asType(x.dtype)
  }

  /// A number per channel, spread over the rest of `x`.
  private func channelwise(_ numbers: Tensor?, _ x: Tensor) throws -> Tensor? {
    try numbers.map { try broadcastInDim($0, shape: x.shape, dims: [0]) }
  }

  /// Leaves: weight, bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("groups", groups)
    visitor.constant("channels", channels)
    visitor.constant("eps", eps)
    visitor.constant("channelwiseAffine", weight != nil)
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
  }
}

/// A shape that an initialiser takes: one extent, or several.
public protocol Shape {
  /// The extents.
  var extents: [Int] { get }
}

extension Int: Shape {
  /// A vector of this length.
  public var extents: [Int] { [self] }
}

extension [Int]: Shape {
  /// Itself.
  public var extents: [Int] { self }
}

/// (x − mean) · rsqrt(var + eps) over `axes`.
private func standardised(_ x: Tensor, axes: [Int], eps: Double) throws -> Tensor {
  let variance = try maximum(Tensor(0, x.dtype), `var`(x, axes: axes, keepDims: true))
  return try (x - mean(x, axes: axes, keepDims: true)) * rsqrt(variance + eps)
}

/// weight · x + bias, each if it is there, in the dtype of `x`.
private func scaled(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?) throws -> Tensor {
  var x = x
  if let weight { x = try weight.asType(x.dtype) * x }
  if let bias { x = try x + bias.asType(x.dtype) }
  return x
}

private func demandShape(
  _ x: Tensor, _ name: String, _ function: String, _ shape: [Int]
) throws {
  try demandInput(
    x.shape == shape,
    "`\(name)(shape)(x)` must satisfy the invariant `shape == x.shape`. Received `shape="
      + "\(pythonTuple(shape)) and `x.shape=\(pythonTuple(x.shape))`. You might need to replace "
      + "`\(function)(x)` with a vmap of it.")
}
