// Arithmetic of arrays by CKernels, which picks the processor's widest instructions. Each operation is
// rounded once, so the bits are those of any loop.

internal import CKernels

/// z[i] = f(x[i], y[i]) for i below the count; z may be x or y.
typealias VectorArithmetic<S> =
  @Sendable (
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ z: UnsafeMutablePointer<S>, _ count: Int
  ) -> Void

/// A number whose arithmetic CKernels knows.
protocol VectorScalar {
  static var negation: VectorFunction<Self> { get }
  /// x · (x · x)
  static var cubing: VectorFunction<Self> { get }
  /// The reference's, which keeps a NaN and has +0 above −0.
  static var maxima: VectorArithmetic<Self> { get }
  static var minima: VectorArithmetic<Self> { get }
}

extension Float: VectorScalar {
  static var negation: VectorFunction<Float> { { assay_neg_f32($0, $1, $2) } }
  static var cubing: VectorFunction<Float> { { assay_cube_f32($0, $1, $2) } }
  static var maxima: VectorArithmetic<Float> { { assay_larger_f32($0, $1, $2, $3) } }
  static var minima: VectorArithmetic<Float> { { assay_smaller_f32($0, $1, $2, $3) } }
}

extension Double: VectorScalar {
  static var negation: VectorFunction<Double> { { assay_neg_f64($0, $1, $2) } }
  static var cubing: VectorFunction<Double> { { assay_cube_f64($0, $1, $2) } }
  static var maxima: VectorArithmetic<Double> { { assay_larger_f64($0, $1, $2, $3) } }
  static var minima: VectorArithmetic<Double> { { assay_smaller_f64($0, $1, $2, $3) } }
}
