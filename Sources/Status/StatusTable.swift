// docs/Status.md: what is known of each primitive, found out by the program itself.
//
// Invariant: a cell has a text that was found, or a reason of the table; a reason that no cell needs
// and a cell that has none are errors, so the table cannot be written.

import Catalogue
import Core

/// The table of every primitive.
package struct StatusTable {
  private let rows: [StatusRow]
  private let reasons: [StatusReason]

  /// The table, with the goldens of the fixture files at `fixtures`.
  /// - Throws: `StatusError` for a gap without a reason and a reason without a gap.
  package init(fixtures: [String]) throws {
    let goldens = try StatusGoldens(fixtures: fixtures)
    let rows = try Probe.all().sorted { $0.key < $1.key }.map { name, probes in
      try StatusRow(name, probes, goldens)
    }
    try self.init(rows, reasons: statusReasons)
  }

  /// A table of rows that are known already.
  package init(_ rows: [StatusRow], reasons: [StatusReason]) throws {
    (self.rows, self.reasons) = (rows, reasons)
    let gaps = rows.flatMap { row in
      StatusColumn.allCases.filter { row.cells[$0] == .gap }.map { Gap($0, row.name) }
    }
    let explained = reasons.flatMap { reason in
      reason.primitives.map { Gap(reason.column, $0) }
    }
    let missing = Set(gaps).subtracting(explained).map(\.description).sorted()
    let unused = Set(explained).subtracting(gaps).map(\.description).sorted()
    guard missing.isEmpty, unused.isEmpty else {
      throw StatusError(
        description: "no reason for \(missing); reasons that no cell needs: \(unused) "
          + "(Sources/Status/StatusReasons.swift)")
    }
  }

  /// The file.
  package var markdown: String {
    let header = ["primitive"] + StatusColumn.allCases.map(\.rawValue)
    let lines = rows.map { row in
      [row.name] + StatusColumn.allCases.map { text(row, $0) }
    }
    let table = [header, header.map { _ in "---" }] + lines
    let notes = reasons.enumerated().map { "\($0 + 1). *\($1.column.rawValue)*: \($1.text)" }
    return statusIntroduction + "\n"
      + table.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
      + "\n\n## Why a cell is empty\n\n" + notes.joined(separator: "\n") + "\n"
  }

  private func text(_ row: StatusRow, _ column: StatusColumn) -> String {
    switch row.cells[column] {
    case .text(let text): text
    case .gap, nil:
      reasons.firstIndex { $0.column == column && $0.primitives.contains(row.name) }
        .map { "– [\($0 + 1)]" } ?? ""
    }
  }
}

/// One empty cell.
private struct Gap: Hashable, CustomStringConvertible {
  let column: StatusColumn
  let name: String

  init(_ column: StatusColumn, _ name: String) { (self.column, self.name) = (column, name) }

  var description: String { "\(name) \(column.rawValue)" }
}

extension StatusRow {
  /// Every column asked.
  fileprivate init(_ name: String, _ probes: [Probe], _ goldens: StatusGoldens) throws {
    let questions = StatusQuestions(probes: probes)
    func cell(_ column: StatusColumn) throws -> StatusCell {
      switch column {
      case .typing: try questions.typing()
      case .value: try questions.value()
      case .jvp: try questions.jvp()
      case .transpose: try questions.transpose()
      case .vmap: try questions.vmapped()
      case .bound: try questions.bound()
      case .plan: try questions.plan()
      case .goldenF32: goldens.cases(name, .f32, isTaken: probes.contains { $0.touches(.f32) })
      case .goldenF64: goldens.cases(name, .f64, isTaken: probes.contains { $0.touches(.f64) })
      case .kinks: goldens.kinks(name)
      }
    }
    self.init(
      name: name,
      cells: try Dictionary(
        uniqueKeysWithValues: StatusColumn.allCases.map { ($0, try cell($0)) }))
  }
}
