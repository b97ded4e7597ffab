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
    case .none: visitor.container(.none)
    case .list(var elements):
      elements.visitFields(visitor)
      self = .list(elements)
    case .tuple(var elements):
      visitor.container(.tuple(elements.count))
      for i in elements.indices { visitor.visit(.index(i), &elements[i]) }
      self = .tuple(elements)
    case .dictionary(var values):
      values.visitFields(visitor)
      self = .dictionary(values)
    case .node(let name, var fields):
      visitor.container(.node(.named(name)))
      for i in fields.indices { fields[i].show(to: visitor) }
      visitor.container(.end)
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
      entries: visitor.entries[...], paths: visitor.paths[...], leaves: visitor.leaves[...])
    return reader.next() ?? .none
  }
}

/// Reads a visit that was written down.
private struct OutlineReader {
  var entries: ArraySlice<TreeDef.Entry>
  var paths: ArraySlice<TreePath>
  var leaves: ArraySlice<Leaf>

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
    case .map(let definition): return .list(children(definition.leafCount))
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
