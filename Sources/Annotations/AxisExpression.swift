// Arithmetic on axis names, as in `dim-1`, `2*dim`, `min(a,b)` or `{width}+1`.
//
// Python's grammar and precedence: + and -, then * / // %, then unary signs, then ** to the right.
// Values are Double: exact for every extent below 2⁵³ and rounded as Python rounds `/`, so `dim/2`
// is met only by the exact half. `{name}` is a number that was passed beside the shapes.

/// An expression of names bound before.
package struct AxisExpression: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  private let root: Node

  init(_ text: Substring) throws(AnnotationError) {
    description = String(text)
    var reader = ExpressionReader(text)
    root = try reader.whole()
  }

  /// Its value under the bindings of names and of `{names}`.
  func value(
    _ name: (String) -> Int?, constant: (String) -> Int?
  ) throws(AnnotationError) -> Double {
    try root.value(in: description, name, constant)
  }

  fileprivate indirect enum Node: Hashable, Sendable {
    case number(Int)
    case name(String)
    case constant(String)
    case negated(Node)
    case operation(Operator, Node, Node)
    case extremum(isMin: Bool, [Node])
  }

  fileprivate enum Operator: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
  }
}

extension AxisExpression.Node {
  func value(
    in text: String, _ name: (String) -> Int?, _ constant: (String) -> Int?
  ) throws(AnnotationError) -> Double {
    switch self {
    case .number(let n): return Double(n)
    case .name(let key):
      guard let size = name(key) else {
        throw AnnotationError(
          "\(key) is not bound yet; use expressions of names that stand in earlier arguments", text)
      }
      return Double(size)
    case .constant(let key):
      guard let number = constant(key) else {
        throw AnnotationError("{\(key)} is no number among the arguments", text)
      }
      return Double(number)
    case .negated(let x): return -(try x.value(in: text, name, constant))
    case .operation(let sign, let a, let b):
      return try sign.apply(
        a.value(in: text, name, constant), b.value(in: text, name, constant), in: text)
    case .extremum(let isMin, let nodes):
      var values: [Double] = []
      for node in nodes { values.append(try node.value(in: text, name, constant)) }
      return (isMin ? values.min() : values.max()) ?? 0
    }
  }
}

extension AxisExpression.Operator {
  func apply(_ a: Double, _ b: Double, in text: String) throws(AnnotationError) -> Double {
    switch self {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .power:
      // An integer power by squaring is exact below 2⁵³, as Python's is.
      return power(a, b)
    case .divide, .floorDivide, .remainder:
      guard b != 0 else { throw AnnotationError("it divides by zero", text) }
      if self == .divide { return a / b }
      let quotient = (a / b).rounded(.down)
      return self == .floorDivide ? quotient : a - quotient * b
    }
  }

  private func power(_ a: Double, _ b: Double) -> Double {
    guard let exponent = Int(exactly: b) else { return .nan }
    let magnitude = (0..<min(exponent.magnitude, 1100)).reduce(1.0) { product, _ in product * a }
    return exponent < 0 ? 1 / magnitude : magnitude
  }
}

/// Reads an expression from left to right.
private struct ExpressionReader {
  typealias Node = AxisExpression.Node
  typealias Operator = AxisExpression.Operator

  private let text: Substring
  private var rest: Substring

  init(_ text: Substring) {
    self.text = text
    rest = text
  }

  mutating func whole() throws(AnnotationError) -> Node {
    let node = try sum()
    guard rest.isEmpty else { throw unreadable() }
    return node
  }

  private mutating func sum() throws(AnnotationError) -> Node {
    var left = try product()
    while let sign = take([.add, .subtract]) { left = .operation(sign, left, try product()) }
    return left
  }

  private mutating func product() throws(AnnotationError) -> Node {
    var left = try signed()
    while let sign = take([.floorDivide, .multiply, .divide, .remainder]) {
      left = .operation(sign, left, try signed())
    }
    return left
  }

  private mutating func signed() throws(AnnotationError) -> Node {
    if take("-") { return .negated(try signed()) }
    if take("+") { return try signed() }
    let base = try atom()
    return take("**") ? .operation(.power, base, try signed()) : base
  }

  private mutating func atom() throws(AnnotationError) -> Node {
    if take("(") {
      let node = try sum()
      guard take(")") else { throw unreadable() }
      return node
    }
    if take("{") {
      let name = takeWord()
      guard isName(name), take("}") else { throw unreadable() }
      return .constant(String(name))
    }
    let word = takeWord()
    if let number = Int(word) { return .number(number) }
    guard isName(word) else { throw unreadable() }
    return take("(") ? try call(word) : .name(String(word))
  }

  private mutating func call(_ function: Substring) throws(AnnotationError) -> Node {
    guard function == "min" || function == "max" else { throw unreadable() }
    var arguments = [try sum()]
    while take(",") { arguments.append(try sum()) }
    guard take(")") else { throw unreadable() }
    return .extremum(isMin: function == "min", arguments)
  }

  private mutating func takeWord() -> Substring {
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    rest = rest[word.endIndex...]
    return word
  }

  private mutating func take(_ token: String) -> Bool {
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count)
    return true
  }

  /// The first of these operators, unless it is the beginning of `**`.
  private mutating func take(_ operators: [Operator]) -> Operator? {
    for candidate in operators where rest.hasPrefix(candidate.rawValue) {
      if candidate == .multiply, rest.hasPrefix("**") { return nil }
      rest = rest.dropFirst(candidate.rawValue.count)
      return candidate
    }
    return nil
  }

  private func unreadable() -> AnnotationError {
    let place = rest.isEmpty ? "at its end" : "at `\(rest)`"
    return AnnotationError(
      "an axis is a number, a name, or names with + - * / // % ** ( ) min max; stopped \(place)",
      text)
  }
}
