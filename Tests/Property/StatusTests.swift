// Laws of the table of docs/Status.md: no cell without a text or a reason, no reason without a cell.

import Foundation
import Status
import Testing

@Suite struct StatusTests {
  /// A row of texts, but for a gap in the column of vmap.
  private func row(_ name: String) -> StatusRow {
    let cells = StatusColumn.allCases.map { ($0, $0 == .vmap ? StatusCell.gap : .text("rule")) }
    return StatusRow(name: name, cells: Dictionary(uniqueKeysWithValues: cells))
  }

  private func problem(_ rows: [StatusRow], _ reasons: [StatusReason]) -> String {
    do {
      _ = try StatusTable(rows, reasons: reasons)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `a gap shows the number of its reason`() throws {
    let reasons = [StatusReason(.vmap, "iota", "no operand")]
    let text = try StatusTable([row("iota")], reasons: reasons).markdown
    #expect(text.contains("| iota | rule | rule | rule | rule | – [1] | rule |"))
    #expect(text.contains("1. *vmap*: no operand"))
  }

  @Test func `a gap without a reason is refused`() {
    #expect(problem([row("iota")], []).hasPrefix(#"no reason for ["iota vmap"]"#))
    let other = [StatusReason(.jvp, "iota", "of another column")]
    #expect(problem([row("iota")], other).hasPrefix(#"no reason for ["iota vmap"]"#))
  }

  @Test func `a reason that no cell needs is refused`() {
    let reasons = [StatusReason(.vmap, "iota sin", "no operand")]
    #expect(problem([row("iota")], reasons).contains(#"no cell needs: ["sin vmap"]"#))
  }

  /// Asks every primitive; each answer that is wrong throws.
  @Test func `every cell of every primitive has a text or a reason`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "fixtures")
    let fixtures = files.filter { $0.hasSuffix(".h5") }.sorted().map { "fixtures/\($0)" }
    let text = try StatusTable(fixtures: fixtures).markdown
    #expect(!text.contains("|  |"))
    for name in ["sin", "psum", "scan", "custom_vjp_call"] {
      #expect(text.contains("\n| \(name) |"))
    }
  }
}
