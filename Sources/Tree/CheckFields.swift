// The forgotten-field check: what a visitor shows against what its type stores.
//
// Visitors are written by hand, and a forgotten field would be a parameter that is never trained. The
// check reflects every node of a tree and is meant for tests and debug builds; nothing else uses
// reflection. A constant may be computed, so only fields must be stored properties.

/// - Throws: `TreeError.fields` when a node of `tree` does not visit every stored property once, in
///   the order of declaration, each under its own name.
public func checkFields<T: PyTree>(of tree: T) throws {
  let visitor = FieldVisitor(.audit, tracksPaths: true)
  // Numbered leaves tell two properties of one type apart.
  var copy = NumberedTree(tree).copy
  visitor.walk(&copy)
  if let (error, _) = visitor.failure { throw error }
}

/// What one node showed.
struct FieldAudit {
  private var shown: [(name: String, value: (any PyTree)?)] = []

  mutating func show(_ name: String, _ value: (any PyTree)?) { shown.append((name, value)) }

  /// What is wrong with the visitor of `node`, if anything is.
  func finding(for node: any PyTree) -> String? {
    let stored = Mirror(reflecting: node).children.compactMap { child in
      child.label.map { (name: $0.hasPrefix("_") ? String($0.dropFirst()) : $0, child.value) }
    }
    let names = shown.map { $0.name.hasPrefix("_") ? String($0.name.dropFirst()) : $0.name }
    for (name, value) in stored {
      switch names.count(where: { $0 == name }) {
      case 0: return "does not visit its property \(name)"
      case 1: break
      case let count: return "visits its property \(name) \(count) times"
      }
      if let given = shown.first(where: { $0.name == name })?.value, !isSame(given, value) {
        return "shows something else under the name of its property \(name)"
      }
    }
    let known = Set(stored.map(\.name))
    if let (name, _) = shown.first(where: { $0.value != nil && !known.contains($0.name) }) {
      return "visits \(name), which is not one of its stored properties"
    }
    let visited = names.filter(known.contains)
    guard let (was, due) = zip(visited, stored.map(\.name)).first(where: { $0 != $1 }) else {
      return nil
    }
    return "visits \(was) before \(due), but declares \(due) first"
  }

  private func isSame(_ shown: any PyTree, _ stored: Any) -> Bool {
    guard let stored = stored as? any PyTree else { return false }
    return zip(shown.leaves, stored.leaves).allSatisfy { "\($0)" == "\($1)" }
      && shown.treeDef == stored.treeDef
  }
}
