// Which primitives a program consists of, and how often: its summary, and what two programs that compute
// the same thing are first compared by.

extension Jaxpr {
  /// How many equations apply each primitive, those of programs inside included; the most frequent
  /// first, equally frequent ones by name.
  public var primitiveCounts: [(name: String, count: Int)] {
    var counts: [String: Int] = [:]
    count(into: &counts)
    return counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  private func count(into counts: inout [String: Int]) {
    for eqn in eqns {
      counts[eqn.primitive.name, default: 0] += 1
      for program in eqn.primitive.programs { program.jaxpr.count(into: &counts) }
    }
  }
}
