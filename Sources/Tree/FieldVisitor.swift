// The one visitor: it walks a tree for every purpose, so that a module states its fields once.
//
// A visit has one task. Tasks that only read leave the tree untouched, and containers then show
// copies of their elements, which copies no storage. The first error ends the work, not the walk:
// visitors contain no `try`, and whoever started the visit throws the error afterwards. What a user's
// module calls is inlinable, so that it is compiled for the types of that module's fields.

import Core

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
  /// Whether the structure is written down.
  @usableFromInline let describes: Bool
  /// Whether constants matter.
  @usableFromInline let hearsConstants: Bool
  /// Whether keys matter: for paths, for the audit, or to ask of each node if it is taken whole.
  @usableFromInline let hearsKeys: Bool
  private let tracksPaths: Bool

  // The three that change at every leaf are only ever changed by one append or one addition, which
  // calls nothing that could reach them again, so that checking each access would find nothing.

  /// The leaves found, or those to put in.
  @exclusivity(unchecked) var leaves: [Leaf] = []
  /// The number of leaves seen by a visit that puts leaves in.
  @exclusivity(unchecked) private(set) var position = 0
  private let function: ((Leaf) throws -> Leaf)?
  /// The structure so far.
  @exclusivity(unchecked) var record = TreeDef.Record()
  /// The path of each leaf or, for a task that describes, of each entry.
  private(set) var paths: [TreePath] = []
  private var keys: [TreePath.Key] = []
  /// Two keys of a dictionary whose order is known.
  @exclusivity(unchecked) var pair = PairOfKeys()
  private let isLeaf: ((any PyTree) -> Bool)?
  /// The nodes that were taken whole.
  private(set) var nodes: [(path: TreePath, node: any PyTree)] = []
  /// The shapes of the maps met by a visit that describes and tracks paths: what `outline` prints.
  private(set) var shapes: [DynamicTree?] = []
  /// What the nodes on the way have shown.
  private var audits: [FieldAudit] = []
  /// What node types of another module look for (`visited(by:)`).
  public internal(set) var companion: AnyObject?
  /// Where the visit is, if it tracks paths.
  public var path: TreePath { TreePath(keys) }
  /// The first error, with the position of its leaf.
  private(set) var failure: (error: any Error, position: Int)?

  init(
    _ task: Task, tracksPaths: Bool = false, transform: ((Leaf) throws -> Leaf)? = nil,
    isLeaf: ((any PyTree) -> Bool)? = nil
  ) {
    self.task = task
    self.tracksPaths = tracksPaths
    function = transform
    self.isLeaf = isLeaf
    isReading = task != .replace && task != .transform
    describes = task == .describe || task == .flatten
    hearsConstants = task == .describe || task == .flatten || task == .audit
    hearsKeys = tracksPaths || isLeaf != nil
  }

  /// The structure that was written down.
  var definition: TreeDef { TreeDef(record) }

  func fail(_ error: any Error) {
    if failure == nil { failure = (error, position) }
  }
}

// What a module's visitor calls.
extension FieldVisitor {
  /// Shows a property that is a tree.
  @inlinable public func field<T: PyTree>(_ name: String, _ value: inout T) {
    if hearsKeys { show(name, &value) } else { walk(&value) }
  }

  /// Tells a property that is structure: part of the tree's definition, and no leaf.
  @inlinable public func constant(_ name: String, _ value: Int) {
    if hearsConstants { tell(name, .int, 0, UInt64(bitPattern: Int64(value))) }
  }

  /// Tells a property that is structure.
  @inlinable public func constant(_ name: String, _ value: Bool) {
    if hearsConstants { tell(name, .bool, value ? 1 : 0, nil) }
  }

  /// Tells a property that is structure.
  @inlinable public func constant(_ name: String, _ value: Double) {
    if hearsConstants { tell(name, StaticValue(value)) }
  }

  /// Tells a property that is structure.
  @inlinable public func constant(_ name: String, _ value: String) {
    if hearsConstants { tell(name, StaticValue(value)) }
  }

  /// Tells a property that is structure: part of the tree's definition, and no leaf.
  @inlinable public func constant<S: Hashable & Sendable>(_ name: String, _ value: S) {
    if hearsConstants { tell(name, (value as? StaticValue) ?? StaticValue(any: value)) }
  }

  /// Tells a constant that is a word or two; most are.
  @usableFromInline func tell(
    _ name: String, _ kind: TreeDef.Kind, _ count: Int, _ second: UInt64?
  ) {
    if task == .audit, !audits.isEmpty { audits[audits.count - 1].show(name, nil) }
    guard describes else { return }
    record.texts.append(name)
    record.append(kind, count)
    if let second { record.words.append(second) }
    notePath()
  }

  @usableFromInline func tell(_ name: String, _ value: StaticValue) {
    if task == .audit, !audits.isEmpty { audits[audits.count - 1].show(name, nil) }
    guard describes else { return }
    record.append(constant: name, value)
    notePath()
  }

