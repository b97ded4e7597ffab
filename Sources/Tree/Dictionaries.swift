// Dictionaries as trees: their values in the order of their keys' code points (rule PT-01), which is
// Python's order and that of the UTF-8 bytes.
//
// A visit sorts the keys each time, so sorting is made cheap: keys are told apart by their first
// eight bytes as one number, and only ties look at the whole key. Dictionaries of tensors, and
// dictionaries of those, are compiled for their types; generic code takes ten times as long. Where
// the values are tensors they are read in place, and replaced in one pass over the storage that
// neither hashes a key nor copies a tensor that is about to go.

import Core

extension Dictionary: PyTree where Key == String, Value: PyTree {
  /// A node that announces its keys.
  public static var nodeRole: NodeRole { .container }

  /// Shows the values in the order of their keys.
  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.announce(.dictionary, count)
    if Value.self == Tensor.self, replaceTensors(visitor) { return }
    if count <= 2 { visitFew(visitor) } else { visitMany(visitor) }
  }

  /// Up to two entries need no list of positions.
  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  private mutating func visitFew(_ visitor: FieldVisitor) {
    guard count > 0 else { return }
    let keys = self.keys
    var first = startIndex
    guard count == 2 else {
      visitor.announce(key: keys[first])
      return visit(first, visitor)
    }
    var second = index(after: first)
    if !precedes(keys[first], keys[second]) { swap(&first, &second) }
    if visitor.describes {
      visitor.announce(key: keys[first])
      visitor.announce(key: keys[second])
    }
    visit(first, visitor)
    visit(second, visitor)
  }

  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  private mutating func visitMany(_ visitor: FieldVisitor) {
    let positions = Array<Index>(indices)
    let order = orderOfKeys(Array<String>(keys))
    if visitor.describes { for k in order { visitor.announce(key: keys[positions[k]]) } }
    for k in order { visit(positions[k], visitor) }
  }

  /// Puts in the tensors that a visit has for this dictionary, if it is such a visit.
  @_specialize(where Value == Tensor)
  private mutating func replaceTensors(_ visitor: FieldVisitor) -> Bool {
    guard let start = visitor.startOfTensors(count) else { return false }
    // Up to two entries need no list of places: the step from one to the next says it all.
    let places = count > 2 ? placesOfKeys() : []
    var (k, step) = (0, 1)
    if count == 2, !precedes(keys[startIndex], keys[index(after: startIndex)]) {
      (k, step) = (1, -1)
    }
    self = mapValues { old in
      defer { k += step }
      let place = places.isEmpty ? k : places[k]
      guard case .tensor(let tensor) = visitor.leaves[start + place] else { return old }
      return tensor as? Value ?? old
    }
    return true
  }

  /// For each entry, as they are stored, its place in the order of keys.
  @_specialize(where Value == Tensor)
  private func placesOfKeys() -> [Int] {
    var places = [Int](repeating: 0, count: count)
    for (place, k) in orderOfKeys(Array<String>(keys)).enumerated() { places[k] = place }
    return places
  }

  @_specialize(where Value == Tensor)
  @_specialize(where Value == [String: Tensor])
  private mutating func visit(_ position: Index, _ visitor: FieldVisitor) {
    if Value.self == Tensor.self, visitor.isCollecting, let x = values[position] as? Tensor {
      return visitor.collect(x)
    }
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

/// The positions of `keys` in the order of their code points.
private func orderOfKeys(_ keys: [String]) -> [Int] {
  if keys.count < 2 { return Array(keys.indices) }
  if keys.count == 2 { return precedes(keys[0], keys[1]) ? [0, 1] : [1, 0] }
  var keyed: [(bytes: UInt64, position: Int)] = []
  keyed.reserveCapacity(keys.count)
  for (k, key) in keys.enumerated() { keyed.append((leadingBytes(key), k)) }
  keyed.sort { $0.bytes < $1.bytes }
  // Mostly there are no ties, and then the keys themselves were never looked at.
  if zip(keyed, keyed.dropFirst()).contains(where: { $0.bytes == $1.bytes }) {
    keyed.sort { a, b in
      a.bytes == b.bytes
        ? keys[a.position].utf8.lexicographicallyPrecedes(keys[b.position].utf8)
        : a.bytes < b.bytes
    }
  }
  return keyed.map(\.position)
}

/// Whether `a` comes before `b` in the order of code points.
private func precedes(_ a: String, _ b: String) -> Bool {
  let (x, y) = (leadingBytes(a), leadingBytes(b))
  return x == y ? a.utf8.lexicographicallyPrecedes(b.utf8) : x < y
}

/// The first eight bytes as a number, the first one highest; zeros after the end.
private func leadingBytes(_ text: String) -> UInt64 {
  var text = text
  return text.withUTF8 { utf8 in
    if utf8.count >= 8 {
      return UInt64(bigEndian: UnsafeRawBufferPointer(utf8).loadUnaligned(as: UInt64.self))
    }
    let bytes = utf8.reduce(0) { $0 << 8 | UInt64($1) }
    return utf8.isEmpty ? 0 : bytes << (64 - 8 * UInt64(utf8.count))
  }
}
