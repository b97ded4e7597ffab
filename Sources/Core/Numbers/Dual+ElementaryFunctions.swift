// The derivative of every elementary and special function, one line each.
//
// Each slope is a closed formula in the primal, exact in S; constants enter from double-double.

import RealModule

extension Dual {
  /// exp′ = exp
  public static func exp(_ x: Dual) -> Dual {
    let y = S.exp(x.primal)
    return Dual(y, slope: y, along: x)
  }

  /// (eˣ − 1)′ = eˣ
  public static func expMinusOne(_ x: Dual) -> Dual {
    Dual(S.expMinusOne(x.primal), slope: S.exp(x.primal), along: x)
  }

  /// (2ˣ)′ = 2ˣ log 2
  public static func exp2(_ x: Dual) -> Dual {
    let y = S.exp2(x.primal)
    return Dual(y, slope: y * S(.ln2), along: x)
  }

  /// log′ = 1/x
  public static func log(_ x: Dual) -> Dual {
    Dual(S.log(x.primal), tangent: x.tangent / x.primal)
  }

  /// log(1 + x)′ = 1/(1 + x)
  public static func log(onePlus x: Dual) -> Dual {
    Dual(S.log(onePlus: x.primal), tangent: x.tangent / (1 + x.primal))
  }

  /// cosh′ = sinh
  public static func cosh(_ x: Dual) -> Dual {
    Dual(S.cosh(x.primal), slope: S.sinh(x.primal), along: x)
  }

  /// sinh′ = cosh
  public static func sinh(_ x: Dual) -> Dual {
    Dual(S.sinh(x.primal), slope: S.cosh(x.primal), along: x)
  }

  /// tanh′ = 1/cosh²
  public static func tanh(_ x: Dual) -> Dual {
    let c = S.cosh(x.primal)
    return Dual(S.tanh(x.primal), slope: 1 / c / c, along: x)
  }

  /// sin′ = cos
  public static func sin(_ x: Dual) -> Dual {
    Dual(S.sin(x.primal), slope: S.cos(x.primal), along: x)
  }

  /// cos′ = −sin
  public static func cos(_ x: Dual) -> Dual {
    Dual(S.cos(x.primal), slope: -S.sin(x.primal), along: x)
  }

  /// tan′ = 1 + tan²
  public static func tan(_ x: Dual) -> Dual {
    let y = S.tan(x.primal)
    return Dual(y, slope: 1 + y * y, along: x)
  }

  /// asin′ = 1/√((1 − x)(1 + x))
  public static func asin(_ x: Dual) -> Dual {
    Dual(S.asin(x.primal), slope: S.rsqrt((1 - x.primal) * (1 + x.primal)), along: x)
  }

  /// acos′ = −1/√((1 − x)(1 + x))
  public static func acos(_ x: Dual) -> Dual {
    Dual(S.acos(x.primal), slope: -S.rsqrt((1 - x.primal) * (1 + x.primal)), along: x)
  }

  /// atan′ = 1/(1 + x²), where x² cannot overflow as (1/x)/(x + 1/x)
  public static func atan(_ x: Dual) -> Dual {
    let y = S.atan(x.primal)
    guard S.absolute(x.primal) > 1 else {
      return Dual(y, tangent: x.tangent / (1 + x.primal * x.primal))
    }
    let r = 1 / x.primal
    return Dual(y, slope: r / (x.primal + r), along: x)
  }

  /// asinh′ = 1/√(x² + 1), where x² cannot overflow as |1/x|/√(1 + (1/x)²)
  public static func asinh(_ x: Dual) -> Dual {
    let y = S.asinh(x.primal)
    guard S.absolute(x.primal) > 1 else {
      return Dual(y, slope: S.rsqrt(x.primal * x.primal + 1), along: x)
    }
    let r = S.absolute(1 / x.primal)
    return Dual(y, slope: r * S.rsqrt(1 + r * r), along: x)
  }

  /// acosh′ = 1/√((x − 1)(x + 1)), each factor on its own
  public static func acosh(_ x: Dual) -> Dual {
    let a = S.absolute(x.primal)
    return Dual(S.acosh(x.primal), slope: S.rsqrt(a - 1) * S.rsqrt(a + 1), along: x)
  }

  /// atanh′ = 1/((1 − x)(1 + x))
  public static func atanh(_ x: Dual) -> Dual {
    Dual(S.atanh(x.primal), tangent: x.tangent / ((1 - x.primal) * (1 + x.primal)))
  }

