// Matrices transposed in memory, for elements of any width: bits move, no value is looked at.

internal import CKernels

/// y[j, i] = x[i, j] for rows and columns of x; rows of x are `xStep` apart, those of y `yStep`.
func transpose<T>(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<T>, step xStep: Int,
  _ y: UnsafeMutablePointer<T>, step yStep: Int
) {
  switch MemoryLayout<T>.size {
  case 4: assay_transpose_32(x, xStep, y, yStep, rows, columns)
  case 8: assay_transpose_64(x, xStep, y, yStep, rows, columns)
  case _:
    // Eight lines of the source and one of the target at a time.
    for first in stride(from: 0, to: rows, by: 8) {
      for j in 0..<columns {
        for i in first..<min(first + 8, rows) { y[j * yStep + i] = x[i * xStep + j] }
      }
    }
  }
}
