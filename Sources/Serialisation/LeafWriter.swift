// The stream of records of one or more trees, as it is written.
//
// SE-01: a record per saved leaf, in the order of the leaves, and nothing else. SE-02: tensors, Bool,
// Int and Double are saved; a String and a function are configuration, and are not.

public import Core
public import Tree

/// What saves one leaf: `defaultSerialiseFilterSpec`, or one of your own around it.
public typealias SerialiseFilterSpec = @Sendable (LeafWriter, Leaf) throws -> Void

/// Saves a tensor, a Bool, an Int or a Double as a record; passes a String and a function over.
public let defaultSerialiseFilterSpec: SerialiseFilterSpec = { writer, leaf in
  switch leaf {
  case .tensor(let tensor): try writer.write(tensor)
  case .bool(let bit): try writer.write(bit)
  case .int(let number): try writer.write(number)
  case .double(let number): try writer.write(number)
  case .string, .function: break
  }
}

/// A stream of `.npy` records that grows at its end.
public final class LeafWriter {
  private let sink: ByteSink
  /// The header of the record before, for a run of leaves of one type.
  private var last: (type: NpyType, shape: [Int], header: [UInt8])?

  init(_ sink: ByteSink) { self.sink = sink }

  /// A stream in memory.
  public convenience init() { self.init(ByteSink()) }

  /// What has been written, for a stream in memory.
  public var bytes: [UInt8] { sink.bytes }

  /// The number of bytes so far.
  public var offset: Int { sink.offset }

  /// Writes the leaves of a tree.
  /// - Throws: `SerialisationError` with the path of the leaf that cannot be saved.
  public func write<T: PyTree>(
    _ tree: T, filterSpec: SerialiseFilterSpec = defaultSerialiseFilterSpec
  ) throws {
    for (position, leaf) in tree.leaves.enumerated() {
      try naming(leaf: position, of: tree) { try filterSpec(self, leaf) }
    }
  }

  /// Writes the leaves of a tree, each by its own rule.
  public func write<T: PyTree>(
    _ tree: T, filterSpecs: LeafMap<T, SerialiseFilterSpec>
  ) throws {
    try demandSameStructure(tree, filterSpecs)
    for (position, leaf) in tree.leaves.enumerated() {
      try naming(leaf: position, of: tree) { try filterSpecs.values[position](self, leaf) }
    }
  }

  /// Writes bytes as they are, such as a line of text in front of a tree.
  public func write(raw bytes: [UInt8]) throws { try sink.write(bytes) }

  /// Writes a tensor's record.
  /// - Throws: `.cannotHold` for a tensor whose values are not known.
  public func write(_ tensor: Tensor) throws {
    guard let storage = try? tensor.storage else {
      throw SerialisationError(.cannotHold("\(tensor.aval) is being traced and has no values yet"))
    }
    guard tensor.rank <= NpyHeader.maximumRank else {
      throw SerialisationError(
        .cannotHold("\(tensor.rank) axes; NumPy reads at most \(NpyHeader.maximumRank)"))
    }
    try sink.write(header(NpyType(tensor.dtype), tensor.shape))
    try storage.withBytes { try sink.write($0) }
  }

  /// Writes a truth value as Python's bool.
  public func write(_ bit: Bool) throws { try write(scalar: UInt8(bit ? 1 : 0), .bool) }

  /// Writes a whole number as Python's int.
  public func write(_ number: Int) throws { try write(scalar: Int64(number), .i64) }

  /// Writes a number as Python's float.
  public func write(_ number: Double) throws { try write(scalar: number, .f64) }

  private func write<Value: BitwiseCopyable>(scalar value: Value, _ type: NpyType) throws {
    try sink.write(header(type, []))
    try withUnsafeBytes(of: value) { try sink.write($0) }
  }

  private func header(_ type: NpyType, _ shape: [Int]) -> [UInt8] {
    if let last, last.type == type, last.shape == shape { return last.header }
    let header = NpyHeader(descr: type.descr, shape: shape).bytes
    last = (type, shape, header)
    return header
  }
}

/// Adds the path of a leaf to what `body` throws, so that a tree without errors makes no paths.
func naming<T: PyTree, Result>(
  leaf position: Int, of tree: T, _ body: () throws -> Result
) throws -> Result {
  do { return try body() } catch let error as SerialisationError {
    throw error.inside(path: tree.leafPaths[position])
  } catch {
    throw SerialisationError(.ruleFailed("\(error)"), path: tree.leafPaths[position])
  }
}

/// That a map of rules was made for this tree.
func demandSameStructure<T: PyTree, Value>(_ tree: T, _ map: LeafMap<T, Value>) throws {
  guard tree.treeDef != map.structure else { return }
  throw SerialisationError(.cannotHold("the rules were made for a tree of another structure"))
}
