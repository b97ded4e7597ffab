// erf, erfc and the inverse of erf.
//
// Below ½ erf is its power series. From ½ on erfc comes from the trapezoidal rule, step h, on
// erfc(x) = (x/π) e^(−x²) ∫ e^(−t²)/(t² + x²) dt, which for this integrand errs only by the
// residue at t = ix (subtracted in closed form) and e^(−π²/h²): with h = 11/32, 2⁻¹²⁰. All terms
// are positive and e^(−x²) is formed from x² without rounding, so the far tail is as accurate as
// the middle.

import RealModule

extension DoubleDouble {
  /// (2/√π) Σ (−1)ⁿ x²ⁿ/(n!(2n+1)), in powers of x².
  private static let erfSeries = PowerSeries(radius: 0.25, count: 30) {
    twoOverSqrtPi * inverseFactorial($0) / DoubleDouble(($0 % 2 == 0 ? 1 : -1) * (2 * $0 + 1))
  }

  /// The step of the trapezoidal rule.
  private static let step = 0x1.6p-2
  private static let twoPiOverStep = pi.times(2) / DoubleDouble(step)

  /// The nodes t² = n²h², exact, and twice the weights e^(−n²h²), down to 2⁻¹¹².
  private static let nodes: [(square: Double, weight: DoubleDouble)] = (1...26).map {
    let t = Double($0) * step
    return (t * t, exp(DoubleDouble(-t * t)).times(2))
  }

  /// e^(−x²), exact in the exponent: x² is kept as a product, its error, and the cross terms.
  private static func expMinusSquare(_ x: DoubleDouble) -> DoubleDouble {
    let (p, e) = twoProduct(x.hi, x.hi)
    let rest = DoubleDouble(product: 2 * x.hi, x.lo).plus(x.lo * x.lo).plus(e)
    return exp(DoubleDouble(-p)) * expMinusOneKernel(-rest).plus(1)
  }

  /// erfc x for x ≥ ½.
  private static func erfcTail(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi < 40 else { return 0 }
    let square = x * x
    var sum = 1 / square
    for node in nodes.reversed() { sum += node.weight / square.plus(node.square) }
    let main = expMinusSquare(x) * x * sum * (DoubleDouble(step) / pi)
    // Beyond π/h the pole is outside the strip on which the rule's error depends.
    guard x.hi < twoPiOverStep.hi / 2 else { return main }
    let residue = DoubleDouble(2) / expMinusOne(twoPiOverStep * x)
    return main - residue
  }

  /// (2/√π) ∫₀ˣ e^(−t²) dt.
  ///
  /// Worst error measured: 1.01 u.
  public static func erf(_ x: DoubleDouble) -> DoubleDouble {
    if x.isNaN { return x }
    let a = x.magnitude
    return a.hi < 0.5 ? x * erfSeries(x * x) : withSign(of: x, 1 - erfcTail(a))
  }

  /// 1 − erf x.
  ///
  /// Worst error measured: 1.19 u.
  public static func erfc(_ x: DoubleDouble) -> DoubleDouble {
    if x.isNaN { return x }
    if x.hi >= 0.5 { return erfcTail(x) }
    return x.hi > -0.5 ? 1 - x * erfSeries(x * x) : 2 - erfcTail(-x)
  }

  /// The inverse of erf on (−1, 1); ±∞ at ±1, NaN beyond.
  ///
  /// Worst error measured: 1.07 u.
  public static func erfInv(_ x: DoubleDouble) -> DoubleDouble {
    let a = x.magnitude
    guard x.hi != 0 && a < 1 else {
      return a == 1 ? withSign(of: x, infinity) : a.hi == 0 ? x : nan
    }
    let complement = 1 - a
    var y = erfInvGuess(a.hi, complement: complement.hi)
    for _ in 0..<6 {
      let excess = a.hi < 0.5 ? Double.erf(y) - a.hi : complement.hi - Double.erfc(y)
      y -= halley(excess, over: Double.exp(-y * y), at: y)
    }
    let start = DoubleDouble(y)
    let excess = a.hi < 0.5 ? erf(start) - a : complement - erfc(start)
    // The last step must know e^(−y²) to all 53 bits: y² rounded first would cost six of them.
    let correction = halley(excess.hi, over: expMinusSquare(start).hi, at: y)
    return withSign(of: x, DoubleDouble(sum: y, -correction))
  }

  /// Halley's step for erf y = a, whose second derivative is −2y times the first, (2/√π) `gauss`.
  private static func halley(_ excess: Double, over gauss: Double, at y: Double) -> Double {
    let newton = excess / (twoOverSqrtPi.hi * gauss)
    return newton / (1 + newton * y)
  }

  /// The inverse of erf to better than one percent (Winitzki, 2008); below ½ two terms of the series.
  private static func erfInvGuess(_ a: Double, complement: Double) -> Double {
    if a < 0.5 { return a / twoOverSqrtPi.hi * (1 + Double.pi / 12 * a * a) }
    let c = 0.147
    let l = Double.log(complement * (2 - complement))
    let t = 2 / (Double.pi * c) + 0.5 * l
    return ((t * t - l / c).squareRoot() - t).squareRoot()
  }
}
