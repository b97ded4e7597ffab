// The structure of a tree: everything but the leaves, as one hashable value.
//
// A definition is the visit written down, node by node, so two structures are equal when what was
// written is. It is kept as words and texts, which compare without following pointers: a model has
// thousands of entries and a cached call compares them all. Unlike JAX's its hash covers the
// constants (rules PT-06, PT-07: constants are Hashable by type, so nothing unhashable is met late).

import Synchronization

/// The structure of a tree, with the constants of its modules.
public struct TreeDef: Sendable {
  /// What was written down.
  struct Record: Hashable, Sendable {
    /// The kind of an entry in the low byte, a count above it; some kinds have a second word.
    var words: [UInt64] = []
    /// Keys, names and texts, in the order of the entries.
    var texts: [String] = []
    /// The types of the nodes; their identities are among the words.
    var types: [any PyTree.Type] = []
    /// What has no shorter form.
    var others: [Other] = []

    static func == (a: Record, b: Record) -> Bool {
      a.words == b.words && a.texts == b.texts && a.others == b.others
    }

    func hash(into hasher: inout Hasher) {
      words.withUnsafeBytes { hasher.combine(bytes: $0) }
      // Names rarely tell structures apart that the words do not.
      hasher.combine(texts.count)
      hasher.combine(others)
    }
  }

  /// An entry that is compared as a value.
  enum Other: Hashable, Sendable {
    case constant(StaticValue)
    case map(TreeDef)
  }

  private final class Content: Sendable {
    let record: Record
    /// The hash once it was asked for; 0 before.
    let hash = Atomic<Int>(0)

    init(_ record: Record) { self.record = record }
  }

  private let content: Content

  init(_ record: Record) { content = Content(record) }

  var record: Record { content.record }

  /// The number of leaves of a tree with this structure.
  public var leafCount: Int { entries.count { $0 == .leaf } }
}

extension TreeDef: Hashable {
  /// Whether both structures have the same nodes, keys and constants.
  public static func == (a: TreeDef, b: TreeDef) -> Bool {
    a.content === b.content || a.record == b.record
  }

  /// Hashes nodes, keys and constants; kept after the first time.
  public func hash(into hasher: inout Hasher) { hasher.combine(storedHash) }

  private var storedHash: Int {
    let stored = content.hash.load(ordering: .relaxed)
    if stored != 0 { return stored }
    let hash = record.hashValue
    content.hash.store(hash, ordering: .relaxed)
    return hash
  }
}
