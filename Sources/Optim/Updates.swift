// Parameters, gradients and moments as an optimiser sees them: a list with one optional tensor per
// leaf of a tree whose type is forgotten.
//
// An optimiser works on any model, so it knows only the structure and the tensors. Invariant: one
// value per leaf, in order. A nil is a leaf that is not trained: it has no gradient, no moment and no
// update. Corresponds to the pytrees of `optax.Params` and `optax.Updates`.

public import Core
import Synchronization
public import Tree

/// One optional tensor for each leaf of a tree.
public struct Updates: Sendable {
  let outline: Outline
  /// The tensors, in the order of the leaves.
  public internal(set) var values: [Tensor?]

  init(_ outline: Outline, _ values: [Tensor?]) {
    self.outline = outline
    self.values = values
  }

  /// The tensors of a gradient, or of anything else with one tensor per leaf.
  public init<M: PyTree>(_ map: LeafMap<M, Tensor?>) {
    self.init(Outline { (map.structure, { map.paths }) }, map.values)
  }

  /// The floating-point tensors of a model: what has a gradient.
  public init<M: PyTree>(parametersOf model: M) {
    self.init(LeafMap(like: model) { isInexactArray($0) ? $0.tensor : nil })
  }

  /// The structure of the tree.
  public var structure: TreeDef { outline.definition }

  /// The path of each leaf.
  public var paths: [TreePath] { outline.paths }

  /// The tensors as values of the leaves of `map`.
  /// - Throws: `TreeError.mismatch` if the structures differ.
  public func typed<M: PyTree, V>(like map: LeafMap<M, V>) throws -> LeafMap<M, Tensor?> {
    try requireSameStructure(as: Updates(map.map { _ in nil }))
    var rest = values[...]
    return map.map { _ in rest.popFirst() ?? nil }
  }
}

extension Updates: PyTree {
  /// A node that announces the structure of its tree.
  public static var nodeRole: NodeRole { .container }

  /// Shows the tensors under the paths of the leaves they belong to.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    let outline = outline
    visitor.visit(leavesOf: outline.definition, paths: outline.paths, &values)
  }
}

extension Updates {
  /// The same structure with the results of `function`; nil stays nil.
  public func map(_ function: (Tensor) throws -> Tensor) rethrows -> Updates {
    Updates(outline, try values.map { try $0.map(function) })
  }

  /// The results of `function` of both tensors at each leaf, after both were cast to the wider of
  /// their dtypes.
  /// - Throws: `TreeError.mismatch` if the structures differ, `OptimError.unpaired` where only one of
  ///   them has a tensor.
  public func zip(
    _ other: Updates, _ function: (Tensor, Tensor) throws -> Tensor
  ) throws -> Updates {
    try requireSameLeaves(as: other)
    return Updates(
      outline,
      try values.indices.map { i in
        guard let x = values[i], let y = other.values[i] else { return nil }
        let dtype = promoted(x.dtype, y.dtype)
        return try function(x.asType(dtype), y.asType(dtype))
      })
  }

  /// The results of `function` of the three tensors at each leaf, after all were cast to the widest of
  /// their dtypes.
  /// - Throws: as for two.
  public func zip(
    _ second: Updates, _ third: Updates, _ function: (Tensor, Tensor, Tensor) throws -> Tensor
  ) throws -> Updates {
    try requireSameLeaves(as: second)
    try requireSameLeaves(as: third)
    return Updates(
      outline,
      try values.indices.map { i in
        guard let x = values[i], let y = second.values[i], let z = third.values[i] else {
          return nil
        }
        let dtype = promoted(promoted(x.dtype, y.dtype), z.dtype)
        return try function(x.asType(dtype), y.asType(dtype), z.asType(dtype))
      })
  }

  /// Zeros of the same shapes, in `dtype` if one is given.
  public func zeros(_ dtype: DType? = nil) throws -> Updates {
    try map { try Core.zeros($0.shape, dtype ?? $0.dtype) }
  }

  /// Tensors of the same types with every element `x`.
  func full(_ x: Hyperparameter) throws -> Updates {
    try map { try broadcast(x.tensor($0.dtype), to: $0.shape) }
  }

  /// The tensors in `dtype`; as they are for nil.
  func cast(to dtype: DType?) throws -> Updates {
    guard let dtype else { return self }
    return try map { try $0.asType(dtype) }
  }

  /// The tensors in the dtypes of `other`.
  func cast(like other: Updates) throws -> Updates {
    Updates(
      outline,
      try Swift.zip(values, other.values).map { x, like in try x?.asType(like?.dtype ?? .f32) })
  }
}

extension Updates {
  func requireSameStructure(as other: Updates) throws {
    guard outline !== other.outline, structure != other.structure else { return }
    let pairs = Swift.zip(paths, other.paths).enumerated()
    let first = pairs.first { $1.0 != $1.1 }?.offset ?? Swift.min(paths.count, other.paths.count)
    func name(_ side: Updates) -> String {
      first < side.paths.count ? "a leaf \(side.paths[first])" : "\(side.paths.count) leaves"
    }
    throw TreeError.mismatch(TreePath(), name(self), name(other))
  }

  private func requireSameLeaves(as other: Updates) throws {
    try requireSameStructure(as: other)
    for (i, (x, y)) in Swift.zip(values, other.values).enumerated() where (x == nil) != (y == nil) {
      throw OptimError.unpaired(paths[i])
    }
  }
}

/// The structure of a tree and the paths of its leaves, made when they are first asked for.
final class Outline: Sendable {
  typealias Source = @Sendable () -> (definition: TreeDef, paths: @Sendable () -> [TreePath])

  private enum Stored {
    case source(Source)
    case known(TreeDef, [TreePath])
  }

  private let stored: Mutex<Stored>

  init(_ source: @escaping Source) { stored = Mutex(.source(source)) }

  var definition: TreeDef {
    stored.withLock { stored in
      switch stored {
      case .source(let source): source().definition
      case .known(let definition, _): definition
      }
    }
  }

  /// The paths. Once they are known, the tree that they were read from is let go.
  var paths: [TreePath] {
    stored.withLock { stored in
      switch stored {
      case .known(_, let paths): return paths
      case .source(let source):
        let (definition, makePaths) = source()
        let paths = makePaths()
        stored = .known(definition, paths)
        return paths
      }
    }
  }
}
