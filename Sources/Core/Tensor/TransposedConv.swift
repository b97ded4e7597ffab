// The fractionally strided convolution: strides of the result are holes in the operand.

/// The transposed convolution of `x: [batch, space…, features]` with `kernel: [space…, features,
/// outputs]`, features last unless `dimensionNumbers` says otherwise.
///
/// `same` and `valid` are the padding of the convolution that it transposes; explicit padding is its
/// own. `transposeKernel` reverses the windows and exchanges their features, which makes it the
/// gradient of that convolution.
public func convTranspose(
  _ x: Tensor, _ kernel: Tensor, strides: [Int], padding: WindowPadding, rhsDilation: [Int]? = nil,
  dimensionNumbers: ConvDimensionNumbers? = nil, transposeKernel: Bool = false
) throws -> Tensor {
  try require(
    x.rank == kernel.rank && x.rank >= 2,
    "convolution requires lhs and rhs ndim to be equal, got \(x.rank) and \(kernel.rank).")
  var numbers = try dimensionNumbers ?? .featuresLast(rank: x.rank)
  try require(
    numbers.rhsSpec.sorted() == Array(0..<x.rank) && strides.count == x.rank - 2
      && (rhsDilation ?? strides).count == strides.count,
    "conv_transpose needs one stride and one dilation per spatial axis, got strides "
      + "\(pythonTuple(strides)) for \(x.rank - 2) spatial axes.")
  let space = Array(numbers.rhsSpec.dropFirst(2))
  let dilation = rhsDilation ?? space.map { _ in 1 }
  let windows = dilated(space.map { kernel.shape[$0] }, dilation)
  let edges = zip(windows, strides).map { padding.transposed(window: $0, stride: $1) }
  if transposeKernel { numbers.rhsSpec.swapAt(0, 1) }
  return try convGeneralDilated(
    x, transposeKernel ? rev(kernel, space) : kernel, windowStrides: space.map { _ in 1 },
    padding: edges.contains(nil) ? padding : .explicit(edges.compactMap { $0 }),
    lhsDilation: strides, rhsDilation: dilation, dimensionNumbers: numbers)
}

extension WindowPadding {
  /// The padding of one axis that undoes `same` or `valid`; nil where the padding stays its own.
  fileprivate func transposed(window k: Int, stride s: Int) -> EdgePadding? {
    switch self {
    case .same:
      let low = s > k - 1 ? k - 1 : (k + s - 1) / 2
      return EdgePadding(low, k + s - 2 - low)
    case .valid: return EdgePadding(k - 1, s - 1 + Swift.max(k - s, 0))
    case .sameLower, .explicit: return nil
    }
  }
}
