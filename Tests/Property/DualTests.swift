// Law: the tangent of a dual number is the derivative, for every function of `Scalar`.
//
// The witness is a central difference in DoubleDouble with one Richardson step: with h = 2⁻²² its
// truncation is h⁴ |f⁽⁵⁾|/30, below 2⁻⁷⁶ |f′| at the points chosen, where |f⁽⁵⁾| < 2¹⁶ |f′|; its
// rounding is 2u |f|/h, below 2⁻⁷⁶ for |f| < 2⁵. A wrong formula errs by far more than 2⁻⁷⁵.

import Core
import Testing

/// A function of `Scalar`, at two types: the same closure cannot be generic.
private struct Case: Sendable, CustomStringConvertible {
  let description: String
  let point: Double
  let plain: @Sendable (DoubleDouble) -> DoubleDouble
  let dual: @Sendable (Dual<DoubleDouble>) -> Dual<DoubleDouble>

  init(
    _ name: String, at point: Double,
    _ plain: @escaping @Sendable (DoubleDouble) -> DoubleDouble,
    _ dual: @escaping @Sendable (Dual<DoubleDouble>) -> Dual<DoubleDouble>
  ) {
    description = "\(name) at \(point)"
    self.point = point
    self.plain = plain
    self.dual = dual
  }
}

private let cases: [Case] = [
  Case("x + 3x", at: 0.7, { $0 + 3 * $0 }, { $0 + 3 * $0 }),
  Case("2 − x", at: 0.7, { 2 - $0 }, { 2 - $0 }),
  Case("x²", at: 0.7, { $0 * $0 }, { $0 * $0 }),
  Case("(x + 1)/(x·x)", at: 0.7, { ($0 + 1) / ($0 * $0) }, { ($0 + 1) / ($0 * $0) }),
  Case("−x", at: 0.7, { -$0 }, { -$0 }),
  Case("exp", at: 0.7, { .exp($0) }, { .exp($0) }),
  Case("expm1", at: 0.3, { .expMinusOne($0) }, { .expMinusOne($0) }),
  Case("exp2", at: 1.3, { .exp2($0) }, { .exp2($0) }),
  Case("log", at: 1.7, { .log($0) }, { .log($0) }),
  Case("log1p", at: 0.4, { .log(onePlus: $0) }, { .log(onePlus: $0) }),
  Case("sin", at: 0.7, { .sin($0) }, { .sin($0) }),
  Case("cos", at: 0.7, { .cos($0) }, { .cos($0) }),
  Case("tan", at: 0.7, { .tan($0) }, { .tan($0) }),
  Case("asin", at: 0.4, { .asin($0) }, { .asin($0) }),
  Case("acos", at: 0.4, { .acos($0) }, { .acos($0) }),
  Case("atan", at: 0.7, { .atan($0) }, { .atan($0) }),
  Case("sinh", at: 0.7, { .sinh($0) }, { .sinh($0) }),
  Case("cosh", at: 0.7, { .cosh($0) }, { .cosh($0) }),
  Case("tanh", at: 0.7, { .tanh($0) }, { .tanh($0) }),
  Case("asinh", at: 0.7, { .asinh($0) }, { .asinh($0) }),
  Case("acosh", at: 1.7, { .acosh($0) }, { .acosh($0) }),
  Case("atanh", at: 0.4, { .atanh($0) }, { .atanh($0) }),
  Case("sqrt", at: 1.7, { .sqrt($0) }, { .sqrt($0) }),
  Case("rsqrt", at: 1.7, { .rsqrt($0) }, { .rsqrt($0) }),
  Case("cbrt", at: -1.7, { .cbrt($0) }, { .cbrt($0) }),
  Case("root 5", at: 1.7, { .root($0, 5) }, { .root($0, 5) }),
  Case("x⁻³", at: 1.7, { .pow($0, -3) }, { .pow($0, -3) }),
  Case("xˣ", at: 1.7, { .power($0, $0) }, { .power($0, $0) }),
  Case("pow(x, x)", at: 1.7, { .pow($0, $0) }, { .pow($0, $0) }),
  Case("logistic", at: 0.7, { .logistic($0) }, { .logistic($0) }),
  Case("erf", at: 0.7, { .erf($0) }, { .erf($0) }),
  Case("erfc", at: 0.7, { .erfc($0) }, { .erfc($0) }),
  Case("erfInv", at: 0.4, { .erfInv($0) }, { .erfInv($0) }),
  Case("logGamma", at: 3.7, { .logGamma($0) }, { .logGamma($0) }),
  Case("digamma", at: 2.7, { .digamma($0) }, { .digamma($0) }),
  Case("polygamma 1", at: 2.7, { .polygamma(1, $0) }, { .polygamma(1, $0) }),
  Case("polygamma 2", at: -1.6, { .polygamma(2, $0) }, { .polygamma(2, $0) }),
  Case("atan2(x, 2 − x)", at: 0.7, { .atan2(y: $0, x: 2 - $0) }, { .atan2(y: $0, x: 2 - $0) }),
  Case("rem(8x, x)", at: 1.7, { .remainder(8, $0) }, { .remainder(8, $0) }),
  Case("rem(x, 2)", at: -2.7, { .remainder($0, 2) }, { .remainder($0, 2) }),
  Case("abs", at: -0.7, { .absolute($0) }, { .absolute($0) }),
  Case("max(x, x²)", at: 0.7, { .maximum($0, $0 * $0) }, { .maximum($0, $0 * $0) }),
  Case("min(x, x²)", at: 0.7, { .minimum($0, $0 * $0) }, { .minimum($0, $0 * $0) }),
  Case("floor", at: 0.7, { .floor($0) }, { .floor($0) }),
  Case("ceil", at: 0.7, { .ceil($0) }, { .ceil($0) }),
  Case("round to even", at: 0.7, { .roundToEven($0) }, { .roundToEven($0) }),
  Case("round away", at: 0.7, { .roundAwayFromZero($0) }, { .roundAwayFromZero($0) }),
  Case("sign", at: 0.7, { .sign($0) }, { .sign($0) }),
]

