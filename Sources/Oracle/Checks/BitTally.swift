// Comparisons that admit no difference at all: shape, dtype and every bit.
//
// A NaN equals the same NaN. Such a check sees a relative change of one unit in the last place.

import Core

/// A running summary of bitwise comparisons.
struct BitTally {
  private var compared = 0
  private var different = 0
  private var first = ""
  private var spacing = 0.0

  /// Compares tensor by tensor; `name` says in a finding what stood on the left.
  mutating func compare(_ x: [Tensor], _ y: [Tensor], _ name: String) throws {
    guard x.map(\.aval) == y.map(\.aval) else {
      note("\(name) has type \(x.map(\.aval)), expected \(y.map(\.aval))")
      compared += 1
      return
    }
    for (i, (x, y)) in zip(x, y).enumerated() {
      try compare(x.buffer, y.buffer, "\(name), result \(i)")
    }
  }

  /// Compares element by element.
  mutating func compare(_ x: Buffer, _ y: Buffer, _ name: String) {
    compared += x.storage.count
    if let precision = Precision(x.aval.dtype) {
      spacing = max(spacing, 2 * precision.unitRoundoff)
    }
    if x.storage.isBitwiseEqual(to: y.storage) { return }
    let (left, right) = (x.storage.exact, y.storage.exact)
    for i in left.indices where !isSame(left[i], right[i]) {
      note("\(name) \(located(i, [x.shape], "")): \(left[i]), expected \(right[i])")
    }
    if different == 0 { note("\(name): the sign of a zero or the bits of a NaN differ") }
  }

  private func isSame(_ x: DoubleDouble, _ y: DoubleDouble) -> Bool {
    x == y && x.hi.sign == y.hi.sign || x.isNaN && y.isNaN
  }

  private mutating func note(_ text: String) {
    if different == 0 { first = text }
    different += 1
  }

  /// The finding: passed only if nothing differed.
  func finding(subject: String, family: String, check: String, note: String = "") -> Finding {
    Finding(
      subject: subject, family: family, check: check, verdict: different == 0 ? .pass : .fail,
      observed: Double(different), allowed: 0, unit: "elements",
      detects: spacing > 0 ? spacing : nil, compared: compared,
      detail: [note, first].filter { !$0.isEmpty }.joined(separator: "; "))
  }
}
