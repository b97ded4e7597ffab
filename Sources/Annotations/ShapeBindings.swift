// What each name stands for, and which argument said so.
//
// Names of one axis and names of runs are separate, as in jaxtyping. Few names are bound at a time:
// arrays in the order of binding serve both lookup and the error's text.

internal import Core

/// The extents bound to names so far.
public struct ShapeBindings: Sendable, CustomStringConvertible {
  struct Extent: Sendable {
    let name: String
    let size: Int
    let owner: String
  }

  struct Run: Sendable {
    let name: String
    var sizes: [Int]
    /// Whether the run may still grow by broadcasting.
    var isBroadcastable: Bool
    let owner: String
  }

  private(set) var extents: [Extent] = []
  private(set) var runs: [Run] = []

  /// What `name` stands for.
  public subscript(name: String) -> Int? { extent(name)?.size }

  /// What `*name` stands for.
  public func run(_ name: String) -> [Int]? { runs.first { $0.name == name }?.sizes }

  /// The names of single axes in the order they were bound.
  public var names: [String] { extents.map(\.name) }

  /// The names of runs, without the `*`, in the order they were bound.
  public var runNames: [String] { runs.map(\.name) }

  /// `batch=3 (x), *rest=(4, 5) (y)`: each name, what it stands for, and who bound it.
  public var description: String {
    let all =
      extents.map { "\($0.name)=\($0.size) (\($0.owner))" }
      + runs.map { "*\($0.name)=\(pythonTuple($0.sizes)) (\($0.owner))" }
    return all.isEmpty ? "none" : all.joined(separator: ", ")
  }

  func extent(_ name: String) -> Extent? { extents.first { $0.name == name } }

  mutating func bind(_ name: String, _ size: Int, by owner: String) {
    extents.append(Extent(name: name, size: size, owner: owner))
  }

  func runIndex(_ name: String) -> Int? { runs.firstIndex { $0.name == name } }

  mutating func bind(run name: String, _ sizes: [Int], isBroadcastable: Bool, by owner: String) {
    runs.append(Run(name: name, sizes: sizes, isBroadcastable: isBroadcastable, owner: owner))
  }

  mutating func widen(runAt index: Int, to sizes: [Int], isBroadcastable: Bool) {
    runs[index].sizes = sizes
    runs[index].isBroadcastable = isBroadcastable
  }
}
