// How a fold of floating-point numbers is divided among threads: by results where there are several, by
// columns where rows are long, and otherwise into sections of rows whose folds are folded again.
//
// The sections follow from the extents alone, so the bits do not depend on the number of threads; a sum of
// sums is one in another order, within the same γ_{n−1} Σ|x|.

internal import Core

extension ReductionLoop.Pass {
  /// Fewer results than this are not divided.
  private static let fewResults = 4
  /// The columns that a kernel keeps in registers.
  private static let columnBlock = 64
  /// How many elements a section has, and how many rows of elements are worth sections.
  private static let sectionElements = 1 << 14

  /// The fold of `x` by `kernel`.
  func fold<S>(
    _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>, by kernel: VectorReduction<S>,
    _ workers: Workers
  ) {
    if outer >= Self.fewResults || n * inner < 4 * Self.sectionElements {
      workers.split(outer, by: 1, worth: n * inner) { part in
        kernel(
          x + part.lowerBound * n * inner, y + part.lowerBound * inner, part.count, n, inner, inner)
      }
      return
    }
    for o in 0..<outer {
      let (block, target) = (x + o * n * inner, y + o * inner)
      if inner >= 2 * Self.columnBlock {
        workers.split(inner, by: Self.columnBlock, worth: n) { part in
          kernel(
            block + part.lowerBound, target + part.lowerBound, 1, n, part.count, inner)
        }
      } else {
        foldSections(block, target, kernel, workers)
      }
    }
  }

  /// One result: sections of rows, and then what they gave.
  private func foldSections<S>(
    _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ kernel: VectorReduction<S>,
    _ workers: Workers
  ) {
    let height = Self.sectionElements / inner
    let count = (n + height - 1) / height
    withUnsafeTemporaryAllocation(of: S.self, capacity: count * inner) { folds in
      guard let folds = folds.baseAddress else { return }
      workers.split(count, by: 1, worth: height * inner) { part in
        for section in part {
          let first = section * height
          kernel(
            x + first * inner, folds + section * inner, 1, min(height, n - first), inner, inner)
        }
      }
      kernel(folds, y, 1, count, inner, inner)
    }
  }
}
