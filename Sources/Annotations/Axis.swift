// One word of an annotation, and how words are read: the grammar of jaxtyping 0.3.11.
//
//   word     = "..." | { "#" | "*" | "_" | "?" | text "=" } core
//   core     = integer | name | expression of names
//
// Each mark at most once; what stands before "=" is documentation. An annotation has at most one
// word that takes several axes. Differs from jaxtyping: a word without a name (`*`, `?`, `foo=`) and
// an expression that cannot be read are refused here, at once, and not when the first array arrives
// (docs/Divergences.md).

/// What is expected of one axis, or of a run of axes.
package enum Axis: Hashable, Sendable {
  /// Any extent.
  case anonymous
  /// Any number of axes of any extent.
  case anonymousVariadic
  /// The same extent wherever the name stands; per leaf when `?` marks it.
  case named(String, isBroadcastable: Bool, isPerLeaf: Bool)
  /// The same run of extents wherever the name stands.
  case variadic(String, isBroadcastable: Bool, isPerLeaf: Bool)
  /// This extent.
  case fixed(Int, isBroadcastable: Bool)
  /// The value of an expression of names bound before.
  case expression(AxisExpression, isBroadcastable: Bool)

  /// Whether the word takes any number of axes.
  var isVariadic: Bool {
    switch self {
    case .anonymousVariadic, .variadic: true
    case .anonymous, .named, .fixed, .expression: false
    }
  }
}

/// The words of one annotation, and where the variadic one stands.
package struct Axes: Hashable, Sendable {
  package let words: [Axis]
  let variadicIndex: Int?

  /// Reads the words of `text`.
  package init(_ text: String) throws(AnnotationError) {
    var words: [Axis] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      words.append(try AxisWord(word).axis)
    }
    let variadic = words.indices.filter { words[$0].isVariadic }
    guard variadic.count <= 1 else {
      throw AnnotationError(
        "at most one of its words may take several axes (`*name` or `...`)", text)
    }
    self.words = words
    variadicIndex = variadic.first
  }
}

/// A word with its marks taken off.
private struct AxisWord {
  private let word: Substring
  private var marks: Set<Character> = []
  private var core: Substring

  private static let allMarks: Set<Character> = ["#", "*", "_", "?"]

  init(_ word: Substring) throws(AnnotationError) {
    self.word = word
    core = word
    // Inside brackets a comma separates the arguments of `min` or `max`.
    if word.contains(","), !word.contains("(") {
      throw AnnotationError("axes are separated by spaces, not by commas", word)
    }
    if word.hasSuffix("#") {
      throw AnnotationError("# stands before the name it makes broadcastable", word)
    }
    if word.contains("..."), word != "..." {
      throw AnnotationError("`...` stands alone", word)
    }
    try takeMarks()
  }

  private mutating func takeMarks() throws(AnnotationError) {
    while let first = core.first {
      if Self.allMarks.contains(first) {
        guard marks.insert(first).inserted else {
          throw AnnotationError("\(first) stands at most once before a name", word)
        }
        core.removeFirst()
      } else if core.count(where: { $0 == "=" }) == 1, let sign = core.firstIndex(of: "=") {
        core = core[core.index(after: sign)...]
      } else {
        return
      }
    }
  }

  var axis: Axis {
    get throws(AnnotationError) {
      if word == "..." { return .anonymousVariadic }
      let isBroadcastable = marks.contains("#")
      if core.isEmpty || isName(core) { return try named(isBroadcastable) }
      if let size = Int(core) {
        try refuse("*_?", on: "a number")
        return .fixed(size, isBroadcastable: isBroadcastable)
      }
      try refuse("*_?", on: "an expression")
      return .expression(try AxisExpression(core), isBroadcastable: isBroadcastable)
    }
  }

  private func named(_ isBroadcastable: Bool) throws(AnnotationError) -> Axis {
    let isVariadic = marks.contains("*")
    let isPerLeaf = marks.contains("?")
    if marks.contains("_") {
      try refuse("#", on: "an axis without a name")
      return isVariadic ? .anonymousVariadic : .anonymous
    }
    guard !core.isEmpty else { throw AnnotationError("a name is missing", word) }
    let name = String(core)
    return isVariadic
      ? .variadic(name, isBroadcastable: isBroadcastable, isPerLeaf: isPerLeaf)
      : .named(name, isBroadcastable: isBroadcastable, isPerLeaf: isPerLeaf)
  }

  private func refuse(_ refused: String, on what: String) throws(AnnotationError) {
    guard let mark = refused.first(where: marks.contains) else { return }
    throw AnnotationError("\(mark) cannot stand before \(what)", word)
  }
}

/// A letter or `_`, then letters, digits and `_`.
func isName(_ text: Substring) -> Bool {
  guard let first = text.first, first.isLetter || first == "_" else { return false }
  return text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
}
