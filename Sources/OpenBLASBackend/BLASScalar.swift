// The three routines of BLAS that dot_general needs, under one name for both precisions.
//
// Matrices are row-major. alpha = 1 and beta = 0 always; the result of gemv must hold zeros, since
// some versions of OpenBLAS multiply it by beta instead of overwriting it.

internal import COpenBLAS
internal import Core

/// How a matrix stands in memory: rows `leading` elements apart, transposed before use or not.
struct MatrixLayout: Sendable, Hashable {
  let isTransposed: Bool
  let leading: Int

  var flag: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
}

/// A number that OpenBLAS computes with.
protocol BLASScalar: HardwareScalar, StorageElement {
  /// c[m, n] = op(a)[m, k] · op(b)[k, n].
  static func gemm(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>)

  /// y[m] = op(a)[m, k] · x[k], the elements of x `step` apart.
  static func gemv(
    _ m: Int32, _ k: Int32, _ a: UnsafePointer<Self>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Self>, _ step: Int32, _ y: UnsafeMutablePointer<Self>)

  /// Σ x[k] · y[k], the elements `xStep` and `yStep` apart.
  static func dot(
    _ k: Int32, _ x: UnsafePointer<Self>, _ xStep: Int32, _ y: UnsafePointer<Self>, _ yStep: Int32
  ) -> Self
}

/// The reference's maximum, which keeps a NaN. Written here because `FloatingPoint` has a function of
/// the same name that drops it, and a generic caller of both protocols would get that one.
@inline(__always)
func larger<S: Scalar>(_ x: S, _ y: S) -> S { S.maximum(x, y) }

/// The reference's minimum, which keeps a NaN.
@inline(__always)
func smaller<S: Scalar>(_ x: S, _ y: S) -> S { S.minimum(x, y) }

/// The number after x on the way to y.
@inline(__always)
func following<S: Scalar>(_ x: S, _ y: S) -> S { S.nextAfter(x, toward: y) }

extension Float: BLASScalar {
  static func gemm(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafePointer<Float>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Float>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, aLayout.flag, bLayout.flag, m, n, k, 1, a, Int32(aLayout.leading), b,
      Int32(bLayout.leading), 0, c, n)
  }

  static func gemv(
    _ m: Int32, _ k: Int32, _ a: UnsafePointer<Float>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Float>, _ step: Int32, _ y: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns) = layout.isTransposed ? (k, m) : (m, k)
    cblas_sgemv(
      CblasRowMajor, layout.flag, rows, columns, 1, a, Int32(layout.leading), x, step, 0, y, 1)
  }

  static func dot(
    _ k: Int32, _ x: UnsafePointer<Float>, _ xStep: Int32, _ y: UnsafePointer<Float>,
    _ yStep: Int32
  ) -> Float {
    cblas_sdot(k, x, xStep, y, yStep)
  }
}

extension Double: BLASScalar {
  static func gemm(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafePointer<Double>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Double>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, aLayout.flag, bLayout.flag, m, n, k, 1, a, Int32(aLayout.leading), b,
      Int32(bLayout.leading), 0, c, n)
  }

  static func gemv(
    _ m: Int32, _ k: Int32, _ a: UnsafePointer<Double>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Double>, _ step: Int32, _ y: UnsafeMutablePointer<Double>
  ) {
    let (rows, columns) = layout.isTransposed ? (k, m) : (m, k)
    cblas_dgemv(
      CblasRowMajor, layout.flag, rows, columns, 1, a, Int32(layout.leading), x, step, 0, y, 1)
  }

  static func dot(
    _ k: Int32, _ x: UnsafePointer<Double>, _ xStep: Int32, _ y: UnsafePointer<Double>,
    _ yStep: Int32
  ) -> Double {
    cblas_ddot(k, x, xStep, y, yStep)
  }
}
