// The reductions of floating-point numbers that CKernels computes.
//
// A sum's order follows from n and from whether rows are single elements, so `outer` may be cut into
// parts with the same bits, and the columns of rows too.

internal import CKernels
internal import Core

/// y[o, i] = the fold over r of x[o, r, i], for the extents outer, n and inner, with rows `pitch` apart;
/// y is written whole.
typealias VectorReduction<S> =
  @Sendable (
    _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ outer: Int, _ n: Int, _ inner: Int,
    _ pitch: Int
  ) -> Void

extension Float {
  static func vectorReduction(_ op: Reduction) -> VectorReduction<Float>? {
    switch op {
    case .sum: { assay_sum_f32($0, $1, $2, $3, $4, $5) }
    case .max: { assay_max_f32($0, $1, $2, $3, $4, $5) }
    case .min: { assay_min_f32($0, $1, $2, $3, $4, $5) }
    case .prod, .and, .or, .xor: nil
    }
  }
}

extension Double {
  static func vectorReduction(_ op: Reduction) -> VectorReduction<Double>? {
    switch op {
    case .sum: { assay_sum_f64($0, $1, $2, $3, $4, $5) }
    case .max: { assay_max_f64($0, $1, $2, $3, $4, $5) }
    case .min: { assay_min_f64($0, $1, $2, $3, $4, $5) }
    case .prod, .and, .or, .xor: nil
    }
  }
}
