// Text that breaks its lines where it must, and nowhere else.
//
// The method of Wadler ("A prettier printer", 1998) in Lindig's strict form ("Strictly pretty",
// 2000): a group is laid out on one line if it fits in the width that is left, else each of its own
// breaks becomes a new line and its inner groups are judged in turn. As in Equinox's printer a group
// is judged by itself, without the text that follows it.

/// A document that has not been laid out yet.
indirect enum Layout {
  case text(String)
  /// A new line, or the text if its group fits on one line.
  case lineBreak(String)
  case sequence([Layout])
  /// New lines inside are indented further.
  case nested(Int, Layout)
  case group(Layout)

  /// `open`, the parts with commas between them, and `close`; indented where it breaks.
  static func bracketed(_ open: String, _ parts: [Layout], _ close: String, indent: Int) -> Layout {
    guard let first = parts.first else { return .text(open + close) }
    var list: [Layout] = [.group(first)]
    for part in parts.dropFirst() { list += [.text(","), .lineBreak(" "), .group(part)] }
    return .group(
      .sequence([
        .text(open), .nested(indent, .sequence([.lineBreak(""), .group(.sequence(list))])),
        .lineBreak(""), .text(close),
      ]))
  }

  /// The text, in lines of at most `width` characters where its words allow.
  func rendered(width: Int) -> String {
    var out = ""
    var column = 0
    // What is left to lay out, last first, each with its indentation and whether it may break.
    var todo: [(layout: Layout, indent: Int, breaks: Bool)] = [(.group(self), 0, true)]
    while let (layout, indent, breaks) = todo.popLast() {
      switch layout {
      case .text(let text):
        out += text.replacing("\n", with: "\n" + String(repeating: " ", count: column))
        column += text.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0
      case .lineBreak where breaks:
        out += "\n" + String(repeating: " ", count: indent)
        column = indent
      case .lineBreak(let text):
        out += text
        column += text.count
      case .sequence(let parts):
        todo += parts.reversed().map { (layout: $0, indent: indent, breaks: breaks) }
      case .nested(let extra, let child): todo.append((child, indent + extra, breaks))
      case .group(let child):
        todo.append((child, indent, breaks && !child.fits(in: width - column)))
      }
    }
    return out
  }

  /// Whether the text needs at most `width` characters on one line.
  private func fits(in width: Int) -> Bool {
    var left = width
    var todo = [self]
    while left >= 0, let layout = todo.popLast() {
      switch layout {
      case .text(let text): left -= text.split(separator: "\n").map(\.count).max() ?? 0
      case .lineBreak(let text): left -= text.count
      case .sequence(let parts): todo += parts.reversed()
      case .nested(_, let child), .group(let child): todo.append(child)
      }
    }
    return left >= 0
  }
}
