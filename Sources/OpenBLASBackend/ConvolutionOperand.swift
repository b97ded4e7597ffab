// Where an operand of a convolution keeps its elements: in place if its space is one evenly spaced
// line in memory, and otherwise in a copy whose axes are in the canonical order.

internal import Core

/// An operand seen as [first, second, space]: (batch, feature) of a lhs, (out, in) of a rhs.
struct ConvolutionOperand: Sendable {
  /// How far neighbours in batch or out feature, in feature, and in space are apart.
  let first: Int
  let second: Int
  let step: Int
  private let copy: Movement?

  /// The operand of type `x` with its axes named by `spec`; if `isPacked`, as a row-major array in
  /// this order.
  init(_ x: ShapedArray, _ spec: [Int], isPacked: Bool) {
    let space = spec.dropFirst(2).filter { x.shape[$0] != 1 }
    let strides = rowMajorStrides(x.shape)
    let isLine = zip(space, space.dropFirst()).allSatisfy {
      strides[$0] == strides[$1] * x.shape[$1]
    }
    if spec == Array(spec.indices) || (isLine && !isPacked) {
      copy = nil
      (first, second) = (strides[spec[0]], strides[spec[1]])
      step = space.last.map { strides[$0] } ?? 1
    } else {
      copy = .transpose(x, spec)
      let extent = spec.dropFirst(2).reduce(1) { $0 * x.shape[$1] }
      (first, second, step) = (x.shape[spec[1]] * extent, extent, 1)
    }
  }

  /// The elements, moved if they must be.
  func prepared(_ x: Buffer) -> Buffer { copy.map { $0.run([x]) } ?? x }
}
