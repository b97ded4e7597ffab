// Dictionaries as trees: their values in the order of their keys' code points (rule PT-01), which is
// Python's order and that of the UTF-8 bytes.
//
// A visit sorts the keys each time, so sorting is made cheap: keys are told apart by their first
// eight bytes as one number, and only ties look at the whole key.

extension Dictionary: PyTree where Key == String, Value: PyTree {
  /// A node that announces its keys.
  public static var nodeRole: NodeRole { .container }

  /// Shows the values in the order of their keys.
  @inlinable public mutating func visitFields(_ visitor: FieldVisitor) {
    let order = keyOrder
    visitor.announce(.dictionary, count)
    if visitor.describes { for i in order { visitor.announce(key: self[i].key) } }
    if visitor.isReading {
      for i in order {
        var value = self[i].value
        visitor.visit(.key(self[i].key), &value)
      }
    } else {
      for i in order {
        let key = self[i].key
        visitor.visit(.key(key), &values[i])
      }
    }
  }
}

extension Dictionary where Key == String {
  /// The entries in the order of their keys.
  var inKeyOrder: [Element] { keyOrder.map { self[$0] } }

  /// The positions of the entries in the order of their keys.
  @inlinable var keyOrder: [Index] {
    if count < 2 { return Array<Index>(indices) }
    if count == 2 {
      let first = startIndex
      let second = index(after: first)
      return precedes(self[first].key, self[second].key) ? [first, second] : [second, first]
    }
    var keyed = indices.map { (bytes: leadingBytes(self[$0].key), index: $0) }
    keyed.sort { a, b in
      a.bytes == b.bytes
        ? precedes(self[a.index].key, self[b.index].key) : a.bytes < b.bytes
    }
    return keyed.map(\.index)
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

/// Whether `a` comes before `b` in the order of code points.
@usableFromInline func precedes(_ a: String, _ b: String) -> Bool {
  let (x, y) = (leadingBytes(a), leadingBytes(b))
  return x == y ? a.utf8.lexicographicallyPrecedes(b.utf8) : x < y
}

/// The first eight bytes as a number, the first one highest; zeros after the end.
@usableFromInline func leadingBytes(_ text: String) -> UInt64 {
  var bytes: UInt64 = 0
  var shift: UInt64 = 64
  for byte in text.utf8 {
    shift -= 8
    bytes |= UInt64(byte) << shift
    if shift == 0 { break }
  }
  return bytes
}
