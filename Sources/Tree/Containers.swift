// The containers: arrays, optionals, dictionaries, tuples.
//
// A nil is a node without leaves, not a leaf (PT-03). A dictionary shows its keys in the order of
// their code points, whatever the order they came in (PT-01). An array and a tuple are never the
// same structure (JT-05).

extension Optional: PyTree where Wrapped: PyTree {
  /// A nil announces itself; a value stands for itself.
  public static var nodeRole: NodeRole { .container }

  /// Shows the value, if there is one.
  @inlinable public mutating func visitFields(_ visitor: FieldVisitor) {
    switch self {
    case .none: visitor.announce(.none)
    case .some: self?.show(to: visitor)
    }
  }
}

extension PyTree {
  /// Shows a tree that has no key of its own.
  @inlinable mutating func show(to visitor: FieldVisitor) { visitor.walk(&self) }
}

extension Array: PyTree where Element: PyTree {
  /// A node that announces its length.
  public static var nodeRole: NodeRole { .container }

  /// Shows the elements in order.
  @inlinable public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.announce(.array, count)
    if visitor.isReading {
      for i in indices {
        var element = self[i]
        visitor.visit(.index(i), &element)
      }
    } else {
      for i in indices { visitor.visit(.index(i), &self[i]) }
    }
  }
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
    visitor.announce(.tuple, count)
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
