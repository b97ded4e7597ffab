// Elementwise functions: each is one primitive.

func unary(_ op: Unary, _ x: Tensor) throws -> Tensor { try bind1(.unary(op), [x]) }

/// −1, ±0 or 1; NaN for NaN.
public func sign(_ x: Tensor) throws -> Tensor { try unary(.sign, x) }
/// The largest whole number ≤ x.
public func floor(_ x: Tensor) throws -> Tensor { try unary(.floor, x) }
/// The smallest whole number ≥ x.
public func ceil(_ x: Tensor) throws -> Tensor { try unary(.ceil, x) }
/// |x|; the derivative at 0 is 1, as in JAX.
public func abs(_ x: Tensor) throws -> Tensor { try unary(.abs, x) }
/// x².
public func square(_ x: Tensor) throws -> Tensor { try unary(.square, x) }
/// √x.
public func sqrt(_ x: Tensor) throws -> Tensor { try unary(.sqrt, x) }
/// 1/√x.
public func rsqrt(_ x: Tensor) throws -> Tensor { try unary(.rsqrt, x) }
/// ∛x.
public func cbrt(_ x: Tensor) throws -> Tensor { try unary(.cbrt, x) }
/// eˣ.
public func exp(_ x: Tensor) throws -> Tensor { try unary(.exp, x) }
/// 2ˣ.
public func exp2(_ x: Tensor) throws -> Tensor { try unary(.exp2, x) }
/// eˣ − 1.
public func expm1(_ x: Tensor) throws -> Tensor { try unary(.expm1, x) }
/// ln x.
public func log(_ x: Tensor) throws -> Tensor { try unary(.log, x) }
/// ln(1 + x).
public func log1p(_ x: Tensor) throws -> Tensor { try unary(.log1p, x) }
/// 1/(1 + e⁻ˣ).
public func logistic(_ x: Tensor) throws -> Tensor { try unary(.logistic, x) }
/// sin x.
public func sin(_ x: Tensor) throws -> Tensor { try unary(.sin, x) }
/// cos x.
public func cos(_ x: Tensor) throws -> Tensor { try unary(.cos, x) }
/// tan x.
public func tan(_ x: Tensor) throws -> Tensor { try unary(.tan, x) }
/// The inverse of sin on [−1, 1].
public func asin(_ x: Tensor) throws -> Tensor { try unary(.asin, x) }
/// The inverse of cos on [−1, 1].
public func acos(_ x: Tensor) throws -> Tensor { try unary(.acos, x) }
/// The inverse of tan.
public func atan(_ x: Tensor) throws -> Tensor { try unary(.atan, x) }
/// sinh x.
public func sinh(_ x: Tensor) throws -> Tensor { try unary(.sinh, x) }
/// cosh x.
public func cosh(_ x: Tensor) throws -> Tensor { try unary(.cosh, x) }
/// tanh x.
public func tanh(_ x: Tensor) throws -> Tensor { try unary(.tanh, x) }
/// The inverse of sinh.
public func asinh(_ x: Tensor) throws -> Tensor { try unary(.asinh, x) }
/// The inverse of cosh on [1, ∞).
public func acosh(_ x: Tensor) throws -> Tensor { try unary(.acosh, x) }
/// The inverse of tanh on [−1, 1].
public func atanh(_ x: Tensor) throws -> Tensor { try unary(.atanh, x) }
/// 2/√π ∫₀ˣ exp(−t²) dt.
public func erf(_ x: Tensor) throws -> Tensor { try unary(.erf, x) }
/// 1 − erf x.
public func erfc(_ x: Tensor) throws -> Tensor { try unary(.erfc, x) }
/// The inverse of erf on [−1, 1].
public func erfInv(_ x: Tensor) throws -> Tensor { try unary(.erfInv, x) }
/// ln |Γ(x)|.
public func lgamma(_ x: Tensor) throws -> Tensor { try unary(.lgamma, x) }
/// d/dx ln Γ(x).
public func digamma(_ x: Tensor) throws -> Tensor { try unary(.digamma, x) }
/// Neither infinite nor NaN, as `bool`.
public func isFinite(_ x: Tensor) throws -> Tensor { try unary(.isFinite, x) }
/// x.
public func copy(_ x: Tensor) throws -> Tensor { try unary(.copy, x) }
/// x, with no tangent.
public func stopGradient(_ x: Tensor) throws -> Tensor { try unary(.stopGradient, x) }

/// To the nearest whole number, halves to even (as `jnp.round`).
public func round(_ x: Tensor) throws -> Tensor { try unary(.roundToEven, x) }
/// To the nearest whole number, halves away from zero (as `lax.round`).
public func roundAwayFromZero(_ x: Tensor) throws -> Tensor { try unary(.roundAwayFromZero, x) }
/// xⁿ for a whole number n.
public func integerPow(_ x: Tensor, _ n: Int) throws -> Tensor { try bind1(.integerPow(n), [x]) }
/// The n-th derivative of digamma, n ≥ 1.
public func polygamma(_ n: Int, _ x: Tensor) throws -> Tensor {
  try bind1(.polygamma(order: n), [x])
}
/// Rounded to so many bits of exponent and of mantissa, ties to even (8 and 7: bf16; 5 and 10: f16). By JAX's
/// convention linear: a tangent is rounded as the value is.
public func reducePrecision(
  _ x: Tensor, exponentBits: Int, mantissaBits: Int
) throws -> Tensor {
  try bind1(.reducePrecision(exponentBits: exponentBits, mantissaBits: mantissaBits), [x])
}
/// min(max(x, lower), upper); no tangent at the bounds (as `lax.clamp`).
public func clamp(_ lower: Tensor, _ x: Tensor, _ upper: Tensor) throws -> Tensor {
  try bind1(.clamp, [lower, x, upper])
}

extension Tensor {
  /// The values in another dtype; no operation when it is the same.
  public func asType(_ dtype: DType) throws -> Tensor {
    dtype == self.dtype ? self : try bind1(.convertElementType(dtype), [self])
  }
}
