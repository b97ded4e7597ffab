// How one operand of dot_general is read as a batch of matrices (free × contracted) in place.
//
// A row-major operand has axes of three roles. A group of axes of one role is one axis of a matrix
// when its members, those of extent 1 left aside, follow each other in memory; BLAS takes the matrix
// when one of its two strides is 1. An operand that does not fold is first packed: copied with its
// axes in the order (batch, free, contracted), which always folds.

internal import Core

/// An operand of dot_general seen as matrices.
struct ContractionOperand: Sendable {
  /// The distance of neighbours along the free and the contracted axis of the matrix.
  let freeStride: Int
  let contractedStride: Int
  /// Where the matrix of each batch index begins.
  let origins: [Int]
  /// The copy that makes it foldable, if it needs one.
  let packing: Movement?

  /// The operand in place, or packed when its layout does not fold.
  /// - Parameter needsUnitStride: whether BLAS reads it as a matrix rather than as a vector.
  init(
    _ aval: ShapedArray, batch: [Int], free: [Int], contracted: [Int], needsUnitStride: Bool
  ) {
    let foldable = Self.strides(aval.shape, free, contracted, needsUnitStride)
    let order = batch + free + contracted
    let packed = order.map { aval.shape[$0] }
    packing = foldable == nil ? .transpose(aval, order) : nil
    let inner = contracted.reduce(1) { $0 * aval.shape[$1] }
    (freeStride, contractedStride) = foldable ?? (inner, 1)
    let strides = rowMajorStrides(foldable == nil ? packed : aval.shape)
    origins = (foldable == nil ? Array(batch.indices) : batch).reduce([0]) { found, axis in
      let extent = (foldable == nil ? packed : aval.shape)[axis]
      return found.flatMap { base in (0..<extent).map { base + $0 * strides[axis] } }
    }
  }

  /// Whether the operand folds in place when its contracted axes are taken in this order.
  static func folds(
    _ aval: ShapedArray, free: [Int], contracted: [Int], needsUnitStride: Bool
  ) -> Bool {
    strides(aval.shape, free, contracted, needsUnitStride) != nil
  }

  private static func strides(
    _ shape: [Int], _ free: [Int], _ contracted: [Int], _ needsUnitStride: Bool
  ) -> (free: Int, contracted: Int)? {
    guard let f = groupStride(shape, free), let k = groupStride(shape, contracted) else {
      return nil
    }
    return !needsUnitStride || f == 1 || k == 1 || f == 0 || k == 0 ? (f, k) : nil
  }

  /// The stride of `axes` as one axis; 0 when it has a single index; nil when they do not fold.
  private static func groupStride(_ shape: [Int], _ axes: [Int]) -> Int? {
    let strides = rowMajorStrides(shape)
    let real = axes.filter { shape[$0] != 1 }
    let adjacent = zip(real, real.dropFirst()).allSatisfy { outer, inner in
      strides[outer] == strides[inner] * shape[inner]
    }
    return adjacent ? real.last.map { strides[$0] } ?? 0 : nil
  }

  /// Where the element at `free` and `contracted` of a batch index's matrix stands.
  func start(_ batch: Int, _ free: Int, _ contracted: Int) -> Int {
    origins[batch] + free * freeStride + contracted * contractedStride
  }

  /// The operand as a row-major matrix [free, contracted] of these extents, or its transpose.
  func layout(free: Int, contracted: Int) -> MatrixLayout {
    // A stride of 0 belongs to an axis with one index, where any leading dimension serves.
    let isTransposed = contractedStride > 1 && freeStride <= 1
    let (rowStride, width) = isTransposed ? (contractedStride, free) : (freeStride, contracted)
    return MatrixLayout(isTransposed: isTransposed, leading: max(rowStride, width, 1))
  }
}
