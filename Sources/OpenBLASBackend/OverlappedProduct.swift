// Products with a matrix whose rows overlap in memory, as the windows of a convolution do.

internal import CKernels

/// A number with the kernel that multiplies windows where they lie.
protocol WindowScalar {
  /// c[i, j] = Σ a[i, r] · b[at[r] + j], added to c if `isAdded`, for i < m, j < n and the r of `at`. Up
  /// to `overhang` elements behind a row of b are read. Columns and rows may be divided among calls.
  static func product(
    _ m: Int, _ n: Int, _ a: UnsafePointer<Self>, step aStep: Int, _ b: UnsafePointer<Self>,
    at: UnsafeBufferPointer<Int>, _ c: UnsafeMutablePointer<Self>, step cStep: Int, isAdded: Bool)
}

extension WindowScalar {
  static var overhang: Int { 16 }
}

extension Float: WindowScalar {
  static func product(
    _ m: Int, _ n: Int, _ a: UnsafePointer<Float>, step aStep: Int, _ b: UnsafePointer<Float>,
    at: UnsafeBufferPointer<Int>, _ c: UnsafeMutablePointer<Float>, step cStep: Int, isAdded: Bool
  ) {
    assay_product_f32(
      a, aStep, b, at.baseAddress, c, cStep, m, n, at.count, isAdded ? 1 : 0)
  }
}

extension Double: WindowScalar {
  static func product(
    _ m: Int, _ n: Int, _ a: UnsafePointer<Double>, step aStep: Int, _ b: UnsafePointer<Double>,
    at: UnsafeBufferPointer<Int>, _ c: UnsafeMutablePointer<Double>, step cStep: Int, isAdded: Bool
  ) {
    assay_product_f64(
      a, aStep, b, at.baseAddress, c, cStep, m, n, at.count, isAdded ? 1 : 0)
  }
}
