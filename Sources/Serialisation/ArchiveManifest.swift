// What a tree is, written down: every node, key, constant and leaf with its path, in order.
//
// Two manifests are equal when the trees have one structure, one configuration and leaves of one type;
// the first line in which they differ is the error (SE-09). Functions and constants count by the text
// they print.

import Core
import Tree

/// The manifest of a tree.
struct ArchiveManifest: Codable, Equatable {
  /// One line.
  struct Entry: Codable, Equatable {
    /// Where it is, as JAX prints a path.
    let path: String
    /// What it is: a leaf's kind, or `module`, `array`, `tuple`, `dictionary`, `none`, `constant`.
    let kind: String
    /// Which: a dtype and shape, a type's name, a length, a value.
    let value: String

    /// As an error prints it.
    var text: String { value.isEmpty ? kind : "\(kind) \(value)" }

    /// A Bool, Int, Double, String or function: a leaf whose value is part of the configuration.
    var isSetting: Bool { LeafKind(rawValue: kind).map { $0 != .tensor } ?? false }
  }

  var entries: [Entry] = []

  init<T: PyTree>(_ tree: T) { add(tree.outline, TreePath()) }

  private mutating func add(_ tree: DynamicTree, _ path: TreePath) {
    switch tree {
    case .leaf(let leaf): note(path, leaf.kind.rawValue, leaf.archiveText)
    case .none: note(path, "none")
    case .list(let elements):
      note(path, "array", "\(elements.count)")
      add(elements, path)
    case .tuple(let elements):
      note(path, "tuple", "\(elements.count)")
      add(elements, path)
    case .dictionary(let values):
      note(path, "dictionary", "\(values.count)")
      for key in values.keys.sorted(by: {
        $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
      }) {
        if let value = values[key] { add(value, TreePath(path.keys + [.key(key)])) }
      }
    case .node(let name, let fields):
      note(path, "module", name)
      for field in fields { add(field, path) }
    }
  }

  private mutating func add(_ elements: [DynamicTree], _ path: TreePath) {
    for (i, element) in elements.enumerated() { add(element, TreePath(path.keys + [.index(i)])) }
  }

  private mutating func add(_ field: DynamicTree.Field, _ path: TreePath) {
    let place = TreePath(path.keys + [.attribute(field.name)])
    switch field.content {
    case .tree(let tree): add(tree, place)
    case .constant(let value): note(place, "constant", value.description)
    }
  }

  private mutating func note(_ path: TreePath, _ kind: String, _ value: String = "") {
    entries.append(Entry(path: path.description, kind: kind, value: value))
  }
}

extension ArchiveManifest {
  /// That a file with this manifest holds a tree like the one of `other`.
  func demandSame(as other: ArchiveManifest, settings: ArchiveSettings) throws {
    for (file, tree) in zip(entries, other.entries) where file != tree {
      guard file.path == tree.path else { throw displaced(file, tree, other) }
      if settings != .mustAgree, file.isSetting, file.kind == tree.kind { continue }
      throw SerialisationError(
        .mismatch(file: "\(file.path) \(file.text)", tree: tree.text + hint(file, tree)))
    }
    if let extra = entries.dropFirst(other.entries.count).first {
      throw SerialisationError(.unexpected("\(extra.path) \(extra.text)"))
    }
    if let absent = other.entries.dropFirst(entries.count).first {
      throw SerialisationError(.missing("\(absent.path) \(absent.text)"))
    }
  }

  /// Which of both sides lacks what, or that the order differs.
  private func displaced(
    _ file: Entry, _ tree: Entry, _ other: ArchiveManifest
  ) -> SerialisationError {
    if !other.entries.contains(where: { $0.path == file.path }) {
      return SerialisationError(.unexpected("\(file.path) \(file.text)"))
    }
    if !entries.contains(where: { $0.path == tree.path }) {
      return SerialisationError(.missing("\(tree.path) \(tree.text)"))
    }
    return SerialisationError(
      .mismatch(file: "\(file.path) here", tree: "\(tree.path): their order differs"))
  }

  private func hint(_ file: Entry, _ tree: Entry) -> String {
    guard file.isSetting, file.kind == tree.kind else { return "" }
    return "; choose with settings: .fromFile or .fromTree"
  }
}

extension Leaf {
  /// What the manifest says of a leaf: its type, or its value.
  fileprivate var archiveText: String {
    switch self {
    case .tensor(let tensor): "\(tensor.aval)"
    case .bool(let bit): "\(bit)"
    case .int(let number): "\(number)"
    // The bits tell −0 from 0 and NaNs from one another.
    case .double(let number): "\(number) (bits \(String(number.bitPattern, radix: 16)))"
    case .string(let text): text
    case .function(let function): function.name
    }
  }
}
