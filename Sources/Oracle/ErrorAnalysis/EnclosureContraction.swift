// Sums, products and contractions, for every order in which an implementation may combine.
//
// With each operand as center c and radius r, |x̂ − c| ≤ r:
//   Σ x̂:      |Σ x̂ − Σ c| ≤ Σ r,              rounding γ_(n−1) Σ (|c| + r)
//   Σ x̂ ŷ:    ≤ Σ (|c|s + r|d| + rs),          rounding γ_K Σ (|c| + r)(|d| + s)
// (Higham, Accuracy and Stability of Numerical Algorithms, §3.1, any order of evaluation).

import Core

extension EnclosureRule {
  func reduce(_ op: Reduction, _ axes: [Int], _ x: Enclosure) throws -> Enclosure {
    let count = axes.reduce(1) { $0 * x.aval.shape[$1] }
    switch op {
    case .max, .min: return try image([x], along: .same)
    case .sum where x.aval.dtype.isInexact: return try sum(x, count)
    case .prod where x.aval.dtype.isInexact: return try product(x, count)
    case .sum: return try wholeSum(x, count)
    case .and where x.aval.dtype == .bool: return try image([x], along: .same)
    case .or where x.aval.dtype == .bool: return try image([x], along: .same)
    case .and, .or, .xor, .prod: return try wholeNumber([x])
    }
  }

  /// A sum of whole numbers rises with each of them unless it wraps.
  func wholeSum(_ x: Enclosure, _ count: Int) throws -> Enclosure {
    let largest = x.lower.indices.reduce(0.0) { Swift.max($0, Double(x.magnitude($1))) }
    let range = out.dtype == .u32 && x.lower.allSatisfy { $0 >= 0 } ? 0x1p32 : 0x1p31
    let wraps = !(largest * Double(count) < range)
    return try wraps ? wholeNumber([x]) : image([x], along: .same)
  }

  func sum(_ x: Enclosure, _ count: Int) throws -> Enclosure {
    let parts = CenterRadius(x)
    let center = try evaluate(primitive, [x.center], like: [x])
    let spread = try evaluate(primitive, [parts.radius], like: [x])
    let scale = try evaluate(primitive, [parts.magnitude], like: [x])
    return around(center, spread: spread, scale: scale, roundings: count - 1, x.isExact)
  }

  /// |∏ x̂ − ∏ c| ≤ ∏(|c| + r) − ∏|c|, rounding γ_(n−1) ∏(|c| + r). A partial product that may leave
  /// the range of the format, and come back, opens the element.
  func product(_ x: Enclosure, _ count: Int) throws -> Enclosure {
    let parts = CenterRadius(x)
    let center = try evaluate(primitive, [x.center], like: [x])
    let scale = try evaluate(primitive, [parts.magnitude], like: [x])
    let exact = try evaluate(primitive, [x.center.map { DoubleDouble.absolute($0) }], like: [x])
    let largest = try evaluate(primitive, [parts.magnitude.map { .maximum($0, 1) }], like: [x])
    let smallest = try evaluate(primitive, [parts.magnitude.map { .minimum($0, 1) }], like: [x])
    let spread = zip(scale, exact).map { $0 - $1 }
    let bounds = around(center, spread: spread, scale: scale, roundings: count - 1, x.isExact)
    guard let precision = Precision(out.dtype) else { return bounds }
    var (lower, upper) = (bounds.lower, bounds.upper)
    for i in center.indices where !center[i].isNaN && center[i] != 0 {
      let overflows = largest[i] >= precision.overflow
      let underflows = smallest[i] < DoubleDouble(precision.leastNormal)
      if count > 2 && (overflows || underflows) { (lower[i], upper[i]) = wholeLine }
    }
    return Enclosure(out, center: center, lower: lower, upper: upper)
  }

  func dotGeneral(_ x: Enclosure, _ y: Enclosure) throws -> Enclosure {
    guard x.aval.dtype.isInexact, case .dotGeneral(let numbers) = primitive else {
      return try wholeNumber([x, y])
    }
    let terms = numbers.lhsContracting.reduce(1) { $0 * x.aval.shape[$1] }
    return try bilinear(x, y, terms: terms)
  }

  /// A sum of at most `terms` products of an element of x and one of y.
  func bilinear(_ x: Enclosure, _ y: Enclosure, terms: Int) throws -> Enclosure {
    let (a, b) = (CenterRadius(x), CenterRadius(y))
    func dot(_ u: [DoubleDouble], _ v: [DoubleDouble]) throws -> [DoubleDouble] {
      try evaluate(primitive, [u, v], like: [x, y])
    }
    let center = try dot(x.center, y.center)
    let scale = try dot(a.magnitude, b.magnitude)
    let isExact = x.isExact && y.isExact
    let zero = center.map { _ in DoubleDouble.zero }
    // (|c| + r)(|d| + s) − |c||d| = |c|s + r|d| + rs
    let exactScale = isExact ? scale : try dot(a.absoluteCenter, b.absoluteCenter)
    let spread = isExact ? zero : zip(scale, exactScale).map { $0 - $1 }
    return around(center, spread: spread, scale: scale, roundings: terms, isExact)
  }

  /// center ± (spread + γ_k scale + k underflows), open where infinities meet inexact operands.
  func around(
    _ center: [DoubleDouble], spread: [DoubleDouble], scale: [DoubleDouble], roundings k: Int,
    _ isExact: Bool
  ) -> Enclosure {
    guard let precision = Precision(out.dtype) else {
      return Enclosure(out, center: center, lower: center, upper: center)
    }
    let gamma = DoubleDouble(Double.gamma(Swift.max(k, 0), precision.unitRoundoff))
    let underflow = DoubleDouble(Double(Swift.max(k, 0)) * model.underflow(precision))
    var (lower, upper) = (center, center)
    for i in center.indices {
      guard center[i].isFinite else {
        if !isExact { (lower[i], upper[i]) = wholeLine }
        continue
      }
      let radius = spread[i] + gamma * scale[i] + underflow
      (lower[i], upper[i]) = radius.isFinite ? (center[i] - radius, center[i] + radius) : wholeLine
      model.roundOut(&lower[i], &upper[i], precision)
      if k > 1 && scale[i] >= precision.overflow { (lower[i], upper[i]) = wholeLine }
    }
    return Enclosure(out, center: center, lower: lower, upper: upper)
  }
}

/// Intervals as center and radius.
private struct CenterRadius {
  let absoluteCenter: [DoubleDouble]
  let radius: [DoubleDouble]
  /// |c| + r.
  let magnitude: [DoubleDouble]

  init(_ x: Enclosure) {
    absoluteCenter = x.center.map { DoubleDouble.absolute($0) }
    // Exactly known operands have radius 0, infinities too, but only if they are the truth itself.
    radius = x.center.indices.map { i in
      let apart = [x.center[i] - x.lower[i], x.upper[i] - x.center[i]]
      return x.lower[i] == x.center[i] && x.upper[i] == x.center[i]
        ? 0 : DoubleDouble.maximum(apart[0], apart[1])
    }
    magnitude = zip(absoluteCenter, radius).map { $0 + $1 }
  }
}
