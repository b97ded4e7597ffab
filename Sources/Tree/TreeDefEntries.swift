// A definition, entry by entry: how entries are written as words, and read again.
//
// The reader is for printing, for prefixes and for error messages; comparing needs only the words.

extension TreeDef {
  /// One step of a visit.
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

  /// The kinds of entries, in the low byte of a word.
  @usableFromInline enum Kind: UInt8 {
    case type, named, end, array, tuple, dictionary, none, leaf, map
    case bool, int, bits, text, other
  }

  /// The steps of the visit.
  var entries: [Entry] {
    var reader = RecordReader(record)
    return reader.entries()
  }
}

/// The name of a type without its module; a private type's without the place of its declaration, which
/// only some builds show.
package func typeName(_ type: Any.Type) -> String {
  String(describing: type).replacing(/\((\w+) in _[0-9A-F]+\)/) { String($0.output.1) }
}

/// What tells nodes with named fields apart: their type, or the names that data gives them.
enum NodeType: Hashable, Sendable {
  case type(any PyTree.Type)
  case named(String, fields: [String])

  /// The name without module and generic arguments, as `Linear`.
  var name: String {
    switch self {
    case .type(let type): String(typeName(type).prefix { $0 != "<" })
    case .named(let name, _): name
    }
  }

  static func == (a: NodeType, b: NodeType) -> Bool {
    switch (a, b) {
    case (.type(let x), .type(let y)): x == y
    case (.named(let x, let xs), .named(let y, let ys)): x == y && xs == ys
    case (.type, _), (.named, _): false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .type(let type): hasher.combine(ObjectIdentifier(type))
    case .named(let name, let fields):
      hasher.combine(name)
      hasher.combine(fields)
    }
  }
}

extension TreeDef.Record {
  /// Makes room for what `other` holds.
  mutating func reserve(as other: TreeDef.Record) {
    words.reserveCapacity(other.words.count)
    texts.reserveCapacity(other.texts.count)
    types.reserveCapacity(other.types.count)
  }

  mutating func append(_ kind: TreeDef.Kind, _ count: Int = 0) {
    words.append(UInt64(kind.rawValue) | UInt64(truncatingIfNeeded: count) << 8)
  }

  mutating func append(node type: any PyTree.Type) {
    append(.type)
    words.append(UInt64(UInt(bitPattern: ObjectIdentifier(type))))
    types.append(type)
  }

  mutating func append(named name: String, fields: [String]) {
    append(.named, fields.count)
    texts.append(name)
    texts += fields
  }

  mutating func append(map definition: TreeDef) {
    append(.map)
    others.append(.map(definition))
  }

  mutating func append(constant name: String, _ value: StaticValue) {
    texts.append(name)
    switch value.content {
    case .bool(let bit): append(.bool, bit ? 1 : 0)
    case .int(let number):
      append(.int)
      words.append(UInt64(bitPattern: Int64(number)))
    case .bits(let bits):
      append(.bits)
      words.append(bits)
    case .string(let text):
      append(.text)
      texts.append(text)
    case .function, .other:
      append(.other)
      others.append(.constant(value))
    }
  }
}

/// Reads a record from its beginning.
private struct RecordReader {
  private var words: ArraySlice<UInt64>
  private var texts: ArraySlice<String>
  private var types: ArraySlice<any PyTree.Type>
  private var others: ArraySlice<TreeDef.Other>

  init(_ record: TreeDef.Record) {
    words = record.words[...]
    texts = record.texts[...]
    types = record.types[...]
    others = record.others[...]
  }

  mutating func entries() -> [TreeDef.Entry] {
    var entries: [TreeDef.Entry] = []
    while let word = words.popFirst() {
      guard let kind = TreeDef.Kind(rawValue: UInt8(truncatingIfNeeded: word)) else { continue }
      if let entry = entry(kind, Int(word >> 8)) { entries.append(entry) }
    }
    return entries
  }

  private mutating func entry(_ kind: TreeDef.Kind, _ count: Int) -> TreeDef.Entry? {
    switch kind {
    case .end: return .end
    case .array: return .array(count)
    case .tuple: return .tuple(count)
    case .none: return TreeDef.Entry.none
    case .leaf: return .leaf
    case .dictionary: return .dictionary(take(count))
    case .type:
      words.removeFirst()
      return types.popFirst().map { .node(.type($0)) }
    case .named:
      return texts.popFirst().map { .node(.named($0, fields: take(count))) }
    case .map:
      guard case .map(let definition) = others.popFirst() else { return nil }
      return .map(definition)
    case .bool, .int, .bits, .text, .other:
      guard let name = texts.popFirst(), let value = value(kind, count) else { return nil }
      return .constant(name, StaticValue(value))
    }
  }

  private mutating func value(_ kind: TreeDef.Kind, _ count: Int) -> StaticValue.Content? {
    switch kind {
    case .bool: return .bool(count == 1)
    case .int: return words.popFirst().map { .int(Int(truncatingIfNeeded: $0)) }
    case .bits: return words.popFirst().map { .bits($0) }
    case .text: return texts.popFirst().map { .string($0) }
    case .other:
      guard case .constant(let value) = others.popFirst() else { return nil }
      return value.content
    case .type, .named, .end, .array, .tuple, .dictionary, .none, .leaf, .map: return nil
    }
  }

  private mutating func take(_ count: Int) -> [String] {
    defer { texts = texts.dropFirst(count) }
    return Array(texts.prefix(count))
  }
}
