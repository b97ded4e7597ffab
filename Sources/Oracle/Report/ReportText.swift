// A report as text: what was run, one aligned row per finding, failures spelled out, a summary.
//
// Every row states what was observed, what was allowed, in which unit, and the smallest relative
// fault that the check would have seen. The same content is in the JSON.

extension Report {
  /// The whole report for a terminal of `width` columns; the subject gives way first.
  public func text(width: Int = 100) -> String {
    var table = TextTable(
      ["subject", "check", "observed", "allowed", "unit", "detects", "verdict"], shrinking: 0)
    for f in findings {
      table.add([
        f.subject, f.check, number(f.observed), number(f.allowed), f.unit,
        detection(f.detects), f.verdict.rawValue,
      ])
    }
    return ([head] + [table.text(width: width)] + failuresText + [summary])
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// One row per family and check: the worst observed beside its bound, and the weakest detection.
  public func familyTable(width: Int = 100) -> String {
    var table = TextTable(
      ["family", "check", "subjects", "worst", "allowed", "unit", "detects", "verdict"],
      shrinking: 1)
    for (family, check) in familiesAndChecks {
      let rows = findings.filter { $0.family == family && $0.check == check }
      guard let worst = rows.max(by: { $0.use < $1.use }) else { continue }
      let detects = rows.compactMap(\.detects).max()
      table.add([
        family, check, "\(rows.count)", number(worst.observed), number(worst.allowed), worst.unit,
        detection(detects), rows.map(\.verdict).worst.rawValue,
      ])
    }
    return table.text(width: width)
  }

  /// How many findings ended how, on one line.
  public var summary: String {
    let counts = Verdict.inOrder.compactMap { verdict in
      let count = findings.filter { $0.verdict == verdict }.count
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
    let compared = findings.reduce(0) { $0 + $1.compared }
    return "\(findings.count) findings: \(counts.joined(separator: ", ")); "
      + "\(compared) numbers compared"
  }

  /// The title and the facts.
  private var head: String {
    let width = facts.keys.map(\.count).max() ?? 0
    let lines = facts.sorted { $0.key < $1.key }.map {
      "  \($0.key.padded(to: width))  \($0.value)"
    }
    return ([title] + lines).joined(separator: "\n")
  }

  /// Each failure and each vacuous finding with its place.
  private var failuresText: [String] {
    findings.filter { $0.verdict == .fail || $0.verdict == .vacuous }.map { f in
      let margin = "observed \(number(f.observed)), allowed \(number(f.allowed)) \(f.unit)"
      return "\(f.verdict.rawValue.uppercased()) \(f.subject)\n  \(f.check): \(margin)\n  "
        + f.detail.split(separator: "; ").joined(separator: "\n  ")
    }
  }

  /// Each family with each of its checks, in the order of the findings.
  private var familiesAndChecks: [(String, String)] {
    var seen: Set<String> = []
    let families = findings.map(\.family).filter { seen.insert($0).inserted }
    return families.flatMap { family in
      var known: Set<String> = []
      return findings.filter { $0.family == family }.map(\.check)
        .filter { known.insert($0).inserted }.map { (family, $0) }
    }
  }
}

extension Finding {
  /// How much of the allowance is used; a failure ranks above every pass.
  fileprivate var use: Double {
    let share = observed == 0 ? 0 : allowed == 0 ? .greatestFiniteMagnitude : observed / allowed
    return verdict == .fail ? .infinity : share
  }
}

extension Verdict {
  /// From good to bad.
  static let inOrder: [Verdict] = [.pass, .edge, .kink, .vacuous, .fail]
}

extension [Verdict] {
  /// The worst of them.
  fileprivate var worst: Verdict {
    Verdict.inOrder.reversed().first { contains($0) } ?? .vacuous
  }
}

/// The smallest fault that is seen: any at all where no rounding is allowed.
private func detection(_ x: Double?) -> String {
  guard let x else { return "-" }
  return x == 0 ? "any" : "≥ " + short(x)
}

/// Two significant digits; nothing for what is exactly zero.
private func number(_ x: Double) -> String { x == 0 ? "0" : short(x) }
