// Reading and writing at computed places: nothing is rounded but the sums and products of a scatter.
//
// An element that n updates meet is a sum or a product of n + 1 numbers in some order, with c and r
// the center and radius of each:
//   Σ: spread Σ r, rounding γ_n Σ (|c| + r);   ∏: spread ∏(|c| + r) − ∏|c|, rounding γ_n ∏(|c| + r)
// (Higham, Accuracy and Stability of Numerical Algorithms, §3.1 and §3.4). Where an index is not known
// exactly, nothing is known of the result.

import Core

extension EnclosureRule {
  /// Monotone in every operand, and exact.
  func windows(_ x: [Enclosure]) throws -> Enclosure {
    let indices = x.dropFirst(primitive == .dynamicUpdateSlice ? 2 : 1)
    guard indices.allSatisfy(\.isExact) else { return try unknown(x) }
    return try image(x, along: .same)
  }

  func scatter(
    _ op: ScatterCombination, _ p: ScatterParameters, _ x: [Enclosure]
  ) throws -> Enclosure {
    guard x[1].isExact else { return try unknown(x) }
    switch op {
    case .set, .min, .max: return try image(x, along: .same)
    case .add, .mul:
      if out.dtype.isInexact { return try combined(op, p, x) }
      return x.allSatisfy(\.isExact) ? try image(x, along: .same) : try unknown(x)
    }
  }

  /// The truth, and everything around it.
  private func unknown(_ x: [Enclosure]) throws -> Enclosure {
    let center = try evaluate(primitive, x.map(\.center), like: x)
    return Enclosure(
      out, center: center, lower: center.map { _ in wholeLine.lower },
      upper: center.map { _ in wholeLine.upper })
  }

  private func combined(
    _ op: ScatterCombination, _ p: ScatterParameters, _ x: [Enclosure]
  ) throws -> Enclosure {
    func run(
      _ op: ScatterCombination, _ operand: [DoubleDouble], _ updates: [DoubleDouble]
    ) throws -> [DoubleDouble] {
      try evaluate(.scatter(op, p), [operand, x[1].center, updates], like: x)
    }
    let (a, b) = (MidRadius(x[0]), MidRadius(x[2]))
    let counts = try run(.add, a.center.map { _ in 0 }, b.center.map { _ in 1 })
    let center = try run(op, a.center, b.center)
    let scale = try run(op, a.magnitude, b.magnitude)
    let spread =
      op == .add
      ? try run(.add, a.radius, b.radius)
      : try zip(scale, run(.mul, a.absolute, b.absolute)).map { $0 - $1 }
    let passes = try op == .add ? (scale, nil) : extremes(a, b, run)
    let areExact = x[0].isExact && x[2].isExact
    let intervals = center.indices.map { i in
      let n = Double(counts[i])
      if n == 0 { return (lower: x[0].lower[i], upper: x[0].upper[i]) }
      // An infinity or a NaN that is certain stays; one that roundings may make or avoid does not.
      if areExact && !center[i].isFinite { return (center[i], center[i]) }
      return around(
        center[i], n, spread: spread[i], scale: scale[i],
        largest: passes.0[i], smallest: passes.1?[i])
    }
    return Enclosure(
      out, center: center, lower: intervals.map(\.lower), upper: intervals.map(\.upper))
  }

  /// center ± (spread + γ_n scale + n underflows); open where a partial result may leave the format.
  private func around(
    _ center: DoubleDouble, _ n: Double, spread: DoubleDouble, scale: DoubleDouble,
    largest: DoubleDouble, smallest: DoubleDouble?
  ) -> (lower: DoubleDouble, upper: DoubleDouble) {
    guard let precision = Precision(out.dtype) else { return wholeLine }
    let gamma = DoubleDouble(Double.gamma(Int(n), precision.unitRoundoff))
    let radius = spread + gamma * scale + DoubleDouble(n * model.underflow(precision))
    let leaves =
      largest >= precision.overflow
      || smallest.map { $0 < DoubleDouble(precision.leastNormal) } ?? false
    guard center.isFinite, radius.isFinite, n == 1 || !leaves else { return wholeLine }
    var (lower, upper) = (center - radius, center + radius)
    model.roundOut(&lower, &upper, precision)
    return (lower, upper)
  }

  /// The largest and the smallest product that any order may pass through.
  private func extremes(
    _ a: MidRadius, _ b: MidRadius,
    _ run: (ScatterCombination, [DoubleDouble], [DoubleDouble]) throws -> [DoubleDouble]
  ) throws -> ([DoubleDouble], [DoubleDouble]?) {
    let large = try run(
      .mul, a.magnitude.map { .maximum($0, 1) }, b.magnitude.map { .maximum($0, 1) })
    let small = try run(
      .mul, a.magnitude.map { .minimum($0, 1) }, b.magnitude.map { .minimum($0, 1) })
    return (large, small)
  }
}

/// Intervals as center and radius.
private struct MidRadius {
  let center: [DoubleDouble]
  let absolute: [DoubleDouble]
  let radius: [DoubleDouble]
  /// |c| + r.
  let magnitude: [DoubleDouble]

  init(_ x: Enclosure) {
    center = x.center
    absolute = x.center.map { DoubleDouble.absolute($0) }
    radius = x.center.indices.map { i in
      x.isExact(i) && x.lower[i] == x.center[i]
        ? 0 : DoubleDouble.maximum(x.center[i] - x.lower[i], x.upper[i] - x.center[i])
    }
    magnitude = zip(absolute, radius).map { $0 + $1 }
  }
}
