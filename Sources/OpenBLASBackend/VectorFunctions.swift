// The elementary functions that CKernels computes, many elements at a time.
//
// They are as accurate as the C library's or better (docs/ErrorModels.md), but not its digits: here
// this backend and the reference differ by rounding. An element's result depends on its operand alone,
// so an array may be cut into tiles of any length. What is not here goes through the C library.

internal import CKernels
internal import Core

/// y[i] = f(x[i]) for i below the count; y may be x.
typealias VectorFunction<S> =
  @Sendable (_ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int) -> Void

extension Float {
  static func vectorFunction(_ op: Unary) -> VectorFunction<Float>? {
    switch op {
    case .exp: { assay_exp_f32($0, $1, $2) }
    case .expm1: { assay_expm1_f32($0, $1, $2) }
    case .log: { assay_log_f32($0, $1, $2) }
    case .log1p: { assay_log1p_f32($0, $1, $2) }
    case .tanh: { assay_tanh_f32($0, $1, $2) }
    case .logistic: { assay_logistic_f32($0, $1, $2) }
    case .sin: { assay_sin_f32($0, $1, $2) }
    case .cos: { assay_cos_f32($0, $1, $2) }
    case .erf: { assay_erf_f32($0, $1, $2) }
    case .sqrt: { assay_sqrt_f32($0, $1, $2) }
    case .rsqrt: { assay_rsqrt_f32($0, $1, $2) }
    case .neg, .sign, .floor, .ceil, .abs, .square, .cbrt, .roundAwayFromZero, .roundToEven, .exp2,
      .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .erfc, .erfInv, .lgamma,
      .digamma, .isFinite, .not, .copy, .stopGradient, .populationCount, .clz:
      nil
    }
  }
}

extension Double {
  static func vectorFunction(_ op: Unary) -> VectorFunction<Double>? {
    switch op {
    case .exp: { assay_exp_f64($0, $1, $2) }
    case .expm1: { assay_expm1_f64($0, $1, $2) }
    case .log: { assay_log_f64($0, $1, $2) }
    case .log1p: { assay_log1p_f64($0, $1, $2) }
    case .tanh: { assay_tanh_f64($0, $1, $2) }
    case .logistic: { assay_logistic_f64($0, $1, $2) }
    case .sin: { assay_sin_f64($0, $1, $2) }
    case .cos: { assay_cos_f64($0, $1, $2) }
    case .sqrt: { assay_sqrt_f64($0, $1, $2) }
    case .rsqrt: { assay_rsqrt_f64($0, $1, $2) }
    case .neg, .sign, .floor, .ceil, .abs, .square, .cbrt, .roundAwayFromZero, .roundToEven, .exp2,
      .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv,
      .lgamma, .digamma, .isFinite, .not, .copy, .stopGradient, .populationCount, .clz:
      nil
    }
  }
}
