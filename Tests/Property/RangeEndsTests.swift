// Law: at the ends of the range of Double, DoubleDouble is right wherever the C library is.
//
// Points: the largest and smallest numbers, normal and subnormal, powers of two where squares and
// error terms leave the range, both signs. The allowance is the error that glibc's manual states for
// its function and one more unit, since both sides round. The unit is that of the last place, among
// subnormal numbers their spacing 2⁻¹⁰⁷⁴. An infinite or NaN truth has no allowance, nor has a sign.

import Core
import Foundation
import Testing

/// A function of one argument, the C library's version of it, and that one's error in ulps.
private struct Unary: Sendable, CustomStringConvertible {
  let description: String
  let ulps: Double
  let ours: @Sendable (DoubleDouble) -> DoubleDouble
  let theirs: @Sendable (Double) -> Double

  init(
    _ name: String, ulps: Double, _ ours: @escaping @Sendable (DoubleDouble) -> DoubleDouble,
    _ theirs: @escaping @Sendable (Double) -> Double
  ) {
    (description, self.ulps, self.ours, self.theirs) = (name, ulps, ours, theirs)
  }
}

/// As `Unary`, of two arguments.
private struct Binary: Sendable, CustomStringConvertible {
  let description: String
  let ulps: Double
  let ours: @Sendable (DoubleDouble, DoubleDouble) -> DoubleDouble
  let theirs: @Sendable (Double, Double) -> Double

  init(
    _ name: String, ulps: Double,
    _ ours: @escaping @Sendable (DoubleDouble, DoubleDouble) -> DoubleDouble,
    _ theirs: @escaping @Sendable (Double, Double) -> Double
  ) {
    (description, self.ulps, self.ours, self.theirs) = (name, ulps, ours, theirs)
  }
}