  @usableFromInline func show<T: PyTree>(_ name: String, _ value: inout T) {
    if !audits.isEmpty { audits[audits.count - 1].show(name, value) }
    visit(.attribute(name), &value)
  }
}

// The way down.
extension FieldVisitor {
  /// Shows a child under its key.
  @inlinable func visit<T: PyTree>(_ key: @autoclosure () -> TreePath.Key, _ value: inout T) {
    if hearsKeys { visitKeyed(key(), &value) } else { walk(&value) }
  }

  @usableFromInline func visitKeyed<T: PyTree>(_ key: TreePath.Key, _ value: inout T) {
    keys.append(key)
    walk(&value)
    keys.removeLast()
  }

  /// Shows a child under a key of a dictionary.
  package func visit<T: PyTree>(key: String, _ value: inout T) { visit(.key(key), &value) }

  /// Shows a tree in the place where the visit is.
  @inlinable func walk<T: PyTree>(_ value: inout T) {
    if hearsKeys { return walkKeyed(&value) }
    guard describes, T.nodeRole == .node else { return value.visitFields(self) }
    enter(T.self)
    value.visitFields(self)
    leave()
  }

  @usableFromInline func walkKeyed<T: PyTree>(_ value: inout T) {
    if let isLeaf, isLeaf(value) { return nodes.append((TreePath(keys), value)) }
    guard T.nodeRole == .node else { return value.visitFields(self) }
    if describes { enter(T.self) }
    if task == .audit { audits.append(FieldAudit()) }
    value.visitFields(self)
    if describes { leave() }
    if task == .audit { audit(value) }
  }

  private func audit<T: PyTree>(_ value: T) {
    guard let finding = audits.removeLast().finding(for: value) else { return }
    fail(TreeError.fields(TreePath(keys), type: NodeType.type(T.self).name, finding))
  }

  /// Shows one tree for each leaf of another structure, under the path of that leaf.
  package func visit<T: PyTree>(
    leavesOf definition: @autoclosure () -> TreeDef, paths: @autoclosure () -> [TreePath],
    shape: @autoclosure () -> DynamicTree? = nil, _ values: inout [T]
  ) {
    if describes {
      if tracksPaths { shapes.append(shape()) }
      record.append(map: definition())
      notePath()
    }
    let paths = hearsKeys ? paths() : []
    for i in values.indices {
      let depth = keys.count
      if hearsKeys { keys += paths[i].keys }
      if isReading {
        var value = values[i]
        walk(&value)
      } else {
        walk(&values[i])
      }
      keys.removeLast(keys.count - depth)
    }
  }
}

// What containers announce.
extension FieldVisitor {
  @usableFromInline func enter(_ type: any PyTree.Type) {
    record.append(node: type)
    notePath()
  }

  /// Announces a node that has its names from data.
  func enter(named name: String, fields: [String]) {
    guard describes else { return }
    record.append(named: name, fields: fields)
    notePath()
  }

  @usableFromInline func leave() { announce(.end) }

  /// Announces a container, or the end of a node.
  @usableFromInline func announce(_ kind: TreeDef.Kind, _ count: Int = 0) {
    guard describes else { return }
    record.append(kind, count)
    notePath()
  }

  /// Announces a key of a dictionary.
  @usableFromInline func announce(key: String) {
    if describes { record.texts.append(key) }
  }

  @inline(__always)
  private func notePath() {
    if tracksPaths { paths.append(TreePath(keys)) }
  }
}

// What leaves call.
extension FieldVisitor {
  /// Shows a leaf.
  func leaf<L: LeafValue>(_ value: inout L) {
    switch task {
    case .collect:
      leaves.append(value.leaf)
      notePath()
    case .describe: announce(.leaf)
    case .flatten:
      leaves.append(value.leaf)
      announce(.leaf)
    case .select: nodes.append((TreePath(keys), value))
    case .audit: break
    case .replace: replace(&value)
    case .transform: transform(&value)
    }
  }

  /// Lists a tensor that a visit without keys has come upon.
  func collect(_ tensor: Tensor) {
    if task != .describe { leaves.append(.tensor(tensor)) }
    if describes { record.append(.leaf) }
  }

  /// Passes over the next `count` leaves to put in; where they begin, if all of them are tensors.
  func passTensors(_ count: Int) -> Int? {
    let start = position
    for _ in 0..<count {
      if position < leaves.count, !isTensor(leaves[position]) { break }
      position += 1
    }
    position = start + count
    return failure == nil && position <= leaves.count ? start : nil
  }

  /// The results of the function for tensors, which are passed over.
  func transformTensors(_ olds: [Leaf]) -> [Leaf]? {
    var news: [Leaf] = []
    news.reserveCapacity(olds.count)
    for old in olds {
      guard let function, failure == nil else { break }
      do {
        news.append(try function(old))
        _ = isTensor(news[news.count - 1])
      } catch { fail(error) }
      position += 1
    }
    return failure == nil ? news : nil
  }

  private func isTensor(_ leaf: Leaf) -> Bool {
    if case .tensor = leaf { return true }
    fail(TreeError.wrongKind(TreePath(), expected: .tensor, got: leaf.kind))
    return false
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
