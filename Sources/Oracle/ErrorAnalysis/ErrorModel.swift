// What rounding errors an implementation is allowed, operation by operation.
//
// add, sub, mul, div and sqrt are IEEE's: half an ulp. Elementary functions carry measured
// constants (a sampled maximum, times 1.25, rounded up: a sample bounds from below). An error that
// grows with the condition of the function is told as a backward error: the result is that of an
// operand off by `backward` units u. Constants and their sources: docs/ErrorModels.md.

import Core

/// The rounding errors of one implementation.
public struct ErrorModel: Sendable {
  /// The implementation, as reports name it.
  public let name: String
  /// Whether subnormal numbers may be taken for zero, as operands and as results.
  public let flushesSubnormals: Bool
  /// The elementary functions.
  let functions: @Sendable (Unary, DType) -> FunctionError
  /// xʸ, the angle of (x, y), and the quotient.
  let pow: FunctionError
  let atan2: FunctionError
  let div: FunctionError
  /// Derivatives of digamma.
  let polygamma: FunctionError

  /// Half an ulp, and a hair for the truth's own rounding: DoubleDouble is right to 2⁻⁹⁵, which is
  /// 2⁻⁴² ulp of f64.
  static let rounded = 0.5 * (1 + 0x1p-40)
}

/// How far a computed function may lie from the true one.
struct FunctionError: Sendable {
  /// In ulps of the result.
  let ulps: Double
  /// In units u of the operand.
  let backward: Double
  /// In units u of 1, for sums of terms that cancel.
  let absolute: Double

  init(_ ulps: Double, backward: Double = 0, absolute: Double = 0) {
    self.ulps = ulps
    self.backward = backward
    self.absolute = absolute
  }

  /// No rounding at all.
  static let exact = FunctionError(0)
  /// Rounded once.
  static let rounded = FunctionError(ErrorModel.rounded)
}

extension ErrorModel {
  /// The smallest result that may vanish: an implementation that flushes loses normal numbers'
  /// distance to zero, one that does not half the subnormal spacing.
  func underflow(_ precision: Precision) -> Double {
    flushesSubnormals ? precision.leastNormal : precision.leastSubnormal
  }

  /// What overflows may be infinite; what is subnormal may be zero if the model flushes.
  func roundOut(
    _ lower: inout DoubleDouble, _ upper: inout DoubleDouble, _ precision: Precision
  ) {
    if upper >= precision.overflow { upper = .infinity }
    if lower <= -precision.overflow { lower = -.infinity }
    guard flushesSubnormals else { return }
    let least = DoubleDouble(precision.leastNormal)
    if lower > 0, lower < least { lower = 0 }
    if upper < 0, upper > -least { upper = 0 }
  }

  /// The error of `op` on `dtype`.
  func error(_ op: Unary, _ dtype: DType) -> FunctionError {
    switch op {
    case .neg, .sign, .floor, .ceil, .abs, .roundAwayFromZero, .roundToEven, .isFinite, .not,
      .copy, .stopGradient, .populationCount, .clz:
      .exact
    case .square, .sqrt: .rounded
    case .rsqrt, .cbrt, .exp, .exp2, .expm1, .log, .log1p, .logistic, .sin, .cos, .tan, .asin,
      .acos, .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma,
      .digamma:
      functions(op, dtype)
    }
  }

  /// The error of `op` on `dtype`.
  func error(_ op: Binary) -> FunctionError {
    switch op {
    case .max, .min, .and, .or, .xor, .rem: .exact
    case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic, .nextafter: .exact
    case .add, .addAny, .sub, .mul: .rounded
    case .div: div
    case .pow: pow
    case .atan2: atan2
    }
  }
}
