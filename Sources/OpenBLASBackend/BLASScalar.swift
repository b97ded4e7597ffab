// The three routines of BLAS that products of matrices need, under one name for every dtype.
//
// Matrices are row-major. alpha = 1 always, and beta = 0 unless a product is added to another; the
// result of gemv must hold zeros, since some versions of OpenBLAS multiply it by beta instead of
// overwriting it. OpenBLAS counts with 32 bits: whoever calls it has checked that its extents fit.

internal import COpenBLAS
internal import Core

/// How a matrix stands in memory: rows `leading` elements apart, transposed before use or not.
struct MatrixLayout: Sendable, Hashable {
  let isTransposed: Bool
  let leading: Int

  var flag: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
}

/// An element of matrices that can be multiplied.
protocol MatrixElement: StorageElement {
  /// An empty sum.
  static var zero: Self { get }

  /// c[m, n] = op(a)[m, k] · op(b)[k, n]; the rows of c are `leading` apart.
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>,
    leading: Int)

  /// z[i] = x[i] + y[i] for i below the count, or "or" of booleans; z may be x.
  static func add(
    _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>,
    _ count: Int)

  /// y[m] = op(a)[m, k] · x[k], the elements of x `step` apart.
  static func gemv(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Self>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Self>, _ step: Int, _ y: UnsafeMutablePointer<Self>)

  /// Σ x[k] · y[k], the elements `xStep` and `yStep` apart.
  static func dot(
    _ k: Int, _ x: UnsafePointer<Self>, _ xStep: Int, _ y: UnsafePointer<Self>, _ yStep: Int
  ) -> Self
}

extension MatrixElement {
  /// The same where the rows of c follow each other.
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>
  ) {
    gemm(m, n, k, a, aLayout, b, bLayout, c, leading: n)
  }
}

/// A number that OpenBLAS computes with.
protocol BLASScalar: HardwareScalar, MatrixElement, VectorScalar, WindowScalar {
  /// The kernel of `op`, if CKernels has one.
  static func vectorFunction(_ op: Unary) -> VectorFunction<Self>?

  /// The kernel that reduces by `op`, if CKernels has one.
  static func vectorReduction(_ op: Reduction) -> VectorReduction<Self>?

  /// c[m, n] = op(a)[m, k] · op(b)[k, n], added to c if `isAdded`; the rows of c are `leading` apart.
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>,
    leading: Int, isAdded: Bool)
}

extension BLASScalar {
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>,
    leading: Int
  ) {
    if let narrow = NarrowProduct(m, n, k, aLayout, bLayout) {
      narrow.run(a, b, c, leading: leading)
    } else {
      gemm(m, n, k, a, aLayout, b, bLayout, c, leading: leading, isAdded: false)
    }
  }

  static func add(
    _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>,
    _ count: Int
  ) {
    for i in 0..<count { z[i] = x[i] + y[i] }
  }
}

/// Throws `TraceError.badArgument` when OpenBLAS, which multiplies matrices of `dtype`, cannot count
/// as far as one of `integers`.
func requireCountable(_ name: String, _ dtype: DType, _ integers: [Int]) throws {
  guard dtype.isInexact, let largest = integers.max(), largest > Int(Int32.max) else { return }
  throw TraceError.badArgument(
    "\(name) needs the integer \(largest), but OpenBLAS counts with 32 bits (at most "
      + "\(Int32.max))")
}

/// The routine's prefix: BLAS's letter, or the dtype where the loops are ours.
func routinePrefix(_ dtype: DType) -> String {
  switch dtype {
  case .f32: "s"
  case .f64: "d"
  case .i32, .u32, .bool: "\(dtype) "
  }
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
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Float>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Float>,
    leading: Int, isAdded: Bool
  ) {
    cblas_sgemm(
      CblasRowMajor, aLayout.flag, bLayout.flag, Int32(m), Int32(n), Int32(k), 1, a,
      Int32(aLayout.leading), b, Int32(bLayout.leading), isAdded ? 1 : 0, c, Int32(leading))
  }

  static func gemv(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Float>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Float>, _ step: Int, _ y: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns) = layout.isTransposed ? (k, m) : (m, k)
    cblas_sgemv(
      CblasRowMajor, layout.flag, Int32(rows), Int32(columns), 1, a, Int32(layout.leading), x,
      Int32(step), 0, y, 1)
  }

  static func dot(
    _ k: Int, _ x: UnsafePointer<Float>, _ xStep: Int, _ y: UnsafePointer<Float>, _ yStep: Int
  ) -> Float {
    cblas_sdot(Int32(k), x, Int32(xStep), y, Int32(yStep))
  }
}

extension Double: BLASScalar {
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Double>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Double>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Double>,
    leading: Int, isAdded: Bool
  ) {
    cblas_dgemm(
      CblasRowMajor, aLayout.flag, bLayout.flag, Int32(m), Int32(n), Int32(k), 1, a,
      Int32(aLayout.leading), b, Int32(bLayout.leading), isAdded ? 1 : 0, c, Int32(leading))
  }

  static func gemv(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Double>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Double>, _ step: Int, _ y: UnsafeMutablePointer<Double>
  ) {
    let (rows, columns) = layout.isTransposed ? (k, m) : (m, k)
    cblas_dgemv(
      CblasRowMajor, layout.flag, Int32(rows), Int32(columns), 1, a, Int32(layout.leading), x,
      Int32(step), 0, y, 1)
  }

  static func dot(
    _ k: Int, _ x: UnsafePointer<Double>, _ xStep: Int, _ y: UnsafePointer<Double>, _ yStep: Int
  ) -> Double {
    cblas_ddot(Int32(k), x, Int32(xStep), y, Int32(yStep))
  }
}
