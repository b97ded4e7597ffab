// Derivatives by differences in double-double, each with an estimate of its own error.
//
// Scheme R3: three central differences D(h), D(2h), D(4h) with D(h) = φ' + h²φ‴/6 + h⁴φ⁽⁵⁾/120 + …
//   R(h) = (4 D(h) − D(2h))/3,  R(2h) = (4 D(2h) − D(4h))/3      (errors −h⁴φ⁽⁵⁾/30, 16 times that)
//   truncation = |R(h) − R(2h)|/15,  rounding = 1.5 E/h,  estimate = truncation + rounding
// with E the running bound of φ in double-double. An estimate is not a bound: tolerances take ten
// of it. Steps are powers of two times a direction that is relative to the point, so x ± kh v is
// exact. The steps 2⁻²⁰ come first; where they leave much to wish for, 2⁻²⁴ and 2⁻¹⁶ follow.

public import Core

/// What differences say about one function of one variable, φ(t) at t = 0.
public struct Difference: Sendable {
  /// Which differences were possible.
  public enum Kind: Sendable, Hashable {
    /// The central ladder converges as it does for a smooth function.
    case smooth
    /// One-sided slopes differ, and the second difference does not vanish with h.
    case kink
    /// φ is finite on one side only.
    case edge
    /// φ(0) is not finite, or φ is finite on no side.
    case undecided
  }

  /// Which differences were possible.
  public let kind: Kind
  /// The best approximation of φ'.
  public let slope: DoubleDouble
  /// The slope from the left; `slope` where φ is smooth, as `right`.
  public let left: DoubleDouble
  /// The slope from the right.
  public let right: DoubleDouble
  /// The estimated error of all three.
  public let estimate: Double
  /// (D(4h) − D(2h))/(D(2h) − D(h)): 4 for a smooth function, nil where both vanish in rounding.
  public let ratio: Double?

  /// The allowance of a comparison: an estimate is not a bound.
  public var tolerance: Double { 10 * estimate }
}

/// Differences of a function with several results.
public struct FiniteDifference {
  /// φ(t), one number per result.
  let function: (Double) throws -> [DoubleDouble]
  /// φ(0).
  let atZero: [DoubleDouble]
  /// E: the running bound of each result.
  let errors: [Double]
  private var known: [Int: [Difference]] = [:]

  /// The exponents of the steps 2⁻ᵠ in the order in which they are tried: 20 balances h⁴ against
  /// 2⁻¹⁰²/h for a function whose derivatives are of one size, 24 serves functions that curve
  /// strongly, 16 functions whose derivative is small against their value.
  public static let exponents = [20, 24, 16]

  /// Differences of `function`, whose results at 0 are `atZero` with rounding errors `errors`.
  public init(
    atZero: [DoubleDouble], errors: [Double],
    _ function: @escaping (Double) throws -> [DoubleDouble]
  ) {
    self.function = function
    self.atZero = atZero
    self.errors = errors
  }

  /// The derivative of each result: the step of 2⁻²⁰, and the others for results of which it does
  /// not know the derivative to 2⁻⁷⁰.
  public mutating func differences() throws -> [Difference] {
    let first = try ladder(Self.exponents[0])
    let isGood = first.allSatisfy { $0.kind != .smooth || $0.isSharp }
    return isGood ? first : try refined()
  }

  /// The derivative of each result from all steps: the one with the smallest estimate, which is
  /// raised by any disagreement with another beyond what the two allow.
  public mutating func refined() throws -> [Difference] {
    let ladders = try Self.exponents.map { try ladder($0) }
    return atZero.indices.map { i in Difference.best(ladders.map { $0[i] }) }
  }

  /// All differences with the step 2⁻ᵠ.
  mutating func ladder(_ q: Int) throws -> [Difference] {
    if let known = known[q] { return known }
    let h = DoubleDouble(1).scaled(by: -q)
    let values = try [1.0, 2, 4].map { k in
      (try function(-k * h), try function(k * h))
    }
    let result = atZero.indices.map { i in
      Rungs(
        h: h, zero: atZero[i], minus: values.map { $0.0[i] }, plus: values.map { $0.1[i] },
        error: errors[i]
      ).difference
    }
    known[q] = result
    return result
  }
}

extension DoubleDouble {
  /// self · 2ⁿ as a `Double`.
  fileprivate func scaled(by n: Int) -> Double { Double(sign: .plus, exponent: n, significand: hi) }
}

extension Difference {
  /// Whether the derivative is known to 2⁻⁷⁰ of its size, or is zero to within rounding.
  var isSharp: Bool {
    let isSmooth = ratio.map { abs($0 - 4) < 1 } ?? true
    return isSmooth && estimate <= slope.hi.magnitude * 0x1p-70
  }

