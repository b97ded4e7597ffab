// How the windows of a convolution lie: everything about it that is not a number to be learnt.
//
// Rules LA-02, LA-07 to LA-09. Corresponds to equinox/nn/_conv.py.

public import Core
internal import Random

/// The structure of a convolution, or of a transposed one.
public struct ConvGeometry: Hashable, Sendable {
  /// The channels of the input.
  public let inChannels: Int
  /// The channels of the result.
  public let outChannels: Int
  /// The extents of the window.
  public let kernelSize: [Int]
  /// How far the window moves.
  public let stride: [Int]
  /// How much stands before and after the input.
  public let padding: WindowPadding
  /// How much is added behind a transposed convolution; empty for a plain one.
  public let outputPadding: [Int]
  /// How far neighbours of the window are put apart.
  public let dilation: [Int]
  /// Into how many independent convolutions the channels are divided.
  public let groups: Int
  /// What stands in the padding.
  public let paddingMode: PaddingMode

  /// The number of spatial axes.
  public var spatialDims: Int { kernelSize.count }
  /// The shape of the weight: `[out, in / groups, window…]`.
  public var weightShape: [Int] { [outChannels, inChannels / groups] + kernelSize }
  /// The shape of the bias: `[out, 1, …]`.
  public var biasShape: [Int] { [outChannels] + kernelSize.map { _ in 1 } }

  /// Every argument in the form in which Equinox takes it.
  public init(
    spatialDims: Int, inChannels: Int, outChannels: Int, kernelSize: any PerAxis,
    stride: any PerAxis = 1, padding: any PaddingArgument = 0, outputPadding: [Int] = [],
    dilation: any PerAxis = 1, groups: Int = 1, paddingMode: PaddingMode = .zeros
  ) throws {
    self.inChannels = inChannels
    self.outChannels = outChannels
    self.kernelSize = try kernelSize.perAxis(spatialDims)
    self.stride = try stride.perAxis(spatialDims)
    self.padding = try padding.padding(spatialDims)
    self.outputPadding = outputPadding
    self.dilation = try dilation.perAxis(spatialDims)
    self.groups = groups
    self.paddingMode = paddingMode
    try demand(groups > 0, "`groups` must be positive, got \(groups)")
    try demand(
      inChannels / groups > 0 && self.kernelSize.allSatisfy { $0 > 0 } && outChannels >= 0,
      "a convolution needs input channels and a window that is not empty, got \(inChannels) "
        + "channels in \(groups) groups and the window \(pythonTuple(self.kernelSize))")
  }

  /// Weight and bias uniform in ±1/√(in / groups · window), from the two halves of `key`.
  func initialWeights(
    useBias: Bool, _ dtype: DType, _ key: Key
  ) throws -> (weight: Tensor, bias: Tensor?) {
    let limit = 1 / Double(weightShape.dropFirst().reduce(1, *)).squareRoot()
    let (weightKey, biasKey) = try key.split()
    return (
      try initial(weightKey, weightShape, dtype, limit: limit),
      try useBias ? initial(biasKey, biasShape, dtype, limit: limit) : nil
    )
  }

  /// The padding of an input of these spatial extents, as numbers.
  func edges(_ extents: [Int]) -> [EdgePadding] {
    extents.indices.map { axis in
      let places = (extents[axis] + stride[axis] - 1) / stride[axis]
      let reach = (places - 1) * stride[axis] + dilation[axis] * (kernelSize[axis] - 1) + 1
      let total = max(0, reach - extents[axis])
      switch padding {
      case .same: return EdgePadding(total / 2, total - total / 2)
      case .sameLower: return EdgePadding(total - total / 2, total / 2)
      case .valid: return EdgePadding(0, 0)
      case .explicit(let edges): return edges[axis]
      }
    }
  }

  /// `x` without its batch axis, or the error that Equinox gives.
  func demandRank(_ x: Tensor, _ name: String) throws {
    try demandInput(
      x.rank == spatialDims + 1,
      "Input to `\(name)` needs to have rank \(spatialDims + 1), but input has shape "
        + "\(pythonTuple(x.shape)).")
  }
}
