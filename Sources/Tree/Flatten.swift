// Trees apart and together again: leaves, paths, definitions.
//
// unflatten ∘ flatten is the identity (PT-18), and no initialiser runs (PT-10): the tree itself is
// the prototype, and only its leaves are replaced.

extension PyTree {
  /// The leaves in order.
  public var leaves: [Leaf] { visited(.collect).leaves }

  /// The structure.
  public var treeDef: TreeDef { visited(.describe).definition }

  /// The leaves and the structure.
  public func flatten() -> (leaves: [Leaf], treeDef: TreeDef) {
    let visitor = visited(.flatten)
    return (visitor.leaves, visitor.definition)
  }

  /// The path of each leaf.
  public var leafPaths: [TreePath] { visited(.collect, tracksPaths: true).paths }

  /// The leaves with their paths.
  public func flattenWithPaths() -> [(path: TreePath, leaf: Leaf)] {
    let visitor = visited(.collect, tracksPaths: true)
    return Array(zip(visitor.paths, visitor.leaves)).map { (path: $0, leaf: $1) }
  }

  /// This tree with other leaves.
  /// - Throws: `TreeError.wrongKind` or `.wrongCount`, which name the path.
  public func unflatten(_ leaves: [Leaf]) throws -> Self {
    let visitor = FieldVisitor(.replace)
    visitor.leaves = leaves
    let copy = try changed(by: visitor)
    guard visitor.position == leaves.count else {
      let paths = leafPaths
      throw TreeError.wrongCount(
        expected: paths.count, got: leaves.count,
        missing: leaves.count < paths.count ? paths[leaves.count] : nil)
    }
    return copy
  }

  /// A visit that only reads.
  func visited(_ task: FieldVisitor.Task, tracksPaths: Bool = false) -> FieldVisitor {
    let visitor = FieldVisitor(task, tracksPaths: tracksPaths)
    var copy = self
    visitor.walk(&copy)
    return visitor
  }

  /// A copy that the visitor has changed.
  func changed(by visitor: FieldVisitor) throws -> Self {
    var copy = self
    visitor.walk(&copy)
    guard let (error, position) = visitor.failure else { return copy }
    guard case TreeError.wrongKind(_, let expected, let got) = error else { throw error }
    throw TreeError.wrongKind(leafPaths[position], expected: expected, got: got)
  }
}
