// The functions of DoubleDouble under the names of fixtures/numbers.h5, and what each promises.
//
// An error is counted in u = 2⁻¹⁰⁴ of a scale. The scale is the result itself, except where a
// function is a difference of terms that cancel: there it is the size of these terms, and for a
// power the factor by which the exact power amplifies an error of its logarithm. For arithmetic the
// promise is the proven bound; for a function it is 1.25 times the worst error in 2000 points of
// each range of the generator, rounded up, since a sampled maximum is only a lower bound.

import Core

/// One function, the error it promises in u, and the scale of that error.
struct NumbersEntry: Sendable, CustomStringConvertible {
  let name: String
  let bound: Double
  let evaluate: @Sendable ([DoubleDouble]) -> DoubleDouble
  let scale: @Sendable ([DoubleDouble], Double) -> Double

  var description: String { name }

  /// A function of one argument, judged relative to its result.
  init(_ name: String, _ bound: Double, _ f: @escaping @Sendable (DoubleDouble) -> DoubleDouble) {
    self.init(name, bound, f) { _, y in y.magnitude }
  }

  /// A function of one argument with a scale of its own.
  init(
    _ name: String, _ bound: Double, _ f: @escaping @Sendable (DoubleDouble) -> DoubleDouble,
    scale: @escaping @Sendable (DoubleDouble, Double) -> Double
  ) {
    self.name = name
    self.bound = bound
    evaluate = { f($0[0]) }
    self.scale = { scale($0[0], $1) }
  }

  /// A function of two arguments.
  init(
    _ name: String, _ bound: Double,
    of f: @escaping @Sendable (DoubleDouble, DoubleDouble) -> DoubleDouble,
    scale: @escaping @Sendable (DoubleDouble, DoubleDouble, Double) -> Double = { _, _, y in
      y.magnitude
    }
  ) {
    self.name = name
    self.bound = bound
    evaluate = { f($0[0], $0[1]) }
    self.scale = { scale($0[0], $0[1], $1) }
  }
}

/// Every function in the file.
let numbersTable: [NumbersEntry] = arithmetic + elementary + special + rounding

// Bounds in 2⁻¹⁰⁶, a quarter of u: 3, 3, 5, 15 (Joldes, Muller, Popescu 2017).
private let arithmetic: [NumbersEntry] = [
  NumbersEntry("add", 0.75, of: { $0 + $1 }),
  NumbersEntry("subtract", 0.75, of: { $0 - $1 }),
  NumbersEntry("multiply", 1.25, of: { $0 * $1 }),
  NumbersEntry("divide", 3.75, of: { $0 / $1 }),
]

private let elementary: [NumbersEntry] = [
  NumbersEntry("sqrt", 1) { DoubleDouble.sqrt($0) },
  NumbersEntry("rsqrt", 2) { DoubleDouble.rsqrt($0) },
  NumbersEntry("cbrt", 3) { DoubleDouble.cbrt($0) },
  NumbersEntry("exp", 1) { DoubleDouble.exp($0) },
  NumbersEntry("exp2", 1) { DoubleDouble.exp2($0) },
  NumbersEntry("expMinusOne", 1) { DoubleDouble.expMinusOne($0) },
  NumbersEntry("log", 1) { DoubleDouble.log($0) },
  NumbersEntry("logOnePlus", 2) { DoubleDouble.log(onePlus: $0) },
  NumbersEntry("sin", 1) { DoubleDouble.sin($0) },
  NumbersEntry("cos", 1) { DoubleDouble.cos($0) },
  NumbersEntry("tan", 2) { DoubleDouble.tan($0) },
  NumbersEntry("asin", 1) { DoubleDouble.asin($0) },
  NumbersEntry("acos", 2) { DoubleDouble.acos($0) },
  NumbersEntry("atan", 1) { DoubleDouble.atan($0) },
  NumbersEntry("atan2", 2, of: { DoubleDouble.atan2(y: $0, x: $1) }),
  NumbersEntry("sinh", 1) { DoubleDouble.sinh($0) },
  NumbersEntry("cosh", 1) { DoubleDouble.cosh($0) },
  NumbersEntry("tanh", 2) { DoubleDouble.tanh($0) },
  NumbersEntry("asinh", 1) { DoubleDouble.asinh($0) },
  NumbersEntry("acosh", 2) { DoubleDouble.acosh($0) },
  NumbersEntry("atanh", 2) { DoubleDouble.atanh($0) },
  NumbersEntry("logistic", 2) { DoubleDouble.logistic($0) },
  // A relative error δ of the logarithm becomes y log x · δ; n factors bring n errors.
  NumbersEntry(
    "power", 1, of: { DoubleDouble.power($0, $1) },
    scale: { x, y, z in
      let multiplies = y.hi.magnitude <= 64 && DoubleDouble.floor(y) == y
      let exponent = (y * DoubleDouble.log(x.magnitude)).hi.magnitude
      return z.magnitude * (1 + (multiplies ? y.hi.magnitude : exponent))
    }),
]

private let special: [NumbersEntry] = [
  NumbersEntry("erf", 2) { DoubleDouble.erf($0) },
  NumbersEntry("erfc", 2) { DoubleDouble.erfc($0) },
  NumbersEntry("erfInv", 2) { DoubleDouble.erfInv($0) },
  // Below zero log(π/|x sin πx|) − log Γ(−x): both terms, and the unit that log sees its error in.
  NumbersEntry("logGamma", 3, { DoubleDouble.logGamma($0) }) { x, y in
    x.hi > 0 ? y.magnitude : y.magnitude + DoubleDouble.logGamma(-x).hi.magnitude + 1
  },
  // ψ(|x|), 1/x, and below zero also π cot πx, which is their sum.
  NumbersEntry("digamma", 2, { DoubleDouble.digamma($0) }) { x, y in
    y.magnitude + 1 / x.hi.magnitude
      + (x.hi > 0 ? 0 : DoubleDouble.digamma(-x).hi.magnitude)
  },
  NumbersEntry("trigamma", 3, { DoubleDouble.polygamma(1, $0) }) { x, y in
    y.magnitude + (x.hi > 0 ? 0 : DoubleDouble.polygamma(1, 1 - x).hi.magnitude)
  },
  NumbersEntry("tetragamma", 5, { DoubleDouble.polygamma(2, $0) }) { x, y in
    y.magnitude + (x.hi > 0 ? 0 : DoubleDouble.polygamma(2, 1 - x).hi.magnitude)
  },
]

private let rounding: [NumbersEntry] = [
  NumbersEntry("floor", 0) { DoubleDouble.floor($0) },
  NumbersEntry("ceil", 0) { DoubleDouble.ceil($0) },
  NumbersEntry("roundToEven", 0) { DoubleDouble.roundToEven($0) },
  NumbersEntry("roundAwayFromZero", 0) { DoubleDouble.roundAwayFromZero($0) },
  // A multiple of y is taken away, so the last bit of y counts.
  NumbersEntry(
    "remainder", 1, of: { DoubleDouble.remainder($0, $1) },
    scale: { _, y, _ in y.hi.magnitude }),
]
