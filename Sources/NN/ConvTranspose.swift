// Transposed convolutions of one example: the adjoint of Conv for the weights reversed and with
// their two channel axes exchanged (rule LA-10).
//
// The padding is that of the convolution it is the adjoint of. Where a stride leaves the extent of
// the result open, `outputPadding` chooses: an explicit padding gives that much more, SAME and
// SAME_LOWER give stride · extent − outputPadding. Notation: Dumoulin and Visin, A guide to
// convolution arithmetic for deep learning (2016), relationship 14. Corresponds to
// equinox/nn/_conv.py.

public import Core
public import Random
public import Tree

/// A transposed convolution of some number of spatial axes.
public protocol ConvTransposeLayer: PlainLayer {
  /// `[out, in / groups, window…]`
  var weight: Tensor { get set }
  /// `[out, 1, …]`
  var bias: Tensor? { get set }
  /// How the windows of the convolution lie that it transposes.
  var geometry: ConvGeometry { get }
  /// The layer of these numbers.
  init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry)
}

extension ConvTransposeLayer {
  /// A layer drawn from `key`.
  init(geometry: ConvGeometry, useBias: Bool, dtype: DType, key: Key) throws {
    try geometry.demandTransposable()
    let (weight, bias) = try geometry.initialWeights(useBias: useBias, dtype, key)
    self.init(weight: weight, bias: bias, geometry: geometry)
  }

  /// `x: [in, places…]` → `[out, space…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try geometry.demandTransposable()
    try geometry.demandRank(x, "ConvTranspose")
    var (x, edges) = (x, geometry.transposedEdges)
    if geometry.paddingMode == .circular {
      // Whole strides of the padding are elements from the other end, the rest are holes.
      let whole = zip(edges, geometry.stride).map { EdgePadding($0.low / $1, $0.high / $1) }
      edges = zip(edges, geometry.stride).map { EdgePadding($0.low % $1, $0.high % $1) }
      x = try geometry.paddingMode.pad(x, whole)
    }
    let y = try squeeze(
      convGeneralDilated(
        expandDims(x, 0), weight, windowStrides: geometry.stride.map { _ in 1 },
        padding: .explicit(edges), lhsDilation: geometry.stride, rhsDilation: geometry.dilation,
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

extension ConvGeometry {
  /// Refuses what has no transpose here.
  fileprivate func demandTransposable() throws {
    try demand(
      outputPadding.count == spatialDims,
      "`output_padding` needs one number for each of \(spatialDims) axes, got "
        + pythonTuple(outputPadding))
    try demand(
      zip(outputPadding, stride).allSatisfy { $0 < $1 },
      "Must have `output_padding < stride` (elementwise).")
    switch paddingMode {
    case .zeros: return
    case .reflect, .replicate:
      throw TraceError.unsupported("'REFLECT' or 'REPLICATE' padding mode is not implemented")
    case .circular:
      guard outputPadding.allSatisfy({ $0 == 0 }) else {
        throw TraceError.unsupported(
          "`padding_mode == 'CIRCULAR'` with non-zero `output_padding` is not implemented.")
      }
      guard padding == .same || padding == .sameLower else {
        throw TraceError.unsupported(
          "`padding_mode == 'CIRCULAR'` is only implemented for 'SAME' or 'SAME_LOWER' padding.")
      }
    }
  }

  /// The padding of the stretched input that undoes the padding of the convolution.
  fileprivate var transposedEdges: [EdgePadding] {
    (0..<spatialDims).map { axis in
      let reach = dilation[axis] * (kernelSize[axis] - 1)
      var (edge, extra) = (EdgePadding(0, 0), outputPadding[axis])
      switch padding {
      case .valid: break
      case .explicit(let edges): edge = edges[axis]
      case .same, .sameLower:
        let total = reach + 1 - stride[axis] + extra
        extra = max(0, -total)
        let low = (max(0, total) + (padding == .sameLower ? 1 : 0)) / 2
        edge = EdgePadding(low, max(0, total) - low)
      }
      return EdgePadding(reach - edge.low, reach - edge.high + extra)
    }
  }
}

/// A transposed convolution of any number of spatial axes: `x: [in, places…]` → `[out, space…]`.
public struct ConvTranspose: ConvTransposeLayer {
  /// `[out, in / groups, window…]`
  public var weight: Tensor
  /// `[out, 1, …]`
  public var bias: Tensor?
  /// How the windows of the convolution lie that it transposes.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ spatialDims: Int, _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis,
    stride: any PerAxis = 1, padding: any PaddingArgument = 0, outputPadding: any PerAxis = 0,
    dilation: any PerAxis = 1, groups: Int = 1, useBias: Bool = true,
    paddingMode: PaddingMode = .zeros, dtype: DType = .f32, key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: spatialDims, inChannels: inChannels, outChannels: outChannels,
        kernelSize: kernelSize, stride: stride, padding: padding,
        outputPadding: outputPadding.perAxis(spatialDims), dilation: dilation, groups: groups,
        paddingMode: paddingMode), useBias: useBias, dtype: dtype, key: key)
  }
}

/// A transposed convolution along one axis: `x: [in, places]` → `[out, space]`.
public struct ConvTranspose1d: ConvTransposeLayer {
  /// `[out, in / groups, window]`
  public var weight: Tensor
  /// `[out, 1]`
  public var bias: Tensor?
  /// How the windows of the convolution lie that it transposes.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, outputPadding: any PerAxis = 0, dilation: any PerAxis = 1,
    groups: Int = 1, useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32,
    key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 1, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, outputPadding: outputPadding.perAxis(1),
        dilation: dilation, groups: groups, paddingMode: paddingMode),
      useBias: useBias, dtype: dtype, key: key)
  }
}

/// A transposed convolution along two axes: `x: [in, places, places]` → `[out, height, width]`.
public struct ConvTranspose2d: ConvTransposeLayer {
  /// `[out, in / groups, window, window]`
  public var weight: Tensor
  /// `[out, 1, 1]`
  public var bias: Tensor?
  /// How the windows of the convolution lie that it transposes.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, outputPadding: any PerAxis = 0, dilation: any PerAxis = 1,
    groups: Int = 1, useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32,
    key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 2, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, outputPadding: outputPadding.perAxis(2),
        dilation: dilation, groups: groups, paddingMode: paddingMode),
      useBias: useBias, dtype: dtype, key: key)
  }
}

/// A transposed convolution along three axes: `x: [in, places, places, places]` → `[out, depth, height, width]`.
public struct ConvTranspose3d: ConvTransposeLayer {
  /// `[out, in / groups, window, window, window]`
  public var weight: Tensor
  /// `[out, 1, 1, 1]`
  public var bias: Tensor?
  /// How the windows of the convolution lie that it transposes.
  public let geometry: ConvGeometry

  /// The layer of these numbers.
  public init(weight: Tensor, bias: Tensor?, geometry: ConvGeometry) {
    (self.weight, self.bias, self.geometry) = (weight, bias, geometry)
  }

  /// A layer drawn from `key`.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, outputPadding: any PerAxis = 0, dilation: any PerAxis = 1,
    groups: Int = 1, useBias: Bool = true, paddingMode: PaddingMode = .zeros, dtype: DType = .f32,
    key: Key
  ) throws {
    try self.init(
      geometry: ConvGeometry(
        spatialDims: 3, inChannels: inChannels, outChannels: outChannels, kernelSize: kernelSize,
        stride: stride, padding: padding, outputPadding: outputPadding.perAxis(3),
        dilation: dilation, groups: groups, paddingMode: paddingMode),
      useBias: useBias, dtype: dtype, key: key)
  }
}
