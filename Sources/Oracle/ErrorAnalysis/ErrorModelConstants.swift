// The implementations whose errors are known, with the measured constants.
//
// reference, OpenBLAS: the C library's functions (glibc 2.36); the kernels that OpenBLASBackend has
// instead are no worse. jax: eager JAX 0.10.2 on a CPU.
// Measured against 106-bit and 40-digit truths; docs/ErrorModels.md tells how to measure again.

import Core

extension ErrorModel {
  /// The reference interpreter in f32 or f64.
  public static let reference = ErrorModel(name: "reference")

  /// OpenBLAS for contractions, kernels or the C library for functions: γ_K covers every order of
  /// summation.
  public static let openBLAS = ErrorModel(name: "openblas")

  /// JAX on a CPU, eager or compiled: XLA flushes subnormals in f32, divides by multiplying with a
  /// reciprocal, and has functions of its own.
  public static let jax = ErrorModel(
    name: "jax", flushesSubnormals: true, functions: xla, pow: FunctionError(1, backward: 2),
    atan2: FunctionError(2), div: FunctionError(1), polygamma: FunctionError(4, backward: 16))

  private init(name: String) {
    self.init(
      name: name, flushesSubnormals: false, functions: Self.libm, pow: FunctionError(0.7),
      atan2: FunctionError(1.5), div: .rounded, polygamma: .rounded)
  }

  private static let libm: @Sendable (Unary, DType) -> FunctionError = { op, dtype in
    let isSingle = dtype == .f32
    return switch op {
    case .exp, .exp2, .sin, .cos: FunctionError(0.75)
    case .expm1, .log, .log1p, .asin, .acos, .atan: FunctionError(1.15)
    case .tan: FunctionError(1.6)
    case .sinh, .tanh: FunctionError(2.75)
    case .cosh: FunctionError(1.3)
    case .asinh, .acosh, .atanh: FunctionError(2.5)
    case .erf: FunctionError(1.4)
    case .erfc: FunctionError(5.2)
    case .cbrt: FunctionError(isSingle ? 1.25 : 4.4)
    case .lgamma: FunctionError(3)
    // Rounded once from DoubleDouble.
    case .erfInv, .digamma: .rounded
    // 1/√x rounds twice; 1/(1 + e⁻ˣ) rounds exp, sum and quotient: (2·0.75 + 1 + 1) u.
    case .rsqrt: FunctionError(2)
    case .logistic: FunctionError(3.5)
    case .neg, .sign, .floor, .ceil, .abs, .square, .sqrt, .roundAwayFromZero, .roundToEven,
      .isFinite, .not, .copy, .stopGradient, .populationCount, .clz:
      .exact
    }
  }

  private static let xla: @Sendable (Unary, DType) -> FunctionError = { op, dtype in
    let isSingle = dtype == .f32
    return switch op {
    case .sin, .cos: FunctionError(0.75)
    case .exp, .log: FunctionError(1.6)
    case .exp2: FunctionError(1.6, backward: 2)
    case .expm1: FunctionError(7)
    case .tan: FunctionError(1)
    // In f32 2.37 ulps at 1 + 2⁻²³, in the middle of a range that is otherwise within 0.72.
    case .atan: FunctionError(isSingle ? 3 : 1)
    case .asin, .acos: FunctionError(2.5)
    case .sinh: FunctionError(4.5, backward: 2)
    case .cosh: FunctionError(1.6, backward: 2)
    case .tanh: FunctionError(isSingle ? 5.5 : 9)
    case .asinh, .acosh: FunctionError(4)
    // In f64 both lose seven bits: docs/Divergences.md.
    case .log1p, .atanh: FunctionError(isSingle ? 3.25 : 160)
    case .erf: FunctionError(5.5)
    case .erfc: FunctionError(5.5, backward: 2)
    case .erfInv: FunctionError(isSingle ? 3 : 24, backward: 2)
    case .cbrt: FunctionError(isSingle ? 1.25 : 4.4)
    case .rsqrt: FunctionError(2)
    case .logistic: FunctionError(3.5)
    // Lanczos with g = 7: terms of size x + 7.5 cancel, each off by a unit or two.
    case .lgamma: FunctionError(4, backward: 32, absolute: 20)
    case .digamma: FunctionError(6, backward: 16)
    case .neg, .sign, .floor, .ceil, .abs, .square, .sqrt, .roundAwayFromZero, .roundToEven,
      .isFinite, .not, .copy, .stopGradient, .populationCount, .clz:
      .exact
    }
  }
}