/// (4 D(h) − D(2h))/3 with D the central difference.
private func derivative(_ f: (DoubleDouble) -> DoubleDouble, at x: DoubleDouble) -> DoubleDouble {
  func central(_ h: DoubleDouble) -> DoubleDouble { (f(x + h) - f(x - h)) / (2 * h) }
  let h: DoubleDouble = 0x1p-22
  return (4 * central(h) - central(2 * h)) / 3
}

@Suite struct DualTests {
  @Test(arguments: cases)
  private func `the tangent is the derivative`(c: Case) {
    let x = DoubleDouble(c.point)
    let y = c.dual(Dual(x, tangent: 1.5))
    let expected = 1.5 * derivative(c.plain, at: x)
    #expect(y.primal == c.plain(x))
    #expect(
      (y.tangent - expected).magnitude <= 0x1p-75 * (expected.magnitude + 1),
      "\(c): \(y.tangent), not \(expected)")
  }

  @Test func `the second derivative comes from duals of duals`() {
    typealias Second = Dual<Dual<DoubleDouble>>
    let x = DoubleDouble(0.7)
    let y = Second.tanh(Second(Dual(x, tangent: 1), tangent: 1))
    let t = DoubleDouble.tanh(x)
    let expected = -2 * t * (1 - t * t)
    #expect((y.tangent.tangent - expected).magnitude <= 0x1p-98)
  }

  @Test
  func
    `at points without a derivative abs takes the mean of its slopes and the rest what JAX takes`()
  {
    typealias N = Dual<Double>
    let zero = N(0, tangent: 1)
    #expect(N.absolute(zero).tangent == 0)
    #expect(N.absolute(N(-0.0, tangent: 1)).tangent == 0)
    #expect(N.absolute(N(.nan, tangent: 1)).tangent == -1)
    #expect(N.maximum(zero, 0).tangent == 0.5)
    #expect(N.minimum(zero, N(0, tangent: 3)).tangent == 2)
    #expect(N.maximum(N(.nan, tangent: 1), zero).tangent == 0)
    #expect(N.sqrt(zero).tangent == .infinity)
    #expect(N.cbrt(zero).tangent == .infinity)
    #expect(N.rsqrt(zero).tangent == -.infinity)
    #expect(N.log(N(-1, tangent: 1)).tangent == -1)
    #expect(N.power(zero, N(constant: 0)).tangent.isNaN)
    #expect(N.power(N(constant: 0), zero).tangent == 0)
    #expect(N.power(N(-2, tangent: 1), 2).tangent == -4)
    #expect(N.power(-2, N(2, tangent: 1)).tangent.isNaN)
    #expect(N.pow(zero, 0).tangent == 0)
    #expect(N.pow(zero, 1).tangent == 1)
  }
}
