// One call's worth of names: arguments first, then the result, each checked against what the
// earlier ones bound.
//
// A failed check leaves the bindings as they were, so the error shows what the arguments before it
// said. Nothing is read but abstract values: traced tensors are checked like known ones.

internal import Core
internal import Tree

/// The names of one call.
///
/// `annotated(_:returns:)` makes one for each call. One made by hand checks values in the middle of a
/// body; it checks whatever `ShapeChecks` says.
public struct ShapeScope: Sendable {
  /// Who is being checked, as the errors call it.
  public let owner: String
  /// What the names stand for so far.
  public private(set) var bindings = ShapeBindings()
  private var constants: [String: Int] = [:]
  private var structures: [String: (definition: TreeDef, owner: String)] = [:]

  /// No names yet.
  public init(_ owner: String = #function) { self.owner = owner }

  /// Makes `{name}` stand for `number` in later annotations.
  public mutating func define(_ name: String, _ number: Int) { constants[name] = number }

  /// Checks one value and binds the names that it is the first to state.
  /// - Throws: `ShapeError` when it does not fit, `AnnotationError` when the annotation is wrong.
  public mutating func check(_ name: String, _ value: Annotated) throws {
    switch value.content {
    case .number(let number): define(name, number)
    case .tree(let tree, let annotation, let structure):
      let axes = try annotation.parsed.get()
      var next = self
      if let structure { try next.checkStructure(name, tree, annotation, structure) }
      for (path, leaf) in tree.annotatedLeaves {
        try next.checkLeaf(leaf, name + path, annotation, axes, structure.map { $0 + path })
      }
      self = next
    }
  }

  private mutating func checkLeaf(
    _ leaf: Leaf, _ name: String, _ annotation: ShapeAnnotation, _ axes: Axes, _ place: String?
  ) throws {
    func failure(_ reason: String) -> ShapeError {
      ShapeError(
        owner: owner, argument: name, found: leaf.tensor?.aval.description ?? leaf.kind.description,
        expected: annotation, reason: reason, bindings: bindings)
    }
    guard let aval = leaf.tensor?.aval else { throw failure("it is no array") }
    guard annotation.dtypes.accepts(aval.dtype) else { throw failure("its dtype is \(aval.dtype)") }
    var matcher = ShapeMatcher(
      bindings: bindings, constants: constants, owner: name, leaf: place)
    if let reason = try matcher.mismatch(aval.shape, axes) { throw failure(reason) }
    bindings = matcher.bindings
  }

  private mutating func checkStructure(
    _ name: String, _ tree: any PyTree, _ annotation: ShapeAnnotation, _ structure: String
  ) throws {
    let definition = tree.treeDef
    guard let bound = structures[structure] else {
      structures[structure] = (definition, name)
      return
    }
    guard bound.definition == definition else {
      throw ShapeError(
        owner: owner, argument: name, found: "a tree", expected: annotation,
        reason: "its structure is not \(structure) as in \(bound.owner)", bindings: bindings)
    }
  }
}

/// A value that does not fit its annotation.
public struct ShapeError: Error, CustomStringConvertible {
  /// The function or module.
  public let owner: String
  /// The argument, `result`, or the field, with the path of the leaf.
  public let argument: String
  /// What the value was: `f32[5,4]`, `an int`, `a tree`.
  public let found: String
  /// What was stated about it.
  public let expected: ShapeAnnotation
  /// Which part does not fit.
  public let reason: String
  /// What the names stood for when it was checked.
  public let bindings: ShapeBindings

  /// `attend: key is f32[5,4], not Float "kv dim": axis 1 has extent 4, not dim=3 as in query;
  /// bindings: seq=2 (query), dim=3 (query)`, on one line.
  public var description: String {
    "\(owner): \(argument) is \(found), not \(expected): \(reason); bindings: \(bindings)"
  }
}
