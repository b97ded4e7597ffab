// Aligned columns: headers, a rule, rows; one column gives way when the terminal is narrow.

/// A table of text.
struct TextTable {
  private let headers: [String]
  private let shrinking: Int
  private var rows: [[String]] = []

  /// A table with these headers; column `shrinking` is cut where the width does not suffice.
  init(_ headers: [String], shrinking: Int) {
    self.headers = headers
    self.shrinking = shrinking
  }

  /// Appends a row of as many cells as there are headers.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table, no line longer than `width` if the other columns leave room; empty without rows.
  func text(width: Int) -> String {
    if rows.isEmpty { return "" }
    var widths = headers.indices.map { column in
      ([headers] + rows).map { $0[column].count }.max() ?? 0
    }
    let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    if excess > 0 {
      widths[shrinking] = max(headers[shrinking].count + 8, widths[shrinking] - excess)
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([headers, rule] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(cells, widths).map { cell, width in
      cell.count <= width
        ? cell.padded(to: width) : String(cell.prefix(width - 1)) + "…"
    }
    let line = padded.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

extension String {
  /// The text followed by spaces up to `width` characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
