// A run of the real JAX, Equinox and Optax as trajectory.h5 holds it (docs/Fixtures.md).
//
// Leaves are matched by their order, which is that of the fields on both sides; a leaf of another
// shape is an error. Losses are known after every step, the rest after those that the file has.

public import Core
internal import HDF5Storage
public import Oracle

/// One run of the original.
public struct GoldenTrajectory: Sendable, CustomStringConvertible {
  /// The name of its group.
  public let name: String
  /// Its hyperparameters.
  public let parameters: TrainingParameters
  private let file: HDF5File

  /// Every run of the file at `path`.
  public static func all(in path: String) throws -> [GoldenTrajectory] {
    let file = try HDF5File.open(path)
    return try file.children().map { child in
      let json = try file.string("params", of: child.name)
      return GoldenTrajectory(
        name: child.name, parameters: try TrainingParameters(json: json), file: file)
    }
  }

  /// Its name.
  public var description: String { name }

  /// The dataset at `path` within the run.
  public func array(_ path: String) throws -> Buffer {
    let stored = try file.array(at: "\(name)/\(path)")
    guard let storage = Storage(stored.elements) else {
      throw TrajectoryError(message: "\(name)/\(path) has the type \(stored.elements.typeName)")
    }
    return Buffer(shape: stored.shape, storage)
  }

  /// The arrays of `folder` under `label` at checkpoint `index`, in the order of their leaves.
  public func checkpoint(_ label: String, _ folder: String, _ index: Int) throws -> [Buffer] {
    let group = "\(name)/\(label)/\(folder)"
    guard try file.kind(at: group) != nil else { return [] }
    return try file.children(of: group).map { child in
      let all = try array("\(label)/\(folder)/\(child.name)")
      return try Tensor(all)[index].buffer
    }
  }

  /// What the run under `label` showed of the groups of `program`.
  public func record(_ label: String, of program: IteratedProgram) throws -> RunRecord {
    let losses = try array("\(label)/losses").storage.exact
    let predictions = try array("\(label)/predictions").storage.exact
    guard losses.count == program.data.count else {
      throw TrajectoryError(
        message: "\(name)/\(label) has \(losses.count) steps, the program \(program.data.count)")
    }
    let known = Dictionary(
      uniqueKeysWithValues: (parameters.checkpoints + [losses.count]).enumerated().map {
        ($0.element - 1, $0.offset)
      })
    var record = RunRecord()
    for step in losses.indices {
      record.append(
        try program.groups.map { group in
          switch group.name {
          case "loss": return [losses[step]]
          case "predictions": return step == losses.count - 1 ? predictions : nil
          case let name:
            guard let index = known[step] else { return nil }
            return try numbers(label, Self.folders[name] ?? name, index, group, program)
          }
        })
    }
    return record
  }

  private static let folders = ["statistics": "state", "moments": "optimiser"]

  /// The floating-point numbers of a checkpoint, after their shapes were compared.
  private func numbers(
    _ label: String, _ folder: String, _ index: Int, _ group: IteratedProgram.Group,
    _ program: IteratedProgram
  ) throws -> [DoubleDouble] {
    let arrays = try checkpoint(label, folder, index).filter(\.aval.dtype.isInexact)
    let expected = group.outputs.map { program.step.outAvals[$0] }
    guard arrays.map(\.aval) == expected else {
      throw TrajectoryError(
        message: "\(name)/\(label)/\(folder) holds \(arrays.map(\.aval)), here it is \(expected)")
    }
    return arrays.flatMap(\.storage.exact)
  }
}
