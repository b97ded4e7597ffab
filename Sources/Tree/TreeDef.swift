// The structure of a tree: everything but the leaves, as one hashable value.
//
// A definition is the visit written down: one entry per node, leaf and constant, in order, so that
// two structures are equal when their entries are. Unlike JAX's its hash covers the constants
// (rules PT-06, PT-07: constants are Hashable by type, so there is nothing unhashable to meet late).

import Synchronization

/// The structure of a tree, with the constants of its modules.
public struct TreeDef: Sendable {
  /// One step of the visit.
  enum Entry: Hashable, Sendable {
    case node(NodeType)
    case constant(String, StaticValue)
    case end
    case array(Int)
    case tuple(Int)
    case dictionary([String])
    case none
    case leaf
    /// One subtree for each leaf of another structure.
    case map(TreeDef)
  }

  private final class Content: Sendable {
    let entries: [Entry]
    /// The hash once it was asked for; 0 before.
    let hash = Atomic<Int>(0)

    init(_ entries: [Entry]) { self.entries = entries }
  }

  private let content: Content

  init(_ entries: [Entry]) { content = Content(entries) }

  var entries: [Entry] { content.entries }

  /// The number of leaves of a tree with this structure.
  public var leafCount: Int { entries.count { $0 == .leaf } }
}

extension TreeDef: Hashable {
  /// Whether both structures have the same nodes, keys and constants.
  public static func == (a: TreeDef, b: TreeDef) -> Bool {
    a.content === b.content || a.entries == b.entries
  }

  /// Hashes nodes, keys and constants; kept after the first time.
  public func hash(into hasher: inout Hasher) { hasher.combine(storedHash) }

  private var storedHash: Int {
    let stored = content.hash.load(ordering: .relaxed)
    if stored != 0 { return stored }
    var hasher = Hasher()
    hasher.combine(entries)
    let hash = hasher.finalize()
    content.hash.store(hash, ordering: .relaxed)
    return hash
  }
}

/// What tells nodes with named fields apart: their type, or the name that data gives them.
enum NodeType: Hashable, Sendable {
  case type(any PyTree.Type)
  case named(String)

  /// The name without module and generic arguments, as `Linear`.
  var name: String {
    switch self {
    case .type(let type): String(String(describing: type).prefix { $0 != "<" })
    case .named(let name): name
    }
  }

  static func == (a: NodeType, b: NodeType) -> Bool {
    switch (a, b) {
    case (.type(let x), .type(let y)): x == y
    case (.named(let x), .named(let y)): x == y
    case (.type, _), (.named, _): false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .type(let type): hasher.combine(ObjectIdentifier(type))
    case .named(let name): hasher.combine(name)
    }
  }
}
