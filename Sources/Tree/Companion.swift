// Visits for node types of other modules: a state's indices, the layers of a sequence.
//
// The visitor's tasks are closed. A companion is an object that a visit carries along: a node type
// that knows its class may write down what it finds in it, or change itself, its structure included.
// Everything else passes it by.

extension PyTree {
  /// A copy as the nodes that know `companion` leave it; no leaf is touched.
  ///
  /// The visit tracks paths, so that such a node knows its place.
  public func visited(by companion: AnyObject) -> Self {
    let visitor = FieldVisitor(.transform, tracksPaths: true)
    visitor.companion = companion
    var copy = self
    visitor.walk(&copy)
    return copy
  }
}

extension FieldVisitor {
  /// Shows a tree in the place of the value that holds it: a box of `any PyTree` adds no step to
  /// paths and no node to definitions. The box's own `nodeRole` is `container`.
  public func stand<T: PyTree>(_ value: inout T) { walk(&value) }
}
