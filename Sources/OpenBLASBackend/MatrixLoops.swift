// Products of matrices for which BLAS has no routine: plain loops, a row of results at a time.
//
// Whole numbers wrap around; of booleans a product is "and" and a sum is "or". Neither depends on the
// order of the sum, so all are equal to the reference bit for bit.

internal import Core

/// An element whose products of matrices are loops.
protocol LoopElement: MatrixElement {
  /// A factor that changes nothing.
  static var one: Self { get }

  /// total + x · y.
  static func adding(_ total: Self, _ x: Self, _ y: Self) -> Self
}

extension Int32: LoopElement {
  static var one: Int32 { 1 }

  @inline(__always)
  static func adding(_ total: Int32, _ x: Int32, _ y: Int32) -> Int32 { total &+ x &* y }
}

extension UInt32: LoopElement {
  static var one: UInt32 { 1 }

  @inline(__always)
  static func adding(_ total: UInt32, _ x: UInt32, _ y: UInt32) -> UInt32 { total &+ x &* y }
}

extension Bool: LoopElement {
  static var zero: Bool { false }
  static var one: Bool { true }

  @inline(__always)
  static func adding(_ total: Bool, _ x: Bool, _ y: Bool) -> Bool { total || x && y }
}

/// A matrix in memory: how far neighbours in a column and in a row are apart.
private struct StridedMatrix<Element> {
  let base: UnsafePointer<Element>
  let down: Int
  let along: Int

  init(_ base: UnsafePointer<Element>, down: Int, along: Int) {
    (self.base, self.down, self.along) = (base, down, along)
  }

  init(_ base: UnsafePointer<Element>, _ layout: MatrixLayout) {
    self.init(
      base, down: layout.isTransposed ? 1 : layout.leading,
      along: layout.isTransposed ? layout.leading : 1)
  }
}

extension LoopElement {
  static func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aLayout: MatrixLayout,
    _ b: UnsafePointer<Self>, _ bLayout: MatrixLayout, _ c: UnsafeMutablePointer<Self>,
    leading: Int
  ) {
    multiply(m, n, k, StridedMatrix(a, aLayout), StridedMatrix(b, bLayout), c, leading: leading)
  }

  static func add(
    _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>,
    _ count: Int
  ) {
    for i in 0..<count { z[i] = adding(x[i], y[i], one) }
  }

  static func gemv(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Self>, _ layout: MatrixLayout,
    _ x: UnsafePointer<Self>, _ step: Int, _ y: UnsafeMutablePointer<Self>
  ) {
    multiply(
      m, 1, k, StridedMatrix(a, layout), StridedMatrix(x, down: step, along: 1), y,
      leading: 1)
  }

  static func dot(
    _ k: Int, _ x: UnsafePointer<Self>, _ xStep: Int, _ y: UnsafePointer<Self>, _ yStep: Int
  ) -> Self {
    (0..<k).reduce(zero) { adding($0, x[$1 * xStep], y[$1 * yStep]) }
  }

  /// c[i, j] = Σ_p a[i, p] · b[p, j].
  private static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: StridedMatrix<Self>, _ b: StridedMatrix<Self>,
    _ c: UnsafeMutablePointer<Self>, leading: Int
  ) {
    for i in 0..<m {
      let totals = c + i * leading
      totals.update(repeating: zero, count: n)
      for p in 0..<k {
        let (left, row) = (a.base[i * a.down + p * a.along], b.base + p * b.down)
        if b.along == 1 {
          for j in 0..<n { totals[j] = adding(totals[j], left, row[j]) }
        } else {
          for j in 0..<n { totals[j] = adding(totals[j], left, row[j * b.along]) }
        }
      }
    }
  }
}
