// Power series in double-double, as short as their radius allows.
//
// The elementary functions give coefficients by formula; this type decides how many are needed and
// which of them a `Double` can carry. Both decisions follow from the sizes |c_n| rⁿ alone.

/// Σ c_n xⁿ for |x| ≤ radius, to well below the last bit of a double-double.
struct PowerSeries: Sendable {
  /// The leading coefficients, which need all bits.
  private let head: [DoubleDouble]
  /// The coefficients after them, whose terms are so small that 53 bits suffice.
  private let tail: [Double]

  /// Keeps the terms above `smallest` of the first, and carries as `Double` those that 52 bits bring
  /// down to that: at most `count` terms, of which the last must not be needed.
  init(
    radius: Double, count: Int, smallest: Double = 0x1p-112,
    coefficient: (Int) -> DoubleDouble
  ) {
    let all = (0..<count).map(coefficient)
    var power = 1.0
    var weights: [Double] = []
    for c in all {
      weights.append(c.hi.magnitude * power / all[0].hi.magnitude)
      power *= radius
    }
    let needed = weights.prefix { $0 > smallest }.count
    precondition(needed < count, "the series needs more than \(count) terms")
    let full = weights.prefix { $0 > smallest * 0x1p52 }.count
    head = Array(all[..<full])
    tail = all[full..<needed].map(\.hi)
  }

  /// Horner's rule.
  func callAsFunction(_ x: DoubleDouble) -> DoubleDouble {
    var low = 0.0
    for c in tail.reversed() { low = low * x.hi + c }
    var sum = DoubleDouble(low)
    for c in head.reversed() { sum = sum * x + c }
    return sum
  }
}

/// 1/n!
func inverseFactorial(_ n: Int) -> DoubleDouble {
  1 / (1...max(n, 1)).reduce(DoubleDouble(1)) { $0 * DoubleDouble($1) }
}
