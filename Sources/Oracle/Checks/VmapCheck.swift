// vmap is a loop written otherwise: on the reference both give the same bits.
//
// Examples are stacked at every position that the mapped axis can take: one operand mapped while
// the others are shared, then all of them, each at another axis. Results must come out along the
// last axis as well as along the first.

import Core

/// The vmap check of one function.
struct VmapCheck {
  private let function: @Sendable ([Tensor]) throws -> [Tensor]
  private let subject: String
  private let family: String

  init(
    _ function: @escaping @Sendable ([Tensor]) throws -> [Tensor], subject: String, family: String
  ) {
    (self.function, self.subject, self.family) = (function, subject, family)
  }

  /// vmap(f) over `draws`, lists of operands of equal types, against f of each.
  func findings(draws: [[Tensor]]) throws -> [Finding] {
    guard let first = draws.first, !first.isEmpty else { return [] }
    var tally = BitTally()
    for axes in mappings(first.map(\.rank)) {
      try compare(draws, axes, &tally)
    }
    return [tally.finding(subject: subject, family: family, check: "vmap = loop")]
  }

  /// Every axis of every operand alone, then all operands at once at different axes.
  private func mappings(_ ranks: [Int]) -> [[Int?]] {
    let alone = ranks.indices.flatMap { operand in
      (0...ranks[operand]).map { axis in ranks.indices.map { $0 == operand ? axis : nil } }
    }
    let together = ranks.enumerated().map { i, rank in Optional(i % (rank + 1)) }
    return ranks.count > 1 ? alone + [together] : alone
  }

  private func compare(_ draws: [[Tensor]], _ axes: [Int?], _ tally: inout BitTally) throws {
    let operands = try axes.indices.map { i in
      try axes[i].map { try stack(draws.map { $0[i] }, axis: $0) } ?? draws[0][i]
    }
    let rows = try draws.map { draw in
      try function(axes.indices.map { axes[$0] == nil ? draws[0][$0] : draw[$0] })
    }
    for isLast in [false, true] {
      let outAxes = rows[0].map { isLast ? $0.rank : 0 }
      let mapped = try vmap(function, inAxes: axes, outAxes: outAxes)(operands)
      let looped = try rows[0].indices.map { out in
        try stack(rows.map { $0[out] }, axis: outAxes[out])
      }
      let names = axes.map { $0.map(String.init) ?? "nil" }.joined(separator: ", ")
      try tally.compare(mapped, looped, "vmap(inAxes: [\(names)], outAxes: \(outAxes))")
    }
  }
}
