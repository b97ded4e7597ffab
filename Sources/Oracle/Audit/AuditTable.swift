// The audit's last page: one row per family of primitives and per program.
//
// Each cell is the worst of its row: errors beside their bounds in ulps, the drift between the two
// backends, and the largest of the faults that a check might have missed.

import Foundation

/// A report of audits as a table.
public struct AuditTable {
  private let report: Report

  /// The table of `report`.
  public init(_ report: Report) { self.report = report }

  /// The facts, the table, the failures and one line of summary.
  public var text: String {
    let facts = report.facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var table = TextTable(Self.headers, shrinking: 0)
    for group in groups { table.add(row(group)) }
    let head = [report.title] + facts + ["", table.text(width: Self.width)]
    return (head + failures + ["", summary]).joined(separator: "\n")
  }

  private static let width = 120

  private static let headers = [
    "subject", "runs", "reference", "openblas", "drift value", "drift grad", "kernel sees",
    "formula sees", "verdict",
  ]

  /// The findings by program, or by family where the family is one of primitives.
  private var groups: [(name: String, findings: [Finding])] {
    var order: [String] = []
    var groups: [String: [Finding]] = [:]
    for finding in report.findings {
      let key = finding.family == "program" ? finding.program : finding.family
      let name = "\(key) \(finding.dtype)"
      if groups[name] == nil { order.append(name) }
      groups[name, default: []].append(finding)
    }
    return order.map { ($0, groups[$0] ?? []) }
  }

  private func row(_ group: (name: String, findings: [Finding])) -> [String] {
    let checks = Dictionary(grouping: group.findings, by: \.check)
    func named(_ prefix: String) -> [Finding] {
      checks.filter { $0.key.hasPrefix(prefix) }.flatMap(\.value)
    }
    return [
      group.name, "\(named("drift of value").count)",
      worst(named("local error reference")), worst(named("local error openblas")),
      drift(named("drift of value")), drift(named("drift of gradient")),
      detects(named("local error")), detects(named("jvp =") + named("vjp =")),
      verdict(group.findings),
    ]
  }

  /// `error/bound` of the finding that uses most of its bound.
  private func worst(_ findings: [Finding]) -> String {
    let worst = findings.max { $0.share < $1.share }
    return worst.map { "\(fixed($0.observed))/\(fixed($0.allowed))" } ?? "–"
  }

  private func drift(_ findings: [Finding]) -> String {
    findings.map(\.observed).max().map { $0 == 0 ? "0" : scientific($0) } ?? "–"
  }

  private func detects(_ findings: [Finding]) -> String {
    // Above 1 the derivative itself is zero within its bounds: there is nothing to be relative to.
    findings.compactMap(\.detects).filter { $0 < 1 }.max().map(scientific) ?? "–"
  }

  private func verdict(_ findings: [Finding]) -> String {
    let order: [Verdict] = [.fail, .vacuous, .kink, .edge, .pass]
    let worst = order.first { verdict in findings.contains { $0.verdict == verdict } }
    return (worst ?? .vacuous).rawValue.uppercased()
  }

  private var failures: [String] {
    let failed = report.findings.filter { $0.verdict == .fail || $0.verdict == .vacuous }
    guard !failed.isEmpty else { return [] }
    return [""]
      + failed.map {
        "\($0.verdict.rawValue.uppercased()) \($0.subject): \($0.check)"
          + " \(scientific($0.observed)) \($0.unit), allowed \(scientific($0.allowed)). \($0.detail)"
      }
  }

  private var summary: String {
    let compared = report.findings.reduce(0) { $0 + $1.compared }
    return "\(report.findings.count) checks of \(compared) numbers, "
      + "\(report.failures.count) outside their derived bounds"
  }

  private func fixed(_ x: Double) -> String { String(format: "%.2f", x) }
  private func scientific(_ x: Double) -> String { String(format: "%.1e", x) }
}

extension Finding {
  /// How much of what is allowed was used.
  fileprivate var share: Double { observed == 0 ? 0 : observed / allowed }

  /// The dtype of the first operand, from the subject's label.
  fileprivate var dtype: String {
    guard let open = subject.firstIndex(of: "(") else { return "" }
    return String(subject[subject.index(after: open)...].prefix { $0 != "[" && $0 != ")" })
  }

  /// The name of the program, from the subject's label.
  fileprivate var program: String { String(subject.prefix { $0 != "(" }) }
}
