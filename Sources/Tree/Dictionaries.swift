// Dictionaries as trees: their values in the order of their keys' code points (rule PT-01), which is
// Python's order and that of the UTF-8 bytes.
//
// A visit sorts the keys each time, so sorting is made cheap: keys are told apart by their first
// eight bytes as one number, and only ties look at the whole key. Dictionaries of tensors, and
// dictionaries of those, go through TensorTables.swift where a visit needs neither keys nor paths.

import Core

extension Dictionary: PyTree where Key == String, Value: PyTree {
  /// A node that announces its keys.
  public static var nodeRole: NodeRole { .container }

  /// Shows the values in the order of their keys.
  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  public mutating func visitFields(_ visitor: FieldVisitor) {
    if visitor.takesTables, visitTables(visitor) { return }
    visitor.announce(.dictionary, count)
    let positions = Array<Index>(indices)
    let order = orderOfKeys(Array<String>(keys))
    if visitor.describes { for k in order { visitor.announce(key: keys[positions[k]]) } }
    for k in order { visit(positions[k], visitor) }
  }

  /// Whether this is a dictionary of tensors, or of such dictionaries, and has been visited as one.
  private mutating func visitTables(_ visitor: FieldVisitor) -> Bool {
    // The types are the same, so the bits are; a cast of a dictionary looks at every entry.
    if Value.self == Tensor.self {
      let table = unsafeBitCast(self, to: TensorTable.self)
      if let new = table.visited(by: visitor) { self = unsafeBitCast(new, to: Self.self) }
      return true
    }
    if Value.self == TensorTable.self {
      let tables = unsafeBitCast(self, to: [String: TensorTable].self)
      if let new = tables.visited(by: visitor) { self = unsafeBitCast(new, to: Self.self) }
      return true
    }
    return false
  }

  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  private mutating func visit(_ position: Index, _ visitor: FieldVisitor) {
    let key = visitor.hearsKeys ? keys[position] : ""
    if visitor.isReading {
      var value = values[position]
      visitor.visit(.key(key), &value)
    } else {
      visitor.visit(.key(key), &values[position])
    }
  }
}

extension Dictionary where Key == String {
  /// The entries in the order of their keys.
  var inKeyOrder: [Element] {
    let entries = Array(self)
    return orderOfKeys(entries.map(\.key)).map { entries[$0] }
  }
}

extension Dictionary where Key == String, Value: PyTree {
  /// The value of a key that the dictionary has: a node that key paths can address.
  public subscript(at key: String) -> Value {
    get { self[entry(key)].value }
    set { values[entry(key)] = newValue }
  }

  private func entry(_ key: String) -> Index {
    guard let index = index(forKey: key) else {
      preconditionFailure("no key \(pythonText(key)) among \(keys.sorted())")
    }
    return index
  }
}
