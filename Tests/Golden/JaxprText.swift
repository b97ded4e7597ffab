// The equations of a printed jaxpr, ours or JAX's: one grammar, one reader.

/// What the comparison of two jaxprs looks at in one equation.
struct TextEquation {
  /// The variable it binds; `_` when nothing reads it.
  let binder: String
  /// The dtype and shape of the result.
  let type: String
  let primitive: String
  /// The variables among its operands.
  let reads: [String]
}

/// The equations and results of a jaxpr's text.
struct JaxprText {
  let equations: [TextEquation]
  let results: [String]

  /// Reads `… let binder:type = primitive[parameters] operands … in (results) }`, however the lines
  /// are broken; `nil` for other text.
  init?(_ text: String) {
    guard let start = text.firstRange(of: " let"), let end = text.ranges(of: "in (").last else {
      return nil
    }
    let body = text[start.upperBound..<end.lowerBound]
    let heads = body.matches(of: /(\w+):(\w+\[[\d,]*\]) = (\w+)/)
    let ends = heads.dropFirst().map(\.range.lowerBound) + [body.endIndex]
    equations = zip(heads, ends).map { head, end in
      TextEquation(
        binder: String(head.1), type: String(head.2), primitive: String(head.3),
        reads: operands(body[head.range.upperBound..<end]))
    }
    results = text[end.upperBound...].prefix { $0 != ")" }.split { ", ".contains($0) }
      .map(String.init)
    guard !results.isEmpty, equations.isEmpty == body.allSatisfy(\.isWhitespace) else { return nil }
  }

  /// The equations that a result depends on.
  var live: [TextEquation] {
    var needed = Set(results)
    return equations.reversed().filter { equation in
      guard needed.contains(equation.binder) else { return false }
      needed.formUnion(equation.reads)
      return true
    }.reversed()
  }
}

/// The words after the closing bracket of the parameters that are not literals (`2.0:f32[]`).
private func operands(_ rest: Substring) -> [String] {
  var depth = 0
  let end =
    rest.hasPrefix("[")
    ? rest.firstIndex { character in
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      return depth == 0
    } : nil
  let words = end.map { rest[rest.index(after: $0)...] } ?? rest
  return words.split { $0.isWhitespace || $0 == ";" }.filter { !$0.contains(":") }
    .map(String.init)
}
