// What stands under an annotation: any tree, whose every leaf must be an array that fits. A tensor is
// a tree of one leaf; an optional that is nil has none and always fits.

internal import Core
public import Tree

/// A value with what is stated about it, as an argument of `annotated(_:returns:)`.
public struct Annotated: Sendable {
  enum Content: Sendable {
    case tree(any PyTree, ShapeAnnotation, structure: String?)
    case number(Int)
  }

  let content: Content

  /// A number that later annotations may use as `{name}`.
  public static func number(_ value: Int) -> Self { Self(content: .number(value)) }
}

extension PyTree {
  /// States that each leaf is an array that fits `annotation`.
  ///
  /// Trees that name the same `structure` must have the same; `?name` is then bound once per leaf
  /// instead of once.
  public func `is`(_ annotation: ShapeAnnotation, structure: String? = nil) -> Annotated {
    Annotated(content: .tree(self, annotation, structure: structure))
  }

  /// The leaves with their paths as an error prints them; a tensor needs no visit.
  var annotatedLeaves: [(path: String, leaf: Leaf)] {
    if let tensor = self as? Tensor { return [("", .tensor(tensor))] }
    return flattenWithPaths().map { ($0.path.description, $0.leaf) }
  }
}
