// A tree whose structure is known only when the program runs: read from a file, or written down from
// any other tree.
//
// `outline` turns every tree into this form, with the names of its fields, for printing and
// comparing. The definition of an outline is not that of the tree: its nodes have names, not types.

/// A tree as data.
public indirect enum DynamicTree: Sendable {
  case leaf(Leaf)
  case none
  case list([DynamicTree])
  case tuple([DynamicTree])
  case dictionary([String: DynamicTree])
  case node(String, [Field])

  /// A named part of a node.
  public struct Field: Sendable {
    /// What stands behind the name.
    public enum Content: Sendable {
      case tree(DynamicTree)
      case constant(StaticValue)
    }

    /// The name.
    public let name: String
    /// A subtree, or structure.
    public var content: Content

    /// A part with this name.
    public init(_ name: String, _ content: Content) {
      self.name = name
      self.content = content
    }
  }
}

/// A leaf of any kind.
private struct AnyLeaf: LeafValue {
  var leaf: Leaf
  static var nodeRole: NodeRole { .leaf }
  static var leafKind: LeafKind { .tensor }

  init?(_ leaf: Leaf) { self.leaf = leaf }
  init(any leaf: Leaf) { self.leaf = leaf }

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.leaf(&self) }
}

extension DynamicTree: PyTree {
  /// A node that announces what it is.
  public static var nodeRole: NodeRole { .container }

  /// Shows the parts in order; a leaf takes any other leaf in its place.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    switch self {
    case .leaf(let leaf):
      var any = AnyLeaf(any: leaf)
      visitor.leaf(&any)
      self = .leaf(any.leaf)
    case .none: visitor.announce(.none)
    case .list(var elements):
      elements.visitFields(visitor)
      self = .list(elements)
    case .tuple(var elements):
      visitor.announce(.tuple, elements.count)
      for i in elements.indices { visitor.visit(.index(i), &elements[i]) }
      self = .tuple(elements)
    case .dictionary(var values):
      values.visitFields(visitor)
      self = .dictionary(values)
    case .node(let name, var fields):
      visitor.enter(named: name, fields: fields.map(\.name))
      for i in fields.indices { fields[i].show(to: visitor) }
      visitor.announce(.end)
      self = .node(name, fields)
    }
  }
}

extension DynamicTree.Field {
  fileprivate mutating func show(to visitor: FieldVisitor) {
    switch content {
    case .tree(var tree):
      visitor.visit(.attribute(name), &tree)
      content = .tree(tree)
    case .constant(let value): visitor.constant(name, value)
    }
  }
}

extension PyTree {
  /// This tree as data.
  public var outline: DynamicTree {
    let visitor = visited(.flatten, tracksPaths: true)
    var reader = OutlineReader(
      entries: visitor.definition.entries[...], paths: visitor.paths[...],
      leaves: visitor.leaves[...], shapes: visitor.shapes[...])
    return reader.next() ?? .none
  }
}

extension DynamicTree {
  /// This tree with one of `trees` in the place of each leaf: what a map over its leaves looks like.
  func replacingLeaves(with trees: [DynamicTree]) -> DynamicTree {
    var rest = trees[...]
    return replacingLeaves(with: &rest)
  }

  private func replacingLeaves(with rest: inout ArraySlice<DynamicTree>) -> DynamicTree {
    switch self {
    case .leaf: return rest.popFirst() ?? self
    case .none: return .none
    case .list(let elements): return .list(elements.map { $0.replacingLeaves(with: &rest) })
    case .tuple(let elements): return .tuple(elements.map { $0.replacingLeaves(with: &rest) })
    case .dictionary(var values):
      for (key, value) in values.inKeyOrder { values[key] = value.replacingLeaves(with: &rest) }
      return .dictionary(values)
    case .node(let name, var fields):
      for i in fields.indices {
        guard case .tree(let tree) = fields[i].content else { continue }
        fields[i].content = .tree(tree.replacingLeaves(with: &rest))
      }
      return .node(name, fields)
    }
  }
}

/// Reads a visit that was written down.
private struct OutlineReader {
  var entries: ArraySlice<TreeDef.Entry>
  var paths: ArraySlice<TreePath>
  var leaves: ArraySlice<Leaf>
  /// The shape of each map, where it is known.
  var shapes: ArraySlice<DynamicTree?>

  mutating func next() -> DynamicTree? {
    guard let entry = entries.popFirst() else { return nil }
    paths.removeFirst()
    switch entry {
    case .leaf: return leaves.popFirst().map { .leaf($0) }
    case .none, .end: return DynamicTree.none
    case .array(let count): return .list(children(count))
    case .tuple(let count): return .tuple(children(count))
    case .dictionary(let keys):
      return .dictionary(Dictionary(uniqueKeysWithValues: zip(keys, children(keys.count))))
    case .node(let type): return .node(type.name, fields())
    case .map(let definition):
      let shape = shapes.popFirst() ?? nil
      let values = children(definition.leafCount)
      return shape?.replacingLeaves(with: values) ?? .list(values)
    case .constant(_, let value): return .leaf(.string(value.description))
    }
  }

  private mutating func children(_ count: Int) -> [DynamicTree] {
    (0..<count).compactMap { _ in next() }
  }

  private mutating func fields() -> [DynamicTree.Field] {
    var fields: [DynamicTree.Field] = []
    while let entry = entries.first, entry != .end {
      if case .constant(let name, let value) = entry {
        entries.removeFirst()
        paths.removeFirst()
        fields.append(DynamicTree.Field(name, .constant(value)))
      } else {
        let name = paths.first?.keys.last?.simple ?? ""
        if let child = next() { fields.append(DynamicTree.Field(name, .tree(child))) }
      }
    }
    entries = entries.dropFirst()
    paths = paths.dropFirst()
    return fields
  }
}
