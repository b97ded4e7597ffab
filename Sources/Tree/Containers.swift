// The containers: arrays, optionals, dictionaries, tuples.
//
// A nil is a node without leaves, not a leaf (PT-03). A dictionary shows its keys in the order of
// their code points, whatever the order they came in (PT-01). An array and a tuple are never the
// same structure (JT-05).

extension Optional: PyTree where Wrapped: PyTree {
  /// A nil announces itself; a value stands for itself.
  public static var nodeRole: NodeRole { .container }

  /// Shows the value, if there is one.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    if self == nil { visitor.container(.none) }
    self?.show(to: visitor)
  }
}

extension PyTree {
  /// Shows a tree that has no key of its own.
  fileprivate mutating func show(to visitor: FieldVisitor) { visitor.walk(&self) }
}

extension Array: PyTree where Element: PyTree {
  /// A node that announces its length.
  public static var nodeRole: NodeRole { .container }

  /// Shows the elements in order.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.container(.array(count))
    if visitor.isReading {
      for (i, var element) in enumerated() { visitor.visit(.index(i), &element) }
    } else {
      for i in indices { visitor.visit(.index(i), &self[i]) }
    }
  }
}

extension Dictionary: PyTree where Key == String, Value: PyTree {
  /// A node that announces its keys.
  public static var nodeRole: NodeRole { .container }

  /// Shows the values in the order of their keys.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    let order = indices.sorted { precedes(self[$0].key, self[$1].key) }
    visitor.container(.dictionary(order.map { self[$0].key }))
    if visitor.isReading {
      for i in order {
        var (key, value) = self[i]
        visitor.visit(.key(key), &value)
      }
    } else {
      for i in order { visitor.visit(.key(self[i].key), &values[i]) }
    }
  }
}

extension Dictionary where Key == String {
  /// The entries in the order of their keys.
  var inKeyOrder: [Element] { sorted { precedes($0.key, $1.key) } }
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

/// Whether `a` comes before `b` in the order of code points, which is Python's and that of UTF-8.
private func precedes(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}

/// A tuple of trees: Swift's own tuples cannot conform to protocols.
public struct Tuple<each Element: PyTree>: PyTree {
  /// The elements.
  public var elements: (repeat each Element)

  /// The tuple of these elements.
  public init(_ elements: repeat each Element) { self.elements = (repeat each elements) }

  /// A node that announces its length.
  public static var nodeRole: NodeRole { .container }

  /// Shows the elements in order.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    var count = 0
    func counted<T>(_: T.Type) { count += 1 }
    repeat counted((each Element).self)
    visitor.container(.tuple(count))
    var index = 0
    // A pack cannot be passed inout, so each element is shown as a copy and put back.
    func shown<T: PyTree>(_ element: T) -> T {
      var element = element
      visitor.visit(.index(index), &element)
      index += 1
      return element
    }
    elements = (repeat shown(each elements))
  }
}
