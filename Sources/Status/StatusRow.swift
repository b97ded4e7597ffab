// A row of the table: what each column found out about one primitive, and the reasons for the gaps.

/// The columns, in order.
package enum StatusColumn: String, CaseIterable {
  case typing, value, jvp, transpose, vmap, bound
  case plan = "OpenBLAS plan"
  case goldenF32 = "golden f32"
  case goldenF64 = "golden f64"
  case kinks = "kinks pinned"
}

/// What stands in a cell.
package enum StatusCell: Equatable {
  case text(String)
  /// Nothing was found; somebody wrote down why.
  case gap
}

/// One primitive.
package struct StatusRow {
  let name: String
  let cells: [StatusColumn: StatusCell]

  package init(name: String, cells: [StatusColumn: StatusCell]) {
    (self.name, self.cells) = (name, cells)
  }
}

/// Why a cell is empty.
package struct StatusReason: Sendable {
  let column: StatusColumn
  let primitives: [String]
  let text: String

  package init(_ column: StatusColumn, _ primitives: String, _ text: String) {
    self.column = column
    self.primitives = primitives.split(separator: " ").map(String.init)
    self.text = text
  }
}

/// A table that cannot be written.
package struct StatusError: Error, Equatable, CustomStringConvertible {
  package let description: String
}
