// Where a golden is known to be wrong, or to choose where a choice is free: docs/Divergences.md.
//
// There JAX's number is counted and not judged, and where only convention could decide, its choice
// binds nobody. Ours is judged by the truth all the same.

/// One entry of docs/Divergences.md that goldens contain.
struct NamedDivergence: Sendable {
  /// The section.
  let id: String
  /// The program, or `nil` for any.
  let program: String?
  /// The points: `random`, `special` or `subnormal`.
  let points: String

  /// Those that the fixtures hold.
  static let all = [
    NamedDivergence(id: "DV-1", program: nil, points: "subnormal"),
    NamedDivergence(id: "DV-9", program: "digamma", points: "special"),
    NamedDivergence(id: "DV-10", program: "reduce_prod", points: "special"),
  ]

  /// Those that concern a case.
  static func covering(_ golden: GoldenCase) -> [NamedDivergence] {
    all.filter { ($0.program ?? golden.program) == golden.program && $0.points == golden.points }
  }
}
