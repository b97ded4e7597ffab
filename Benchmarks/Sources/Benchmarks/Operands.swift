// Matrices of short decimals, the same in every run.

import Assay

/// `rows × columns` numbers between −1 and 1 with no pattern that arithmetic could use.
func matrix(_ rows: Int, _ columns: Int, _ dtype: DType) -> Buffer {
  let values = (0..<rows * columns).map { DoubleDouble(Double(($0 * 7919) % 2003 - 1001) / 1001) }
  return Buffer(shape: [rows, columns], Storage(rounding: values, to: dtype))
}

/// `count` numbers between −1 and 1.
func vector(_ count: Int, _ dtype: DType) -> Buffer {
  Buffer(shape: [count], matrix(1, count, dtype).storage)
}

/// The contraction of a matrix product.
let matrixProduct = Primitive.dotGeneral(DotDimensionNumbers(contracting: ([1], [0])))
