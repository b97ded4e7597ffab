// Does one array fit one annotation, given what the names stand for so far.
//
// As jaxtyping 0.3.11 (`_check_dims`, `_check_shape`): the words before the variadic one, then those
// after it, then the run between. A broadcastable word lets extent 1 pass and binds nothing by it.
// A mismatch is a reason; only an annotation that is itself wrong throws.

internal import Core

/// One comparison of a shape with words; `bindings` grows as names are met.
struct ShapeMatcher {
  var bindings: ShapeBindings
  let constants: [String: Int]
  let owner: String
  /// Where the leaf stands in its tree, if the argument is a tree with a named structure.
  let leaf: String?

  /// Why `shape` does not fit, `nil` when it does.
  mutating func mismatch(_ shape: [Int], _ axes: Axes) throws(AnnotationError) -> String? {
    let words = axes.words
    guard let variadic = axes.variadicIndex else {
      guard shape.count == words.count else {
        return "it has \(count(shape.count)), the annotation has \(words.count)"
      }
      return try mismatch(shape[...], words[...], from: 0)
    }
    guard shape.count >= words.count - 1 else {
      return "it has \(count(shape.count)), the annotation needs at least \(words.count - 1)"
    }
    let tail = words.count - variadic - 1
    let run = variadic..<(shape.count - tail)
    if let reason = try mismatch(shape[..<variadic], words[..<variadic], from: 0) { return reason }
    if let reason = try mismatch(
      shape[run.upperBound...], words[(variadic + 1)...], from: run.upperBound)
    {
      return reason
    }
    return try mismatch(run: Array(shape[run]), words[variadic])
  }

  private mutating func mismatch(
    _ sizes: ArraySlice<Int>, _ words: ArraySlice<Axis>, from start: Int
  ) throws(AnnotationError) -> String? {
    for (offset, (size, word)) in zip(sizes, words).enumerated() {
      if let expected = try expectation(size, word) {
        return "axis \(start + offset) has extent \(size), not \(expected)"
      }
    }
    return nil
  }

  /// What was expected instead of `size`, `nil` when it fits.
  private mutating func expectation(_ size: Int, _ word: Axis) throws(AnnotationError) -> String? {
    switch word {
    case .anonymous, .anonymousVariadic, .variadic: return nil
    case .fixed(_, true) where size == 1: return nil
    case .named(_, true, _) where size == 1: return nil
    case .expression(_, true) where size == 1: return nil
    case .fixed(let expected, _): return expected == size ? nil : "\(expected)"
    case .named(let name, _, let isPerLeaf):
      let key = try key(name, isPerLeaf)
      guard let bound = bindings.extent(key) else {
        bindings.bind(key, size, by: owner)
        return nil
      }
      return bound.size == size ? nil : "\(key)=\(bound.size) as in \(bound.owner)"
    case .expression(let expression, _):
      let value = try expression.value({ bindings[$0] }, constant: { constants[$0] })
      return value == Double(size) ? nil : "\(expression)=\(number(value))"
    }
  }

  private mutating func mismatch(run: [Int], _ word: Axis) throws(AnnotationError) -> String? {
    guard case .variadic(let name, let isBroadcastable, let isPerLeaf) = word else { return nil }
    let key = try key(name, isPerLeaf)
    guard let index = bindings.runIndex(key) else {
      bindings.bind(run: key, run, isBroadcastable: isBroadcastable, by: owner)
      return nil
    }
    let bound = bindings.runs[index]
    let text = "*\(key)=\(pythonTuple(bound.sizes)) as in \(bound.owner)"
    let prefix = "the axes of *\(key) are \(pythonTuple(run)), "
    guard bound.isBroadcastable || isBroadcastable else {
      return bound.sizes == run ? nil : prefix + "not \(text)"
    }
    guard let common = broadcast(run, bound.sizes) else {
      return prefix + "which cannot be broadcast with \(text)"
    }
    // Whoever is not broadcastable keeps its extents.
    if !isBroadcastable, common != run { return prefix + "to which \(text) cannot be broadcast" }
    if !bound.isBroadcastable, common != bound.sizes {
      return prefix + "which cannot be broadcast to \(text)"
    }
    if bound.isBroadcastable {
      bindings.widen(runAt: index, to: common, isBroadcastable: isBroadcastable)
    }
    return nil
  }

  /// The name under which an extent is bound: each leaf has its own `?name`.
  private func key(_ name: String, _ isPerLeaf: Bool) throws(AnnotationError) -> String {
    guard isPerLeaf else { return name }
    guard let leaf else {
      throw AnnotationError(
        "? stands only in annotations of trees that name their structure", "?\(name)")
    }
    return "\(name)[\(leaf)]"
  }
}

/// NumPy's rule: extents align at the end and agree or are 1. `nil` when they do not fit.
private func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
  let rank = max(a.count, b.count)
  var common: [Int] = []
  for i in 0..<rank {
    let x = i < rank - a.count ? 1 : a[i - (rank - a.count)]
    let y = i < rank - b.count ? 1 : b[i - (rank - b.count)]
    guard x == y || x == 1 || y == 1 else { return nil }
    common.append(x == 1 ? y : x)
  }
  return common
}

private func count(_ axes: Int) -> String { axes == 1 ? "1 axis" : "\(axes) axes" }

private func number(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
