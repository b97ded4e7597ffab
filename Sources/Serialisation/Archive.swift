// Our own file: HDF5, a dataset per leaf under its key path, a manifest of the whole tree, a checksum
// over every byte. What the stream cannot see (SE-04) is here an error that names the place (SE-09):
// renamed or reordered fields, leaves too few or too many, other settings, other types.
//
// Datasets are plain: any HDF5 reader shows them. Strings and functions stand in the manifest only.

import Core
internal import Foundation
internal import HDF5Storage
public import Tree

/// What happens to leaves that are no tensors when they differ between file and tree.
public enum ArchiveSettings: Hashable, Sendable {
  /// They must agree: a saved `inference` flag changes nobody's model by accident.
  case mustAgree
  /// The file's Bools, Ints, Doubles and Strings are taken; functions are the tree's.
  case fromFile
  /// The tree keeps its own.
  case fromTree
}

/// Saves a tree as an archive, which is complete or not there.
/// - Throws: `SerialisationError` with the file and the leaf.
public func saveArchive<T: PyTree>(_ tree: T, to path: String) throws {
  try naming(path) {
    guard try isReplaceable(path) else { throw SerialisationError(.notRegularFile) }
    let names = try datasetNames(of: tree)
    try replaceWhole(path) { temporary in
      try storing {
        try HDF5File.create(temporary, userBlock: ArchiveSeal.size) { file in
          try writeManifest(of: tree, to: file)
          for (position, leaf) in tree.leaves.enumerated() {
            guard let array = try naming(leaf: position, of: tree, { try leaf.stored }) else {
              continue
            }
            try file.write(array, at: names[position])
          }
        }
      }
      try ArchiveSeal.put(on: temporary)
    }
  }
}

/// Loads a tree like `skeleton` from an archive.
/// - Throws: `SerialisationError` with the file, the leaf, and what differs.
public func loadArchive<T: PyTree>(
  from path: String, like skeleton: T, settings: ArchiveSettings = .mustAgree
) throws -> T {
  try naming(path) {
    try ArchiveSeal.check(path)
    return try storing {
      let file = try HDF5File.open(path, allowCompression: false)
      let manifest = try readManifest(file)
      try manifest.demandSame(as: ArchiveManifest(skeleton), settings: settings)
      let texts = manifest.entries.filter { LeafKind(rawValue: $0.kind) != nil }.map(\.value)
      let names = try datasetNames(of: skeleton)
      let leaves = try skeleton.leaves.enumerated().map { position, leaf in
        try naming(leaf: position, of: skeleton) {
          try loaded(leaf, texts[position], settings) { try file.array(at: names[position]) }
        }
      }
      return try skeleton.unflatten(leaves)
    }
  }
}

private func loaded(
  _ leaf: Leaf, _ text: String, _ settings: ArchiveSettings, _ read: () throws -> StoredArray
) throws -> Leaf {
  switch leaf {
  case .tensor(let tensor): return .tensor(try loaded(like: tensor, storing(read)))
  case .function: return leaf
  case .string: return settings == .fromFile ? .string(text) : leaf
  case .bool, .int, .double:
    guard settings == .fromFile else { return leaf }
    let stored = try storing(read)
    switch (leaf, stored.shape, stored.elements) {
    case (.bool, [], .bool(let x)): return .bool(x[0])
    case (.int, [], .i64(let x)): return .int(Int(x[0]))
    case (.double, [], .f64(let x)): return .double(x[0])
    case _: throw contradiction(stored)
    }
  }
}

private func loaded(like tensor: Tensor, _ stored: StoredArray) throws -> Tensor {
  guard stored.shape == tensor.shape, stored.elements.typeName == tensor.dtype.rawValue,
    let storage = Storage(stored.elements)
  else { throw contradiction(stored) }
  return Tensor(shape: tensor.shape, storage)
}

private func contradiction(_ stored: StoredArray) -> SerialisationError {
  SerialisationError(
    .badHeader("the dataset is \(stored.elements.typeName)\(stored.shape), unlike its manifest"))
}

// The manifest is a dataset of bytes: an attribute of HDF5 has at most 64 KiB.
private let manifestName = "manifest"

private func writeManifest<T: PyTree>(of tree: T, to file: HDF5Writer) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let text = [UInt8](try encoder.encode(ArchiveManifest(tree)))
  try file.write(StoredArray(shape: [text.count], elements: .u8(text)), at: manifestName)
}

private func readManifest(_ file: HDF5File) throws -> ArchiveManifest {
  guard case .u8(let text) = try file.array(at: manifestName).elements,
    let manifest = try? JSONDecoder().decode(ArchiveManifest.self, from: Data(text))
  else { throw SerialisationError(.badHeader("the manifest is no JSON of an archive")) }
  return manifest
}

/// A dataset's name: the key path, with what HDF5 reserves written as in addresses of the web.
private func datasetNames<T: PyTree>(of tree: T) throws -> [String] {
  let names = tree.leafPaths.map { path in
    guard !path.keys.isEmpty else { return "leaves/value" }
    return "leaves/"
      + path.description.replacing("%", with: "%25").replacing("/", with: "%2F")
      .replacing("\0", with: "%00")
  }
  var seen: Set<String> = []
  for (name, path) in zip(names, tree.leafPaths) where !seen.insert(name).inserted {
    throw SerialisationError(.cannotHold("two leaves have this path"), path: path)
  }
  return names
}

/// What HDF5 reports, as an error of this module.
private func storing<Result>(_ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as StorageError {
    let place = error.object.map { "\($0): " } ?? ""
    let bare = StorageError(file: "HDF5", error.reason)
    if case .cannotWrite(let words) = error.reason {
      throw SerialisationError(.cannotWrite(place + words))
    }
    throw SerialisationError(.cannotRead("\(place)\(bare)"))
  }
}

extension Leaf {
  /// The dataset of a leaf; nil for what stands in the manifest only.
  fileprivate var stored: StoredArray? {
    get throws {
      switch self {
      case .tensor(let tensor):
        guard let storage = try? tensor.storage else {
          throw SerialisationError(
            .cannotHold("\(tensor.aval) is being traced and has no values yet"))
        }
        return StoredArray(shape: tensor.shape, elements: storage.elements)
      case .bool(let bit): return StoredArray(shape: [], elements: .bool([bit]))
      case .int(let number): return StoredArray(shape: [], elements: .i64([Int64(number)]))
      case .double(let number): return StoredArray(shape: [], elements: .f64([number]))
      case .string, .function: return nil
      }
    }
  }
}

extension Storage {
  fileprivate var elements: StoredArray.Elements {
    switch self {
    case .f32(let x): .f32(x)
    case .f64(let x): .f64(x)
    case .i32(let x): .i32(x)
    case .u32(let x): .u32(x)
    case .bool(let x): .bool(x)
    }
  }

  fileprivate init?(_ elements: StoredArray.Elements) {
    switch elements {
    case .f32(let x): self = .f32(x)
    case .f64(let x): self = .f64(x)
    case .i32(let x): self = .i32(x)
    case .u32(let x): self = .u32(x)
    case .bool(let x): self = .bool(x)
    case .i64, .u8: return nil
    }
  }
}
