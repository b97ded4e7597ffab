// A fixture file of schema 1 (docs/Fixtures.md): which cases it holds and what they are.
//
// Everything is checked before anything runs: the schema, the attributes of each case, the names
// and types of its datasets. What a file may hold that we do not understand is an error, never
// skipped; only programs named `family/kind`, which have a layout and a test of their own, are left
// out.

internal import HDF5Storage

/// A fixture file opened for reading.
public final class GoldenFile: Sendable {
  /// The layout that this reader knows.
  public static let schema = 1

  /// The path it was opened with.
  public let path: String
  /// The family, as reports count it: `primitives`, `conventions`, ….
  public let family: String
  /// The attributes of the file as text: versions, seed, generator.
  public let provenance: [String: String]
  /// The cases, in the order of their paths.
  public let cases: [GoldenCase]
  /// How many groups of the file are programs of `numbers.h5`.
  public let ownLayouts: Int
  let storage: HDF5File

  /// Opens the file at `path` and reads what its cases are.
  /// - Throws: `StorageError` or `GoldenError`, one line each.
  public init(_ path: String) throws {
    storage = try HDF5File.open(path)
    self.path = path
    let schema = try storage.int("schema")
    guard schema == Self.schema else {
      throw GoldenError(
        path, nil,
        schema > Self.schema
          ? "has schema \(schema), newer than the \(Self.schema) that this build reads; update it"
          : "has schema \(schema); this build reads \(Self.schema)")
    }
    family = try storage.string("family")
    provenance = try Self.provenance(storage)
    var found = CaseSearch()
    try found.walk(storage, "", depth: 0)
    cases = found.cases
    ownLayouts = found.ownLayouts
  }

  private static func provenance(_ storage: HDF5File) throws -> [String: String] {
    try storage.attributeNames().reduce(into: [:]) { all, name in
      switch try storage.attribute(name) {
      case .string(let text): all[name] = text
      case .strings(let texts): all[name] = texts.joined(separator: ", ")
      case .int(let number): all[name] = "\(number)"
      case .double(let number): all[name] = "\(number)"
      case .bool(let truth): all[name] = "\(truth)"
      }
    }
  }
}

/// One case: a program at one or more sets of operands.
public struct GoldenCase: Sendable {
  /// The path of its group, from the root.
  public let path: String
  /// The program's name in the catalogue.
  public let program: String
  /// The program's parameters as JSON.
  public let parameters: String
  /// The numbers of SEMANTICS that the case pins.
  public let rules: String
  /// `random`, `special` or `subnormal`.
  public let points: String
  /// The variants: the dtype of the operand that the program varies.
  public let labels: [String]
}

/// Finds the groups with the attribute `program`.
private struct CaseSearch {
  /// Deeper than any layout of ours; hard links may form a cycle.
  static let maximumDepth = 32

  var cases: [GoldenCase] = []
  var ownLayouts = 0

  mutating func walk(_ file: HDF5File, _ group: String, depth: Int) throws {
    guard depth < Self.maximumDepth else {
      throw GoldenError(file.path, group, "groups nest too deep")
    }
    for child in try file.children(of: group.isEmpty ? "/" : group) {
      let path = "\(group)/\(child.name)"
      guard child.kind == .group else {
        throw GoldenError(file.path, path, "is a \(child.kind.rawValue) outside of a case")
      }
      guard try file.attributeNames(of: path).contains("program") else {
        try walk(file, path, depth: depth + 1)
        continue
      }
      let program = try file.string("program", of: path)
      if program.contains("/") {
        ownLayouts += 1
      } else {
        cases.append(try read(file, path, program))
      }
    }
  }

  private func read(_ file: HDF5File, _ path: String, _ program: String) throws -> GoldenCase {
    let labels = try file.children(of: "\(path)/in").map(\.name)
    guard !labels.isEmpty else { throw GoldenError(file.path, "\(path)/in", "has no variant") }
    return GoldenCase(
      path: path, program: program, parameters: try file.string("params", of: path),
      rules: try file.string("rules", of: path), points: try file.string("points", of: path),
      labels: labels)
  }
}
