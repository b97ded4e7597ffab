// What can stand under an annotation: a tensor, its abstract value, and collections of them, whose
// every leaf must fit.

public import Core

/// A value that is one array or several.
public protocol Annotatable {
  /// Its arrays, each with its path inside the value.
  var annotatedLeaves: [AnnotatedLeaf] { get }
}

/// An array inside a value.
public struct AnnotatedLeaf: Sendable {
  /// `[0]`, `.weight`, or nothing when the value is the array.
  public let path: String
  /// Its dtype and shape.
  public let aval: ShapedArray

  /// An array at `path`.
  public init(_ path: String, _ aval: ShapedArray) {
    self.path = path
    self.aval = aval
  }
}

/// A value with what is stated about it, as an argument of `annotated(_:returns:)`.
public struct Annotated: Sendable {
  enum Content: Sendable {
    case leaves([AnnotatedLeaf], ShapeAnnotation, structure: String?)
    case number(Int)
  }

  let content: Content

  /// A number that later annotations may use as `{name}`.
  public static func number(_ value: Int) -> Self { Self(content: .number(value)) }
}

extension Annotatable {
  /// States that each array of the value fits `annotation`.
  ///
  /// Values that name the same `structure` must have the same leaves; `?name` is then bound once per
  /// leaf instead of once.
  public func `is`(_ annotation: ShapeAnnotation, structure: String? = nil) -> Annotated {
    Annotated(content: .leaves(annotatedLeaves, annotation, structure: structure))
  }
}

extension Tensor: Annotatable {
  /// Itself.
  public var annotatedLeaves: [AnnotatedLeaf] { [AnnotatedLeaf("", aval)] }
}

extension ShapedArray: Annotatable {
  /// Itself.
  public var annotatedLeaves: [AnnotatedLeaf] { [AnnotatedLeaf("", self)] }
}

extension Optional: Annotatable where Wrapped: Annotatable {
  /// Those of the value, none for `nil`: an optional argument may be left out.
  public var annotatedLeaves: [AnnotatedLeaf] { self?.annotatedLeaves ?? [] }
}

extension Array: Annotatable where Element: Annotatable {
  /// Those of the elements, at `[0]`, `[1]`, …
  public var annotatedLeaves: [AnnotatedLeaf] {
    enumerated().flatMap { index, element in
      element.annotatedLeaves.map { AnnotatedLeaf("[\(index)]\($0.path)", $0.aval) }
    }
  }
}
