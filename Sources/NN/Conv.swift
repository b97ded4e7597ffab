// Convolutions of one example: channels first, no batch axis; `vmap` makes it a batch.
//
// As in all of deep learning the window is not reversed: it is a cross-correlation (rule LA-07).
// Corresponds to equinox/nn/_conv.py.

public import Core
public import Random
public import Tree

/// A convolution of some number of spatial axes.
public protocol ConvLayer: PlainLayer {
  /// `[out, in / groups, window…]`
  var weight: Tensor { get set }
  /// `[out, 1, …]`
  var bias: Tensor? { get set }
  /// How its windows lie.
  var geometry: ConvGeometry { get }
  /// The layer of these numbers.
  init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry)
}

extension ConvLayer {
  /// A layer drawn from `key`.
  init(geometry: ConvGeometry, useBias: Bool, dtype: DType, key: Key) throws {
    try demand(
      geometry.inChannels % geometry.groups == 0,
      "`in_channels` (=\(geometry.inChannels)) must be divisible by `groups` "
        + "(=\(geometry.groups)).")
    let (weight, bias) = try geometry.initialWeights(useBias: useBias, dtype, key)
    self.init(weight: weight, bias: bias, geometry: geometry)
  }

  /// `x: [in, space…]` → `[out, places…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try geometry.demandRank(x, "Conv")
    let isZero = geometry.paddingMode == .zeros
    let edges = geometry.edges(Array(x.shape.dropFirst()))
    let padded = try isZero ? x : geometry.paddingMode.pad(x, edges)
    let y = try squeeze(
      convGeneralDilated(
        expandDims(padded, 0), weight, windowStrides: geometry.stride,
        padding: isZero ? .explicit(edges) : .valid, rhsDilation: geometry.dilation,
        featureGroupCount: geometry.groups), [0])
    return if let bias { try y + bias } else { y }
  }

  /// Leaves: weight, bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    visitor.constant("geometry", geometry)
    visitor.constant("useBias", bias != nil)
  }
}

/// A convolution of any number of spatial axes: `x: [in, space…]` → `[out, places…]`.
public struct Conv: ConvLayer {
  /// `[out, in / groups, window…]`
  public var weight: Tensor
  /// `[out, 1, …]`
  public var bias: Tensor?
  /// How its windows lie.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ spatialDims: Int, _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis,
    stride: any PerAxis = 1, padding: any PaddingArgument = 0, dilation: any PerAxis = 1,
    groups: Int = 1, useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32,
    key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: spatialDims, inChannels: inChannels, outChannels: outChannels,
        kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation,
        groups: groups, paddingMode: paddingMode), useBias: useBias, dtype: dtype, key: key)
  }
}

/// A convolution along one axis: `x: [in, space]` → `[out, places]`.
public struct Conv1d: ConvLayer {
  /// `[out, in / groups, window]`
  public var weight: Tensor
  /// `[out, 1]`
  public var bias: Tensor?
  /// How its windows lie.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, dilation: any PerAxis = 1, groups: Int = 1,
    useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32, key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 1, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, dilation: dilation, groups: groups,
        paddingMode: paddingMode), useBias: useBias, dtype: dtype, key: key)
  }
}

/// A convolution along two axes: `x: [in, height, width]` → `[out, places, places]`.
public struct Conv2d: ConvLayer {
  /// `[out, in / groups, window, window]`
  public var weight: Tensor
  /// `[out, 1, 1]`
  public var bias: Tensor?
  /// How its windows lie.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, dilation: any PerAxis = 1, groups: Int = 1,
    useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32, key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 2, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, dilation: dilation, groups: groups,
        paddingMode: paddingMode), useBias: useBias, dtype: dtype, key: key)
  }
}

/// A convolution along three axes: `x: [in, depth, height, width]` → `[out, places, places, places]`.
public struct Conv3d: ConvLayer {
  /// `[out, in / groups, window, window, window]`
  public var weight: Tensor
  /// `[out, 1, 1, 1]`
  public var bias: Tensor?
  /// How its windows lie.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, dilation: any PerAxis = 1, groups: Int = 1,
    useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32, key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 3, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, dilation: dilation, groups: groups,
        paddingMode: paddingMode), useBias: useBias, dtype: dtype, key: key)
  }
}
