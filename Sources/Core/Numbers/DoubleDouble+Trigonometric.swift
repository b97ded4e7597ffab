// sin, cos, tan and their inverses.
//
// The argument is reduced to [−π/4, π/4] exactly (see CircleReduction.swift), so that every
// double-double argument, however large, has a fully accurate sine. An inverse function is one
// rotation: with y₀ the `Double` angle of the vector (x, y), the angle left over is
// (y cos y₀ − x sin y₀)/(x cos y₀ + y sin y₀), of size 2⁻⁵³, whose cube no longer counts.

import RealModule

extension DoubleDouble {
  /// (sin r − r)/r³ in powers of r²: Σ (−1)ⁿ⁺¹ r²ⁿ/(2n+3)!
  private static let sinSeries = PowerSeries(radius: 0.62, count: 24) {
    ($0 % 2 == 0 ? -1 : 1) * inverseFactorial(2 * $0 + 3)
  }

  /// (cos r − 1)/r² in powers of r²: Σ (−1)ⁿ⁺¹ r²ⁿ/(2n+2)!
  private static let cosSeries = PowerSeries(radius: 0.62, count: 24) {
    ($0 % 2 == 0 ? -1 : 1) * inverseFactorial(2 * $0 + 2)
  }

  /// sin r for |r| ≤ π/4.
  private static func sinKernel(_ r: DoubleDouble) -> DoubleDouble {
    let square = r * r
    return r + r * square * sinSeries(square)
  }

  /// cos r for |r| ≤ π/4.
  private static func cosKernel(_ r: DoubleDouble) -> DoubleDouble {
    let square = r * r
    return (square * cosSeries(square)).plus(1)
  }

  /// sin x.
  ///
  /// Worst error measured: 0.8 u.
  public static func sin(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 && x.isFinite else { return x.hi == 0 ? x : nan }
    let (quadrant, r) = reduceModuloHalfPi(x)
    return sin(quadrant: quadrant, r)
  }

  /// cos x = sin(x + π/2).
  ///
  /// Worst error measured: 0.6 u.
  public static func cos(_ x: DoubleDouble) -> DoubleDouble {
    guard x.isFinite else { return nan }
    let (quadrant, r) = reduceModuloHalfPi(x)
    return sin(quadrant: quadrant + 1, r)
  }

  /// sin x / cos x.
  ///
  /// Worst error measured: 1.06 u.
  public static func tan(_ x: DoubleDouble) -> DoubleDouble {
    guard x.hi != 0 && x.isFinite else { return x.hi == 0 ? x : nan }
    let (quadrant, r) = reduceModuloHalfPi(x)
    return sin(quadrant: quadrant, r) / sin(quadrant: quadrant + 1, r)
  }

  /// sin(r + quadrant · π/2).
  private static func sin(quadrant: Int, _ r: DoubleDouble) -> DoubleDouble {
    let value = quadrant & 1 == 0 ? sinKernel(r) : cosKernel(r)
    return quadrant & 2 == 0 ? value : -value
  }

  /// sin πx and cos πx, for finite x; exact zeros stay exact.
  static func sinCosPi(_ x: DoubleDouble) -> (sin: DoubleDouble, cos: DoubleDouble) {
    let doubled = roundToEven(x.times(2))
    let r = (x - doubled.times(0.5)) * pi
    let quadrant = Int(
      (doubled.hi.truncatingRemainder(dividingBy: 4)
        + doubled.lo.truncatingRemainder(dividingBy: 4)))
    return (sin(quadrant: quadrant & 3, r), sin(quadrant: (quadrant & 3) + 1, r))
  }

  /// The angle of the vector (x, y), in [−π, π].
  ///
  /// Worst error measured: 0.82 u.
  public static func atan2(y: DoubleDouble, x: DoubleDouble) -> DoubleDouble {
    let angle = Double.atan2(y: y.hi, x: x.hi)
    guard y.hi != 0 && x.hi != 0 && y.isFinite && x.isFinite else {
      return multipleOfQuarterPi(nearest: angle)
    }
    // A subnormal angle has no low part, and one that underflowed keeps its sign.
    guard angle.magnitude >= .leastNormalMagnitude else { return DoubleDouble(angle) }
    let n = -Int(max(y.hi.magnitude, x.hi.magnitude).exponent)
    return rotate(angle, toward: scaled(y, by: n), scaled(x, by: n))
  }

  /// The angle of (x, y), of which `angle` is known to about 53 bits; max(|x|, |y|) in [1, 2).
  private static func rotate(
    _ angle: Double, toward y: DoubleDouble, _ x: DoubleDouble
  ) -> DoubleDouble {
    let (quadrant, r) = reduceModuloHalfPi(DoubleDouble(angle))
    let (s, c) = (sin(quadrant: quadrant, r), sin(quadrant: quadrant + 1, r))
    let rest = (y * c - x * s).hi / (x * c + y * s).hi
    return DoubleDouble(sum: angle, rest)
  }

  /// The exact angle of a vector on an axis or a diagonal; NaN and zeros pass through.
  private static func multipleOfQuarterPi(nearest angle: Double) -> DoubleDouble {
    guard angle != 0 && !angle.isNaN else { return DoubleDouble(angle) }
    return pi * DoubleDouble((angle * 4 / Double.pi).rounded() / 4)
  }

  /// The angle in (−π/2, π/2) whose tangent is x.
  ///
  /// Worst error measured: 0.68 u.
  public static func atan(_ x: DoubleDouble) -> DoubleDouble {
    atan2(y: x, x: 1)
  }

  /// The angle in [−π/2, π/2] whose sine is x.
  ///
  /// Worst error measured: 0.75 u.
  public static func asin(_ x: DoubleDouble) -> DoubleDouble {
    atan2(y: x, x: sqrt((1 - x) * (1 + x)))
  }

  /// The angle in [0, π] whose cosine is x.
  ///
  /// Worst error measured: 0.88 u.
  public static func acos(_ x: DoubleDouble) -> DoubleDouble {
    atan2(y: sqrt((1 - x) * (1 + x)), x: x)
  }
}
