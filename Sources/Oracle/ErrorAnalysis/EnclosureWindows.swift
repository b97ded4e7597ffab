// Convolutions and windows: sums of products and sums bounded for every order of summation; a
// selection that operands not known exactly may tip is every selection that they allow.
//
//   conv:             as a dot product of K = features · ∏ window terms
//   reduce_window:    as a sum of ∏ window terms; max and min round nothing
//   select_and_gather: the hull of the tangents that may be selected
//   select_and_scatter: between the sum of what must land on an element and of what may,
//                       rounding γ_(m−1) Σ |source| over the m windows that may select it

import Core

extension EnclosureRule {
  func convolution(_ x: Enclosure, _ y: Enclosure, _ c: Convolution) throws -> Enclosure {
    guard x.aval.dtype.isInexact else { return try wholeNumber([x, y]) }
    let e = ConvExtents(c, lhs: x.aval.shape, rhs: y.aval.shape)
    let bounds = try bilinear(x, y, terms: e.terms)
    // Padding, holes and the features of other groups are zeros to some implementations (to XLA's,
    // in some dtypes), and 0 · ∞ is NaN: with an infinity or a NaN about, nothing is certain there.
    let isPlain =
      e.groups * e.batchGroups == 1
      && e.window.positions(over: e.space).allSatisfy { !$0.contains(nil) }
    guard !isPlain, !(x.isFinite && y.isFinite) else { return bounds }
    return Enclosure(
      out, center: bounds.center, lower: bounds.lower.map { _ in wholeLine.lower },
      upper: bounds.upper.map { _ in wholeLine.upper })
  }

  func reduceWindow(
    _ op: WindowReduction, _ x: Enclosure, _ window: Window
  ) throws -> Enclosure {
    switch op {
    case .max, .min: return try image([x], along: .same)
    case .sum where x.aval.dtype.isInexact: return try sum(x, window.dimensions.reduce(1, *))
    case .sum: return try wholeSum(x, window.dimensions.reduce(1, *))
    }
  }

  func gatherSelected(
    _ tangents: Enclosure, _ x: Enclosure, _ selection: Selection, _ window: Window
  ) -> Enclosure {
    let choices = window.positions(over: x.aval.shape).map {
      Choice(selection, x, $0, exact: selection.gathered)
    }
    func hull(_ choice: Choice, _ bound: (Int) -> DoubleDouble) -> [DoubleDouble] {
      choice.possible.map { $0.map(bound) ?? 0 }
    }
    let bounds = choices.map { choice in
      span(hull(choice) { tangents.lower[$0] } + hull(choice) { tangents.upper[$0] })
    }
    return Enclosure(
      out, center: choices.map { $0.center.map { tangents.center[$0] } ?? 0 },
      lower: bounds.map(\.lower), upper: bounds.map(\.upper))
  }

  func scatterSelected(
    _ source: Enclosure, _ x: Enclosure, _ selection: Selection, _ window: Window
  ) -> Enclosure {
    let zeros = [DoubleDouble](repeating: 0, count: out.size)
    var (center, least, most, scale) = (zeros, zeros, zeros, zeros)
    var counts = [Int](repeating: 0, count: out.size)
    for (place, sources) in window.positions(over: x.aval.shape).enumerated() {
      let choice = Choice(selection, x, sources, exact: selection.scattered)
      if let chosen = choice.center { center[chosen] += source.center[place] }
      let isSure = choice.possible.count == 1
      for case .some(let target) in choice.possible {
        least[target] += isSure ? source.lower[place] : .minimum(source.lower[place], 0)
        most[target] += isSure ? source.upper[place] : .maximum(source.upper[place], 0)
        scale[target] += source.magnitude(place)
        counts[target] += 1
      }
    }
    return landed(center, least, most, scale, counts, isExact: source.isExact && x.isExact)
  }

  /// The sums with their rounding, each over its own number of windows.
  private func landed(
    _ center: [DoubleDouble], _ least: [DoubleDouble], _ most: [DoubleDouble],
    _ scale: [DoubleDouble], _ counts: [Int], isExact: Bool
  ) -> Enclosure {
    let spread = center.indices.map { i in
      isExact ? 0 : DoubleDouble.maximum(center[i] - least[i], most[i] - center[i])
    }
    let largest = counts.max() ?? 0
    return around(
      center, spread: spread, scale: scale, roundings: Swift.max(largest - 1, 0), isExact)
  }
}

/// What a window may select from an operand that is known up to intervals.
private struct Choice {
  /// What it selects at the centers; nil for padding.
  let center: Int?
  /// Every position that it may select; nil among them when it may be padding.
  let possible: [Int?]

  /// - Parameter exact: the selection itself, from elements that are known.
  init(
    _ selection: Selection, _ x: Enclosure, _ sources: [Int?],
    exact: ([Int?], DoubleDouble, (Int) -> DoubleDouble) -> Int?
  ) {
    let worst: DoubleDouble = selection == .ge ? -.infinity : .infinity
    center = exact(sources, worst) { x.center[$0] }
    let real = sources.compactMap { $0 }
    guard !real.allSatisfy({ x.isExact($0) }) else {
      possible = [center]
      return
    }
    // Beaten for certain: at its best it is worse than another element at its worst.
    let best = real.map { selection == .ge ? x.upper[$0] : -x.lower[$0] }
    let least = real.map { selection == .ge ? x.lower[$0] : -x.upper[$0] }
    let isComparable = !(best + least).contains(where: \.isNaN)
    let mark = least.reduce(-DoubleDouble.infinity) { DoubleDouble.maximum($0, $1) }
    let contenders = real.indices.filter { !isComparable || best[$0] >= mark }
    possible = contenders.map { real[$0] } + (mark == -.infinity || !isComparable ? [nil] : [])
  }
}

extension Enclosure {
  fileprivate var isFinite: Bool {
    lower.indices.allSatisfy { lower[$0].isFinite && upper[$0].isFinite }
  }
}
