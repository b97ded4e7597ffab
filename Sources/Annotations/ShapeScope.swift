// One call's worth of names: arguments first, then the result, each checked against what the
// earlier ones bound.
//
// A failed check leaves the bindings as they were, so the error shows what the arguments before it
// said. Nothing is read but abstract values: traced tensors are checked like known ones.

public import Core

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
  private var structures: [String: (paths: [String], owner: String)] = [:]

  /// No names yet.
  public init(_ owner: String = #function) { self.owner = owner }

  /// Makes `{name}` stand for `number` in later annotations.
  public mutating func define(_ name: String, _ number: Int) { constants[name] = number }

  /// Checks one value and binds the names that it is the first to state.
  /// - Throws: `ShapeError` when it does not fit, `AnnotationError` when the annotation is wrong.
  public mutating func check(_ name: String, _ value: Annotated) throws {
    switch value.content {
    case .number(let number): define(name, number)
    case .leaves(let leaves, let annotation, let structure):
      let axes = try annotation.parsed.get()
      var next = self
      try next.checkStructure(name, leaves, annotation, structure)
      for leaf in leaves {
        try next.checkLeaf(leaf, name + leaf.path, annotation, axes, structure)
      }
      self = next
    }
  }

  private mutating func checkLeaf(
    _ leaf: AnnotatedLeaf, _ name: String, _ annotation: ShapeAnnotation, _ axes: Axes,
    _ structure: String?
  ) throws {
    func failure(_ reason: String) -> ShapeError {
      ShapeError(
        owner: owner, argument: name, found: leaf.aval, expected: annotation, reason: reason,
        bindings: bindings)
    }
    guard annotation.dtypes.accepts(leaf.aval.dtype) else {
      throw failure("its dtype is \(leaf.aval.dtype)")
    }
    var matcher = ShapeMatcher(
      bindings: bindings, constants: constants, owner: name,
      leaf: structure.map { $0 + leaf.path })
    if let reason = try matcher.mismatch(leaf.aval.shape, axes) { throw failure(reason) }
    bindings = matcher.bindings
  }

  private mutating func checkStructure(
    _ name: String, _ leaves: [AnnotatedLeaf], _ annotation: ShapeAnnotation, _ structure: String?
  ) throws {
    guard let structure else { return }
    let paths = leaves.map(\.path)
    guard let bound = structures[structure] else {
      structures[structure] = (paths, name)
      return
    }
    guard bound.paths == paths else {
      throw ShapeError(
        owner: owner, argument: name, found: nil, expected: annotation,
        reason: "its leaves are \(paths), but structure \(structure) is \(bound.paths) "
          + "as in \(bound.owner)", bindings: bindings)
    }
  }
}

/// A value that does not fit its annotation.
public struct ShapeError: Error, CustomStringConvertible {
  /// The function or module.
  public let owner: String
  /// The argument, `result`, or the field, with the path of the leaf.
  public let argument: String
  /// What the value was; `nil` when it is a tree of another structure.
  public let found: ShapedArray?
  /// What was stated about it.
  public let expected: ShapeAnnotation
  /// Which part does not fit.
  public let reason: String
  /// What the names stood for when it was checked.
  public let bindings: ShapeBindings

  /// `attend: key is f32[5,4], not Float "kv dim": axis 1 has extent 4, not dim=3 as in query;
  /// bindings: seq=2 (query), dim=3 (query)`, on one line.
  public var description: String {
    let what = found.map { "\(argument) is \($0)" } ?? "\(argument) is a tree"
    return "\(owner): \(what), not \(expected): \(reason); bindings: \(bindings)"
  }
}
