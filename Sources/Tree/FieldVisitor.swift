// The one visitor: it walks a tree for every purpose, so that a module states its fields once.
//
// A visit has one task. Tasks that only read leave the tree untouched, and containers then show
// copies of their elements, which copies no storage. The first error ends the work, not the walk:
// visitors contain no `try`, and whoever started the visit throws the error afterwards.

/// Receives the stored properties of a tree.
public final class FieldVisitor {
  /// What a visit is for.
  enum Task: Equatable {
    /// Lists the leaves.
    case collect
    /// Puts given leaves in the place of the tree's own.
    case replace
    /// Puts the results of a function in the place of the leaves.
    case transform
    /// Writes down the structure.
    case describe
    /// Lists leaves and structure.
    case flatten
    /// Lists the nodes that are to be taken whole, and the other leaves.
    case select
    /// Holds what each node shows against what it stores.
    case audit
  }

  let task: Task
  /// Whether the tree is only read.
  public let isReading: Bool
  /// Whether the way to each leaf is kept.
  let tracksPaths: Bool
  private let describes: Bool

  /// The leaves found, or those to put in.
  var leaves: [Leaf] = []
  /// The number of leaves seen by a visit that puts leaves in.
  private(set) var position = 0
  private var function: ((Leaf) throws -> Leaf)?
  /// The structure so far.
  private(set) var entries: [TreeDef.Entry] = []
  /// The path of each leaf or, for a task that describes, of each entry.
  private(set) var paths: [TreePath] = []
  private var keys: [TreePath.Key] = []
  private var isLeaf: ((any PyTree) -> Bool)?
  /// The nodes that were taken whole.
  private(set) var nodes: [(path: TreePath, node: any PyTree)] = []
  /// What the nodes on the way have shown.
  private var audits: [FieldAudit] = []
  /// What node types of another module look for (`visited(by:)`).
  public internal(set) var companion: AnyObject?
  /// Where the visit is, if it tracks paths.
  public var path: TreePath { TreePath(keys) }
  /// The first error, with the position of its leaf.
  private(set) var failure: (error: any Error, position: Int)?

  init(_ task: Task, tracksPaths: Bool = false) {
    self.task = task
    self.tracksPaths = tracksPaths
    isReading = task != .replace && task != .transform
    describes = task == .describe || task == .flatten
  }

  init(transform function: @escaping (Leaf) throws -> Leaf) {
    task = .transform
    tracksPaths = false
    isReading = false
    describes = false
    self.function = function
  }

  init(isLeaf: @escaping (any PyTree) -> Bool) {
    task = .select
    tracksPaths = true
    isReading = true
    describes = false
    self.isLeaf = isLeaf
  }

  /// Shows a property that is a tree.
  public func field<T: PyTree>(_ name: String, _ value: inout T) {
    note(name, value)
    visit(.attribute(name), &value)
  }

  /// Tells a property that is structure: part of the tree's definition, and no leaf.
  public func constant(_ name: String, _ value: Int) { constant(name, .int(value)) }
  /// Tells a property that is structure.
  public func constant(_ name: String, _ value: Bool) { constant(name, .bool(value)) }
  /// Tells a property that is structure.
  public func constant(_ name: String, _ value: Double) { constant(name, .bits(value.bitPattern)) }
  /// Tells a property that is structure.
  public func constant(_ name: String, _ value: String) { constant(name, .string(value)) }

  /// Tells a property that is structure: part of the tree's definition, and no leaf.
  public func constant<S: Hashable & Sendable>(_ name: String, _ value: S) {
    note(name, nil)
    if describes { append(.constant(name, (value as? StaticValue) ?? StaticValue(value))) }
  }

  private func constant(_ name: String, _ content: StaticValue.Content) {
    note(name, nil)
    if describes { append(.constant(name, StaticValue(content))) }
  }
}

extension FieldVisitor {
  /// Shows a child under its key.
  func visit<T: PyTree>(_ key: TreePath.Key, _ value: inout T) {
    guard tracksPaths else { return walk(&value) }
    keys.append(key)
    walk(&value)
    keys.removeLast()
  }

  /// Shows a tree in the place where the visit is.
  func walk<T: PyTree>(_ value: inout T) {
    if let isLeaf, isLeaf(value) { return nodes.append((TreePath(keys), value)) }
    guard T.nodeRole == .node else { return value.visitFields(self) }
    if describes { append(.node(.type(T.self))) }
    if task == .audit { audits.append(FieldAudit()) }
    value.visitFields(self)
    if describes { append(.end) }
    if task == .audit { audit(value) }
  }

  private func note(_ name: String, _ value: (any PyTree)?) {
    if !audits.isEmpty { audits[audits.count - 1].show(name, value) }
  }

  private func audit<T: PyTree>(_ value: T) {
    guard let finding = audits.removeLast().finding(for: value) else { return }
    fail(TreeError.fields(TreePath(keys), type: NodeType.type(T.self).name, finding))
  }

  /// Shows one tree for each leaf of another structure, under the path of that leaf.
  func visit<T: PyTree>(
    leavesOf definition: @autoclosure () -> TreeDef, paths: @autoclosure () -> [TreePath],
    _ values: inout [T]
  ) {
    if describes { append(.map(definition())) }
    let paths = tracksPaths ? paths() : []
    for i in values.indices {
      let depth = keys.count
      if tracksPaths { keys += paths[i].keys }
      if isReading {
        var value = values[i]
        walk(&value)
      } else {
        walk(&values[i])
      }
      keys.removeLast(keys.count - depth)
    }
  }

  /// Announces a container.
  func container(_ entry: @autoclosure () -> TreeDef.Entry) {
    if describes { append(entry()) }
  }

  private func append(_ entry: TreeDef.Entry) {
    entries.append(entry)
    if tracksPaths { paths.append(TreePath(keys)) }
  }

  func fail(_ error: any Error) {
    if failure == nil { failure = (error, position) }
  }
}

extension FieldVisitor {
  /// Shows a leaf.
  func leaf<L: LeafValue>(_ value: inout L) {
    switch task {
    case .collect:
      leaves.append(value.leaf)
      if tracksPaths { paths.append(TreePath(keys)) }
    case .describe: append(.leaf)
    case .select: nodes.append((TreePath(keys), value))
    case .audit: break
    case .flatten:
      leaves.append(value.leaf)
      append(.leaf)
    case .replace: replace(&value)
    case .transform: transform(&value)
    }
  }

  private func replace<L: LeafValue>(_ value: inout L) {
    defer { position += 1 }
    guard position < leaves.count, failure == nil else { return }
    put(leaves[position], in: &value)
  }

  private func transform<L: LeafValue>(_ value: inout L) {
    defer { position += 1 }
    guard let function, failure == nil else { return }
    do { put(try function(value.leaf), in: &value) } catch { fail(error) }
  }

  /// The path of the error is found later, by whoever throws it.
  private func put<L: LeafValue>(_ leaf: Leaf, in value: inout L) {
    if let new = L(leaf) {
      value = new
    } else {
      fail(TreeError.wrongKind(TreePath(), expected: L.leafKind, got: leaf.kind))
    }
  }
}
