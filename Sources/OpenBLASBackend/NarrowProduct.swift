// Products of matrices with a small extent, multiplied where the matrices lie.
//
// OpenBLAS packs both operands first, which pays only if each element is used often. The kernel that
// multiplies the windows of a convolution packs nothing: it takes both operands by rows and makes rows of
// the result, or, from the transposes of both, its transpose. The way that copies less is taken. How a
// product is computed follows from its extents and layouts alone. Figures: docs/Decisions.md.

internal import Core

/// A product [m, k] · [k, n] for that kernel.
struct NarrowProduct {
  /// One of its operands, as the kernel takes it.
  private struct Operand {
    let rows: Int
    let columns: Int
    let leading: Int
    /// Whether it lies in memory by columns.
    let isTransposed: Bool
    /// Whether the kernel needs a copy of it.
    let isCopied: Bool

    var copied: Int { isCopied ? rows * columns : 0 }
  }

  /// An extent up to this is small, and a sum beyond the longest does not stay in the nearer caches.
  private static let (small, longestSum) = (256, 4096)
  /// The kernel's vectors are full of columns: 16 of the smallest numbers.
  private static let lanes = 16

  private let left: Operand
  private let right: Operand
  /// Whether the kernel makes the transpose of the result.
  private let isSwapped: Bool

  /// The product if the kernel suits it, else nil.
  init?(_ m: Int, _ n: Int, _ k: Int, _ a: MatrixLayout, _ b: MatrixLayout) {
    guard min(m, n, k) <= Self.small, k <= Self.longestSum else { return nil }
    let direct = NarrowProduct(m, n, k, a, b, isSwapped: false)
    let swapped = NarrowProduct(
      n, m, k, MatrixLayout(isTransposed: !b.isTransposed, leading: b.leading),
      MatrixLayout(isTransposed: !a.isTransposed, leading: a.leading), isSwapped: true)
    let best = direct.cost <= swapped.cost ? direct : swapped
    guard best.right.columns >= Self.lanes, 16 * best.cost <= m * n * k else { return nil }
    self = best
  }

  private init(
    _ rows: Int, _ columns: Int, _ terms: Int, _ left: MatrixLayout, _ right: MatrixLayout,
    isSwapped: Bool
  ) {
    self.left = Operand(
      rows: rows, columns: terms, leading: left.leading, isTransposed: left.isTransposed,
      isCopied: left.isTransposed)
    // The kernel reads whole vectors, which must not reach beyond the last row of an array.
    self.right = Operand(
      rows: terms, columns: columns, leading: right.leading, isTransposed: right.isTransposed,
      isCopied: right.isTransposed || columns % Self.lanes != 0)
    self.isSwapped = isSwapped
  }

  /// How many elements are copied, or too many if the vectors would not be full.
  private var cost: Int {
    guard right.columns >= Self.lanes else { return .max }
    return left.copied + right.copied + (isSwapped ? left.rows * right.columns : 0)
  }

  /// c = op(a) · op(b); the rows of c are `leading` apart.
  func run<S: BLASScalar>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ c: UnsafeMutablePointer<S>, leading: Int
  ) {
    byRows(isSwapped ? b : a, left) { x, xStep in
      byRows(isSwapped ? a : b, right) { y, yStep in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: right.rows) { at in
          for r in at.indices { at[r] = r * yStep }
          multiply(x, xStep, y, UnsafeBufferPointer(at), c, leading)
        }
      }
    }
  }

  private func multiply<S: BLASScalar>(
    _ x: UnsafePointer<S>, _ xStep: Int, _ y: UnsafePointer<S>, _ at: UnsafeBufferPointer<Int>,
    _ c: UnsafeMutablePointer<S>, _ leading: Int
  ) {
    let (rows, columns) = (left.rows, right.columns)
    guard isSwapped else {
      return S.product(
        rows, columns, x, step: xStep, y, at: at, c, step: leading, isAdded: false)
    }
    withUnsafeTemporaryAllocation(of: S.self, capacity: rows * columns) { result in
      guard let result = result.baseAddress else { return }
      S.product(
        rows, columns, x, step: xStep, y, at: at, result, step: columns, isAdded: false)
      transpose(rows, columns, result, step: columns, c, step: leading)
    }
  }

  /// Calls `body` with `operand` by rows, and how far these are apart.
  private func byRows<S: BLASScalar>(
    _ x: UnsafePointer<S>, _ operand: Operand, _ body: (UnsafePointer<S>, Int) -> Void
  ) {
    guard operand.isCopied else { return body(x, operand.leading) }
    let (rows, columns) = (operand.rows, operand.columns)
    withUnsafeTemporaryAllocation(of: S.self, capacity: rows * columns + S.overhang) { copy in
      guard let copy = copy.baseAddress else { return }
      if operand.isTransposed {
        transpose(columns, rows, x, step: operand.leading, copy, step: columns)
      } else {
        for row in 0..<rows {
          (copy + row * columns).initialize(from: x + row * operand.leading, count: columns)
        }
      }
      (copy + rows * columns).initialize(repeating: .zero, count: S.overhang)
      body(copy, columns)
    }
  }
}
