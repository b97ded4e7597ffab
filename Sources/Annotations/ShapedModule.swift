// Shapes stated about the fields of a module, as `weight: Float[Array, "out in"]` states them in a
// class of Equinox's. Each module has its own names; the modules inside it are checked too.

internal import Core
public import Tree

/// A module that states the shapes of its fields.
///
/// ```swift
/// extension Linear: ShapedModule {
///   var shapes: KeyValuePairs<String, ShapeAnnotation> {
///     ["weight": .float("\(outFeatures) in"), "bias": .float("\(outFeatures)")]
///   }
/// }
///
/// try model.checkShapes()
/// // MLP: .layers[1].bias is f32[3], not Float "4": axis 0 has extent 3, not 4;
/// // bindings: in=2 (.layers[1].weight)
/// ```
///
/// A number of the module stands in the text by Swift's own interpolation. A field that is a tree has
/// the same statement for all its leaves, and `?dim` is an extent of each leaf's own.
public protocol ShapedModule: Module {
  /// The fields and what is stated about them.
  var shapes: KeyValuePairs<String, ShapeAnnotation> { get }
}

extension PyTree {
  /// Checks every module in this tree that states shapes, this one first; does nothing when
  /// `ShapeChecks` are off.
  /// - Throws: `ShapeError` with the path of the field, `AnnotationError` for a name that is no field
  ///   and for a text that cannot be read.
  @inlinable
  public func checkShapes() throws {
    if ShapeChecks.areActive { try checkAllShapes() }
  }

  @usableFromInline
  func checkAllShapes() throws { try checkShapes(owner: typeName(Self.self), path: "") }

  private func checkShapes(owner: String, path: String) throws {
    if let shaped = self as? any ShapedModule {
      try shaped.checkFields(owner: owner, path: path)
    }
    var isRoot = true
    // The outermost modules below this one; each then looks below itself.
    let inner = nodes { node in
      defer { isRoot = false }
      return !isRoot && node is any ShapedModule
    }
    for (place, node) in inner where node is any ShapedModule {
      try node.checkShapes(owner: owner, path: path + place.description)
    }
  }
}

extension ShapedModule {
  fileprivate func checkFields(owner: String, path: String) throws {
    guard case .node(_, let fields) = outline else { return }
    var scope = ShapeScope(owner)
    for (name, annotation) in shapes {
      guard let field = fields.first(where: { $0.name == name }) else {
        throw AnnotationError("\(typeName(Self.self)) has no field \(name)", annotation.text)
      }
      switch field.content {
      case .tree(let tree): try scope.check("\(path).\(name)", tree.is(annotation, structure: name))
      case .constant:
        throw AnnotationError(
          "the field \(name) of \(typeName(Self.self)) is no array", annotation.text)
      }
    }
  }
}
