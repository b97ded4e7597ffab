// How the windows of a pool lie.
//
// Rule LA-12. With `useCeil` a last window that leaves the input counts, and the padding behind grows
// by one stride to hold it. Corresponds to equinox/nn/_pool.py.

public import Core

/// The structure of a pool.
public struct PoolGeometry: Hashable, Sendable {
  /// The extents of the window.
  public let kernelSize: [Int]
  /// How far the window moves.
  public let stride: [Int]
  /// How much stands before and after the input.
  public let padding: [EdgePadding]
  /// Whether a window that leaves the input at its end counts.
  public let useCeil: Bool

  /// Every argument in the form in which Equinox takes it; the padding has no names.
  public init(
    spatialDims: Int, kernelSize: any PerAxis, stride: any PerAxis = 1,
    padding: any PaddingArgument = 0, useCeil: Bool = false
  ) throws {
    self.kernelSize = try kernelSize.perAxis(spatialDims)
    self.stride = try stride.perAxis(spatialDims)
    self.useCeil = useCeil
    guard case .explicit(let edges) = try padding.padding(spatialDims) else {
      throw LayerError.badArgument(
        "`padding` of a pool must either be an int, or \(spatialDims) ints or pairs")
    }
    self.padding = edges
    try demand(
      self.stride.allSatisfy { $0 > 0 },
      "`stride` must be positive, got \(pythonTuple(self.stride))")
  }

  /// The padding for an input of these spatial extents.
  func edges(_ extents: [Int]) throws -> [EdgePadding] {
    let edges = extents.indices.map { axis in
      var edge = padding[axis]
      let room = extents[axis] + edge.low + edge.high - kernelSize[axis]
      if useCeil && room % stride[axis] != 0 { edge.high += stride[axis] }
      return edge
    }
    for (edge, size) in zip(edges, kernelSize) {
      try demandInput(
        max(edge.low, edge.high) <= size,
        "Paddings should be less than the size of the kernel. Padding (\(edge.low), \(edge.high)) "
          + "received for kernel size \(size).")
    }
    return edges
  }

  /// `operation` over every window of `x: [channels, space…]`.
  func reduce(_ operation: WindowReduction, _ x: Tensor) throws -> Tensor {
    try demandInput(
      x.rank == kernelSize.count + 1,
      "Input should have \(kernelSize.count) spatial dimensions, but input has shape "
        + pythonTuple(x.shape))
    let edges = try edges(Array(x.shape.dropFirst()))
    return try reduceWindow(
      operation, x, windowDimensions: [1] + kernelSize, windowStrides: [1] + stride,
      padding: .explicit([EdgePadding(0, 0)] + edges))
  }
}