  /// The most trustworthy of several differences of one function.
  static func best(_ candidates: [Difference]) -> Difference {
    let smooth = candidates.filter { $0.kind == .smooth && $0.estimate.isFinite }
    guard let best = smooth.min(by: { $0.estimate < $1.estimate }), smooth.count > 1 else {
      return candidates.first { $0.kind != .smooth } ?? candidates[0]
    }
    if let kink = candidates.first, kink.kind == .kink || kink.kind == .undecided { return kink }
    let conflict =
      smooth.map { other in
        let distance = (best.slope - other.slope).hi.magnitude
        return distance <= best.tolerance + other.tolerance ? 0 : distance
      }.max() ?? 0
    return Difference(
      kind: .smooth, slope: best.slope, left: best.left, right: best.right,
      estimate: best.estimate + conflict, ratio: best.ratio)
  }
}

/// The values of one function on the ladder −4h, −2h, −h, 0, h, 2h, 4h.
private struct Rungs {
  let h: Double
  let zero: DoubleDouble
  /// φ(−h), φ(−2h), φ(−4h) and φ(h), φ(2h), φ(4h).
  let minus: [DoubleDouble]
  let plus: [DoubleDouble]
  let error: Double

  var difference: Difference {
    let (isLeft, isRight) = (minus.allSatisfy(\.isFinite), plus.allSatisfy(\.isFinite))
    guard zero.isFinite, isLeft || isRight else { return undecided }
    guard isLeft, isRight else {
      let (slope, estimate) = oneSided(isRight ? plus : minus, isRight ? h : -h)
      return Difference(
        kind: .edge, slope: slope, left: slope, right: slope, estimate: estimate, ratio: nil)
    }
    return isKink ? kink : smooth
  }

  private var undecided: Difference {
    Difference(
      kind: .undecided, slope: .nan, left: .nan, right: .nan, estimate: .infinity, ratio: nil)
  }

  /// D(h), D(2h), D(4h).
  private var central: [DoubleDouble] {
    (0..<3).map { (plus[$0] - minus[$0]) / DoubleDouble(2 * h * Double(1 << $0)) }
  }

  private var rounding: Double { 1.5 * error / h }

  private var smooth: Difference {
    let d = central
    let fine = (4 * d[0] - d[1]) / 3
    let coarse = (4 * d[1] - d[2]) / 3
    let step = (d[1] - d[0]).hi
    // Below three roundings the differences are those of a polynomial of degree two at most.
    let ratio = step.magnitude <= 3 * rounding ? nil : (d[2] - d[1]).hi / step
    return Difference(
      kind: .smooth, slope: fine, left: fine, right: fine,
      estimate: (fine - coarse).hi.magnitude / 15 + rounding, ratio: ratio)
  }

  private var kink: Difference {
    let (left, leftError) = oneSided(minus, -h)
    let (right, rightError) = oneSided(plus, h)
    return Difference(
      kind: .kink, slope: central[0], left: left, right: right,
      estimate: max(leftError, rightError), ratio: nil)
  }

  /// s(h) = [φ(h) − 2φ(0) + φ(−h)]/h is Δ + hφ″ with Δ the jump of the slope: s(2h)/s(h) is 2 where
  /// Δ = 0 and 1 where it is not; √2 lies in the middle. Rounding leaves at most r = 4E/h in s(h)
  /// and half of that in s(2h): from s(h) > 5r on, a smooth s(2h) exceeds (2 − 2.5/5) s(h).
  private var isKink: Bool {
    let s = (0..<2).map {
      ((plus[$0] - zero) + (minus[$0] - zero)).hi.magnitude / (h * Double(1 << $0))
    }
    return s[0] > 5 * (4 * error / h) && s[1] < 2.0.squareRoot() * s[0]
  }

  /// [−3φ(0) + 4φ(h) − φ(2h)]/(2h) errs by O(h²); one Richardson step leaves O(h³). The estimate
  /// is what that step changed, the error of the formula before it; the weights 3 + 4 + 1 and
  /// 4/3 + 1/3 carry at most 7E/h of rounding.
  private func oneSided(_ side: [DoubleDouble], _ h: Double) -> (DoubleDouble, Double) {
    func slope(_ k: Int) -> DoubleDouble {
      let near = 4 * (side[k] - zero)
      return (near - (side[k + 1] - zero)) / DoubleDouble(2 * h * Double(1 << k))
    }
    let (fine, coarse) = (slope(0), slope(1))
    let best = (4 * fine - coarse) / 3
    return (best, (best - fine).hi.magnitude + 7 * error / abs(h))
  }
}
