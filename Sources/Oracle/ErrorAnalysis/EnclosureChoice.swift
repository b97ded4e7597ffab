// Comparisons and choices: an operand that is not known exactly may tip them either way.

import Core

extension EnclosureRule {
  /// False and true are 0 and 1; both are possible where the operands' intervals overlap.
  func compare(_ op: Comparison, _ x: Enclosure, _ y: Enclosure) -> Enclosure {
    if x.origin === y.origin { return selfComparison(op, x) }
    func at(_ e: Enclosure, _ i: Int) -> Int { e.aval.rank == 0 ? 0 : i }
    let outcomes = (0..<out.size).map { i in
      possible(op, x, at(x, i), y, at(y, i))
    }
    let centers = (0..<out.size).map { i in
      DoubleDouble(op.holds(x.center[at(x, i)], y.center[at(y, i)]) ? 1 : 0)
    }
    return Enclosure(
      out, center: centers, lower: outcomes.map { $0.canFail ? 0 : 1 },
      upper: outcomes.map { $0.canHold ? 1 : 0 })
  }

  /// Whatever a number is, it equals itself unless it is NaN, which an element that is not open
  /// decides.
  private func selfComparison(_ op: Comparison, _ x: Enclosure) -> Enclosure {
    func holds(_ x: DoubleDouble) -> DoubleDouble { op.holds(x, x) ? 1 : 0 }
    let elements = 0..<out.size
    return Enclosure(
      out, center: x.center.map(holds),
      lower: elements.map { x.isOpen($0) ? 0 : holds(x.lower[$0]) },
      upper: elements.map { x.isOpen($0) ? 1 : holds(x.lower[$0]) })
  }

  private func possible(
    _ op: Comparison, _ x: Enclosure, _ i: Int, _ y: Enclosure, _ j: Int
  ) -> (canHold: Bool, canFail: Bool) {
    if x.isOpen(i) || y.isOpen(j) { return (true, true) }
    let (a, b) = ((x.lower[i], x.upper[i]), (y.lower[j], y.upper[j]))
    if x.isExact(i) && y.isExact(j) {
      let holds = op.holds(a.0, b.0)
      return (holds, !holds)
    }
    if a.0.isNaN || b.0.isNaN { return op == .ne ? (true, false) : (false, true) }
    switch op {
    case .lt: return (a.0 < b.1, a.1 >= b.0)
    case .le: return (a.0 <= b.1, a.1 > b.0)
    case .gt: return (a.1 > b.0, a.0 <= b.1)
    case .ge: return (a.1 >= b.0, a.0 < b.1)
    case .eq: return (a.0 <= b.1 && b.0 <= a.1, true)
    case .ne: return (true, a.0 <= b.1 && b.0 <= a.1)
    }
  }

  /// The union of the cases that may be chosen, or the only one.
  func select(_ which: Enclosure, _ cases: [Enclosure]) -> Enclosure {
    func index(_ bound: DoubleDouble) -> Int {
      Swift.min(Swift.max(Int(Double(bound)), 0), cases.count - 1)
    }
    if which.isExact, which.center == which.lower, let only = Set(which.lower.map(index)).only {
      return cases[only]
    }
    var (center, lower, upper) = ([DoubleDouble](), [DoubleDouble](), [DoubleDouble]())
    for i in 0..<out.size {
      let w = which.aval.rank == 0 ? 0 : i
      let open = which.isOpen(w)
      let range =
        (open ? 0 : index(which.lower[w]))...(open ? cases.count - 1 : index(which.upper[w]))
      let union = span(range.flatMap { [cases[$0].lower[i], cases[$0].upper[i]] })
      center.append(cases[index(which.center[w])].center[i])
      lower.append(union.lower)
      upper.append(union.upper)
    }
    return Enclosure(out, center: center, lower: lower, upper: upper)
  }

  /// The index of the extremum: certain if the ends and the truth agree, else any.
  func argReduce(_ x: Enclosure, extent: Int) throws -> Enclosure {
    let image = try cornerImage([x])
    guard !x.isExact else { return image }
    let last = DoubleDouble(Double(extent - 1))
    let isSure = image.lower.indices.map { image.lower[$0] == image.upper[$0] && out.size == 1 }
    return Enclosure(
      out, center: image.center,
      lower: image.lower.indices.map { isSure[$0] ? image.lower[$0] : 0 },
      upper: image.upper.indices.map { isSure[$0] ? image.upper[$0] : last })
  }
}

extension Set {
  /// The element of a set of one.
  fileprivate var only: Element? { count == 1 ? first : nil }
}