  /// d atan2(y, x) = (x dy − y dx)/(x² + y²)
  public static func atan2(y: Dual, x: Dual) -> Dual {
    let square = x.primal * x.primal + y.primal * y.primal
    return Dual(
      S.atan2(y: y.primal, x: x.primal),
      tangent: (x.primal / square) * y.tangent - (y.primal / square) * x.tangent)
  }

  /// √x′ = 1/(2√x)
  public static func sqrt(_ x: Dual) -> Dual {
    let y = S.sqrt(x.primal)
    return Dual(y, tangent: x.tangent / (2 * y))
  }

  /// (1/√x)′ = −1/(2x√x)
  public static func rsqrt(_ x: Dual) -> Dual {
    let y = S.rsqrt(x.primal)
    return Dual(y, slope: -y / (2 * x.primal), along: x)
  }

  /// ∛x′ = 1/(3∛x²)
  public static func cbrt(_ x: Dual) -> Dual {
    let y = S.cbrt(x.primal)
    return Dual(y, tangent: x.tangent / (3 * y * y))
  }

  /// ⁿ√x′ = 1/(n yⁿ⁻¹) at y = ⁿ√x
  public static func root(_ x: Dual, _ n: Int) -> Dual {
    let y = S.root(x.primal, n)
    return Dual(y, tangent: x.tangent / (S(DoubleDouble(n)) * S.pow(y, n - 1)))
  }

  /// d xⁿ = n xⁿ⁻¹ dx; zero for n = 0
  public static func pow(_ x: Dual, _ n: Int) -> Dual {
    guard n != 0 else { return Dual(constant: 1) }
    let slope = S(DoubleDouble(n)) * S.pow(x.primal, n - 1)
    return Dual(S.pow(x.primal, n), slope: slope, along: x)
  }

  /// As `power`.
  public static func pow(_ x: Dual, _ y: Dual) -> Dual {
    power(x, y)
  }

  /// d xʸ = y xʸ⁻¹ dx + xʸ log x dy, with log 0 read as log 1, as in JAX.
  ///
  /// A zero tangent marks a constant here: its term is left out, so that a negative base under a
  /// constant exponent keeps its derivative although log x is NaN.
  public static func power(_ x: Dual, _ y: Dual) -> Dual {
    let value = S.power(x.primal, y.primal)
    var tangent = S.zero
    if x.tangent != .zero {
      tangent += y.primal * S.power(x.primal, y.primal - 1) * x.tangent
    }
    if y.tangent != .zero {
      tangent += value * S.log(x.primal == .zero ? 1 : x.primal) * y.tangent
    }
    return Dual(value, tangent: tangent)
  }

  /// σ′ = σ(x) σ(−x)
  public static func logistic(_ x: Dual) -> Dual {
    let y = S.logistic(x.primal)
    return Dual(y, slope: y * S.logistic(-x.primal), along: x)
  }

  /// erf′ = (2/√π) exp(−x²)
  public static func erf(_ x: Dual) -> Dual {
    Dual(S.erf(x.primal), slope: S(.twoOverSqrtPi) * S.exp(-x.primal * x.primal), along: x)
  }

  /// erfc′ = −(2/√π) exp(−x²)
  public static func erfc(_ x: Dual) -> Dual {
    Dual(S.erfc(x.primal), slope: -S(.twoOverSqrtPi) * S.exp(-x.primal * x.primal), along: x)
  }

  /// erf⁻¹′ = (√π/2) exp(y²) at y = erf⁻¹ x
  public static func erfInv(_ x: Dual) -> Dual {
    let y = S.erfInv(x.primal)
    return Dual(y, slope: S(.sqrtPiOverTwo) * S.exp(y * y), along: x)
  }

  /// log |Γ|′ = ψ
  public static func logGamma(_ x: Dual) -> Dual {
    Dual(S.logGamma(x.primal), slope: S.digamma(x.primal), along: x)
  }

  /// ψ′
  public static func digamma(_ x: Dual) -> Dual {
    polygamma(0, x)
  }

  /// ψ⁽ⁿ⁾′ = ψ⁽ⁿ⁺¹⁾
  public static func polygamma(_ n: Int, _ x: Dual) -> Dual {
    Dual(S.polygamma(n, x.primal), slope: S.polygamma(n + 1, x.primal), along: x)
  }
}
