// Tensors by name, in the safetensors format: what other libraries read without running any code.
//
// A tree's tensors stand under their key paths with points between the steps, as
// `layers.0.weight`. Everything else of a tree is not in the file and stays the skeleton's.

public import Core
public import Tree

/// What a safetensors file holds.
public struct Safetensors: Sendable {
  /// The tensors by name.
  public var tensors: [String: Tensor]
  /// Texts for people.
  public var metadata: [String: String]

  /// A file with these tensors.
  public init(_ tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensors of a tree under their key paths.
  /// - Throws: `.cannotHold` if two leaves have one name.
  public init<T: PyTree>(_ tree: T, metadata: [String: String] = [:]) throws {
    self.init([:], metadata: metadata)
    for (path, leaf) in tree.flattenWithPaths() {
      guard let tensor = leaf.tensor else { continue }
      let name = path.simple(separator: ".")
      guard name != "__metadata__", tensors.updateValue(tensor, forKey: name) == nil else {
        throw SerialisationError(.cannotHold("the name '\(name)' is taken"), path: path)
      }
    }
  }

  /// Reads a file.
  public static func read(_ path: String) throws -> Safetensors {
    try naming(path) { try Safetensors(from: ByteSource(path: path)) }
  }

  /// Reads the bytes of a file.
  public init(bytes: [UInt8]) throws { try self.init(from: ByteSource(bytes)) }

  /// Writes a file, which is complete or not there.
  public func write(to path: String) throws { try replaceFile(path) { try write(to: $0) } }

  /// The bytes of a file.
  public var bytes: [UInt8] {
    get throws {
      let sink = ByteSink()
      try write(to: sink)
      return sink.bytes
    }
  }

  /// The tree with the tensors of this file: exactly those that the tree has, no more and no fewer.
  /// - Throws: `SerialisationError` with the leaf.
  public func tree<T: PyTree>(like skeleton: T) throws -> T {
    var rest = tensors
    let leaves = try skeleton.flattenWithPaths().map { path, leaf in
      guard let old = leaf.tensor else { return leaf }
      let name = path.simple(separator: ".")
      guard let new = rest.removeValue(forKey: name) else {
        throw SerialisationError(.missing("a tensor '\(name)'"), path: path)
      }
      guard new.aval == old.aval else {
        throw SerialisationError(.mismatch(file: "\(new.aval)", tree: "\(old.aval)"), path: path)
      }
      return .tensor(new)
    }
    if let name = rest.keys.min() {
      throw SerialisationError(.unexpected("a tensor '\(name)'"))
    }
    return try skeleton.unflatten(leaves)
  }
}

/// Saves the tensors of a tree as a safetensors file, which is complete or not there.
public func saveSafetensors<T: PyTree>(
  _ tree: T, to path: String, metadata: [String: String] = [:]
) throws {
  try naming(path) { try Safetensors(tree, metadata: metadata).write(to: path) }
}

/// Loads a tree like `skeleton` from a safetensors file.
public func loadSafetensors<T: PyTree>(from path: String, like skeleton: T) throws -> T {
  try naming(path) { try Safetensors.read(path).tree(like: skeleton) }
}

extension Safetensors {
  private init(from source: ByteSource) throws {
    let header = try SafetensorsHeader(from: source)
    self.init([:], metadata: header.metadata)
    for entry in header.entries {
      let start = source.offset
      guard let dtype = SafetensorsHeader.names.first(where: { $0.name == entry.dtype })?.dtype
      else {
        throw SerialisationError(
          .unsupportedType("safetensors' \(entry.dtype) ('\(entry.name)')"), offset: start)
      }
      let storage = try Storage(entry.shape.reduce(1, *), dtype, from: source)
      tensors[entry.name] = Tensor(shape: entry.shape, storage)
    }
  }

  private func write(to sink: ByteSink) throws {
    let named = tensors.sorted { a, b in
      let (i, j) = (a.value.dtype.rank, b.value.dtype.rank)
      return i == j ? a.key.utf8.lexicographicallyPrecedes(b.key.utf8) : i > j
    }
    var end = 0
    var entries: [SafetensorsEntry] = []
    for (name, tensor) in named {
      let type = SafetensorsHeader.names[tensor.dtype.rank]
      let size = tensor.aval.size * NpyType(tensor.dtype).size
      entries.append(
        SafetensorsEntry(
          name: name, dtype: type.name, shape: tensor.shape, range: end..<end + size))
      end += size
    }
    try sink.write(SafetensorsHeader(entries: entries, metadata: metadata).bytes)
    for (name, tensor) in named {
      guard let storage = try? tensor.storage else {
        throw SerialisationError(
          .cannotHold("'\(name)', \(tensor.aval), is being traced and has no values yet"))
      }
      try storage.withBytes { try sink.write($0) }
    }
  }
}

extension DType {
  /// The place among the dtypes of the format.
  fileprivate var rank: Int {
    switch self {
    case .bool: 0
    case .i32: 1
    case .u32: 2
    case .f32: 3
    case .f64: 4
    }
  }
}