private let unary: [Unary] = [
  Unary("sqrt", ulps: 0, { .sqrt($0) }, { $0.squareRoot() }),
  Unary("rsqrt", ulps: 1, { .rsqrt($0) }, { 1 / $0.squareRoot() }),
  Unary("cbrt", ulps: 4, { .cbrt($0) }, { cbrt($0) }),
  Unary("exp", ulps: 1, { .exp($0) }, { exp($0) }),
  Unary("exp2", ulps: 1, { .exp2($0) }, { exp2($0) }),
  Unary("expm1", ulps: 1, { .expMinusOne($0) }, { expm1($0) }),
  Unary("log", ulps: 1, { .log($0) }, { log($0) }),
  Unary("log1p", ulps: 1, { .log(onePlus: $0) }, { log1p($0) }),
  Unary("sin", ulps: 1, { .sin($0) }, { sin($0) }),
  Unary("cos", ulps: 1, { .cos($0) }, { cos($0) }),
  Unary("tan", ulps: 1, { .tan($0) }, { tan($0) }),
  Unary("asin", ulps: 1, { .asin($0) }, { asin($0) }),
  Unary("acos", ulps: 1, { .acos($0) }, { acos($0) }),
  Unary("atan", ulps: 1, { .atan($0) }, { atan($0) }),
  Unary("sinh", ulps: 2, { .sinh($0) }, { sinh($0) }),
  Unary("cosh", ulps: 2, { .cosh($0) }, { cosh($0) }),
  Unary("tanh", ulps: 2, { .tanh($0) }, { tanh($0) }),
  Unary("asinh", ulps: 2, { .asinh($0) }, { asinh($0) }),
  Unary("acosh", ulps: 2, { .acosh($0) }, { acosh($0) }),
  Unary("atanh", ulps: 2, { .atanh($0) }, { atanh($0) }),
  // exp errs by one, the sum and the quotient by ½ each.
  Unary(
    "logistic", ulps: 2, { .logistic($0) },
    { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
  Unary("erf", ulps: 1, { .erf($0) }, { erf($0) }),
  Unary("erfc", ulps: 5, { .erfc($0) }, { erfc($0) }),
  Unary("logGamma", ulps: 4, { .logGamma($0) }, { lgamma($0).0 }),
  Unary("floor", ulps: 0, { .floor($0) }, { floor($0) }),
  Unary("ceil", ulps: 0, { .ceil($0) }, { ceil($0) }),
  Unary("round to even", ulps: 0, { .roundToEven($0) }, { rint($0) }),
  Unary("round away", ulps: 0, { .roundAwayFromZero($0) }, { round($0) }),
  Unary("x⁻³", ulps: 1, { .pow($0, -3) }, { pow($0, -3) }),
  Unary("x⁶⁴", ulps: 1, { .pow($0, 64) }, { pow($0, 64) }),
  Unary("x⁻⁶⁴", ulps: 1, { .pow($0, -64) }, { pow($0, -64) }),
  Unary("x^0.3", ulps: 1, { .power($0, 0.3) }, { pow($0, 0.3) }),
]

/// The limits of functions that C lacks: at these sizes of x nothing else can be seen.
private let limits: [Unary] = [
  Unary("erfInv", ulps: 1, { .erfInv($0) }) {
    $0.magnitude < 1 ? $0 * (Double.pi.squareRoot() / 2) : .nan
  },
  // ψ(x) → −1/x and log x. Large negative numbers are integers, as are those that follow.
  Unary("digamma", ulps: 1, { .digamma($0) }) {
    $0.magnitude < 1 ? -1 / $0 : $0 < 0 ? .nan : log($0)
  },
  // ψ′(x) → 1/x² and 1/x
  Unary("trigamma", ulps: 2, { .polygamma(1, $0) }) {
    $0.magnitude < 1 ? 1 / $0 / $0 : $0 < 0 ? .infinity : 1 / $0
  },
  // ψ″(x) → −2/x³ and −1/x²
  Unary("tetragamma", ulps: 3, { .polygamma(2, $0) }) {
    $0.magnitude < 1 ? -2 / $0 / $0 / $0 : $0 < 0 ? .nan : -1 / $0 / $0
  },
]

private let binary: [Binary] = [
  // Of two Doubles the sum, rounded to `hi`, is that of Double: no unit at all.
  Binary("+", ulps: -1, { $0 + $1 }, { $0 + $1 }),
  Binary("−", ulps: -1, { $0 - $1 }, { $0 - $1 }),
  Binary("·", ulps: 0, { $0 * $1 }, { $0 * $1 }),
  Binary("÷", ulps: 0, { $0 / $1 }, { $0 / $1 }),
  Binary("power", ulps: 1, { .power($0, $1) }, { pow($0, $1) }),
  Binary("atan2", ulps: 1, { .atan2(y: $0, x: $1) }, { atan2($0, $1) }),
  Binary("remainder", ulps: 0, { .remainder($0, $1) }, { fmod($0, $1) }),
]

private let most = Double.greatestFiniteMagnitude
private let leastNormal = Double.leastNormalMagnitude
private let exponents = [
  512, 511, 513, 969, 996, 1000, 1010, 1022, 1023, -511, -512, -513, -537, -900, -960, -968, -969,
  -970, -1000, -1018, -1019, -1022, -1023, -1050, -1073, -1074,
]
private let powers = exponents.map { Double(sign: .plus, exponent: $0, significand: 1) }
private let ends: [Double] =
  [most, most.nextDown, 0x1.ffffffp1023, 0x1.7p1023, leastNormal.nextUp, leastNormal.nextDown]
  + [0x3p-1074, 0x1.23p-1040, 0x1.1111111111111p-1021, 0x1.5p-1018, 0x1.0000000000001p512]
  + [
    0x1.b7e151628aed3p-530, 0x1.93c467e37db0dp-495, 0x1.71547652b82fep-541, 0x1.62e42fefa39efp-1015,
  ]
  + [0x1.fffffffffffffp511, 0x1.0000000000001p-512, 0x1.fffffffffffffp-513] + powers
private let points = ends.flatMap { [$0, -$0] }
/// Arguments between, at which a function or its parts over- or underflow.
private let thresholds: [Double] = [
  26.5, 26.9, 27.2, 709.5, 709.9, 710.3, 740.3, 745.1, 745.2, 1023.9, 1074.9, 1075.1,
].flatMap { [$0, -$0] }

/// Whether `y` is the C library's `z` up to its allowance.
private func agrees(_ y: DoubleDouble, _ z: Double, ulps: Double) -> Bool {
  if z.isNaN { return y.isNaN }
  guard y.isFinite && z.isFinite else { return y.hi == z }
  guard y.hi + y.lo == y.hi && y.hi.sign == z.sign else { return false }
  return (y.hi - z).magnitude <= (ulps + 1) * z.ulp
}

@Suite struct RangeEndsTests {
  @Test(arguments: unary)
  private func `DoubleDouble at the ends of the range equals the C library's result`(f: Unary) {
    for x in points + thresholds {
      let (y, z) = (f.ours(DoubleDouble(x)), f.theirs(x))
      #expect(agrees(y, z, ulps: f.ulps), "\(f)(\(x)) = \(y.hi), not \(z)")
    }
  }

  @Test(arguments: limits)
  private func `DoubleDouble at the ends of the range reaches the limits of its functions`(
    f: Unary
  ) {
    for x in points {
      let (y, z) = (f.ours(DoubleDouble(x)), f.theirs(x))
      #expect(agrees(y, z, ulps: f.ulps), "\(f)(\(x)) = \(y.hi), not \(z)")
    }
  }

  @Test(arguments: binary)
  private func `pairs from the ends of the range give the C library's result`(f: Binary) {
    let others = points + [1, -1, 3, 0.3, -0.3, 1e10 / 3]
    for a in others {
      for b in others {
        let (y, z) = (f.ours(DoubleDouble(a), DoubleDouble(b)), f.theirs(a, b))
        #expect(agrees(y, z, ulps: f.ulps), "\(a) \(f) \(b) = \(y.hi), not \(z)")
      }
    }
  }

  @Test func `a subnormal product of two Doubles is rounded once`() {
    for a in points + [0.3, -0.3] {
      for b in points + [0.3, -0.3] where (a * b).isSubnormal {
        let product = DoubleDouble(a) * DoubleDouble(b)
        #expect(product.hi == a * b && product.lo == 0, "\(a) · \(b)")
      }
    }
  }

  /// Scaling by a power of two commutes with the four operations, to the last bit, as long as no
  /// part of the result is subnormal; so the largest numbers keep all 106 bits.
  @Test func `the largest numbers are as accurate as ordinary ones`() {
    for x in [most, most.nextDown, 0x1.ffffffp1023, 0x1.7p1023] {
      for y in [0.3, 0x1.5p-3, 0x1.fffffffffffffp-1] {
        let (a, b) = (DoubleDouble(x), DoubleDouble(y))
        let (small, down) = (DoubleDouble(x * 0x1p-600), 0x1p-600 as DoubleDouble)
        #expect(a * b * down == small * b, "\(x) · \(y)")
        // 2²⁰⁰ keeps the low part of the quotient out of the subnormal numbers.
        let lifted = DoubleDouble(y * 0x1p200)
        #expect(lifted / a / down == lifted / small, "\(y) · 2²⁰⁰ / \(x)")
        #expect(a / (1 / b) * down == small / (1 / b), "\(x) / (1 / \(y))")
        #expect(DoubleDouble.sqrt(a) * 0x1p-300 == DoubleDouble.sqrt(small), "√\(x)")
      }
    }
  }

  @Test func `the slopes of a dual number do not overflow before their limits`() {
    typealias N = Dual<DoubleDouble>
    for x in points where x.magnitude > 0x1p500 {
      let dual = N(DoubleDouble(x), tangent: 1)
      let slope = 1 / x.magnitude
      #expect(agrees(N.asinh(dual).tangent, slope, ulps: 1), "asinh′(\(x))")
      #expect(agrees(N.acosh(dual).tangent, slope, ulps: 1), "acosh′(\(x))")
      #expect(agrees(N.atan(dual).tangent, slope / x.magnitude, ulps: 1), "atan′(\(x))")
      #expect(N.remainder(dual, N(constant: 0x1p-1000)).tangent == 1, "remainder′(\(x))")
    }
  }
}
