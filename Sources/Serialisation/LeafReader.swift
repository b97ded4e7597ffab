// The stream of records of one or more trees, as it is read.
//
// The skeleton says what comes next: each of its tensors, Bools, Ints and Doubles takes one record, and
// a String or a function none. Invariant: a record's shape and type are held against the skeleton
// before its data are read.

public import Core
public import Tree

/// What loads one leaf in the place of the skeleton's: `defaultDeserialiseFilterSpec`, or one of your
/// own around it. The result must have the kind, dtype and shape of the skeleton's leaf.
public typealias DeserialiseFilterSpec = @Sendable (LeafReader, Leaf) throws -> Leaf

/// Loads a tensor, a Bool, an Int or a Double from the next record; keeps a String and a function.
public let defaultDeserialiseFilterSpec: DeserialiseFilterSpec = { reader, leaf in
  switch leaf {
  case .tensor(let tensor): .tensor(try reader.tensor(tensor.aval))
  case .bool: .bool(try reader.bool())
  case .int: .int(try reader.int())
  case .double: .double(try reader.double())
  case .string, .function: leaf
  }
}

/// A stream of `.npy` records, read from its beginning.
public final class LeafReader {
  private let source: ByteSource
  private let leniency: Leniency

  init(_ source: ByteSource, _ leniency: Leniency) {
    self.source = source
    self.leniency = leniency
  }

  /// The stream of these bytes.
  public convenience init(_ bytes: [UInt8], accepting leniency: Leniency = []) {
    self.init(ByteSource(bytes), leniency)
  }

  /// The number of bytes read so far.
  public var offset: Int { source.offset }

  /// A tree like `skeleton` with the leaves that come next; the rest of the stream stays.
  /// - Throws: `SerialisationError` with the path of the leaf and the byte of its record.
  public func read<T: PyTree>(
    like skeleton: T, filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec
  ) throws -> T {
    try read(like: skeleton) { leaf, _ in try filterSpec(self, leaf) }
  }

  /// A tree like `skeleton`, each leaf by its own rule.
  public func read<T: PyTree>(
    like skeleton: T, filterSpecs: LeafMap<T, DeserialiseFilterSpec>
  ) throws -> T {
    try demandSameStructure(skeleton, filterSpecs)
    return try read(like: skeleton) { leaf, i in try filterSpecs.values[i](self, leaf) }
  }

  /// A tree of these shapes, as `filterEvalShape` gives them; other leaves are those of `shapes.like`.
  public func read<T: PyTree>(
    like shapes: LeafMap<T, ShapedArray?>,
    filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec
  ) throws -> T {
    let leaves = try zip(shapes.like.leaves, shapes.values).map { leaf, aval in
      guard let aval, leaf.tensor?.aval != aval else { return leaf }
      return Leaf.tensor(try zeros(aval.shape, aval.dtype))
    }
    return try read(like: shapes.like.unflatten(leaves), filterSpec: filterSpec)
  }

  /// That the stream ends here, unless trailing bytes are accepted.
  public func finish() throws {
    guard source.remaining > 0, !leniency.contains(.trailingBytes) else { return }
    throw SerialisationError(.trailingBytes(source.remaining), offset: offset)
  }

  /// The bytes up to a line feed, which is passed over; nil if none comes within `limit` bytes.
  public func line(limit: Int) throws -> [UInt8]? { try source.readLine(limit: limit) }

  private func read<T: PyTree>(
    like skeleton: T, _ load: (Leaf, Int) throws -> Leaf
  ) throws -> T {
    let old = skeleton.leaves
    var leaves: [Leaf] = []
    leaves.reserveCapacity(old.count)
    for (position, leaf) in old.enumerated() {
      leaves.append(
        try naming(leaf: position, of: skeleton) {
          let start = offset
          let new = try load(leaf, position)
          return try checked(new, like: leaf, start)
        })
    }
    return try skeleton.unflatten(leaves)
  }

  /// A rule of the caller's own may return anything; as upstream, only what fits is taken (SE-03).
  private func checked(_ new: Leaf, like old: Leaf, _ start: Int) throws -> Leaf {
    guard new.kind == old.kind else {
      throw mismatch(new.kind.description, old.kind.description, start)
    }
    guard let a = new.tensor?.aval, let b = old.tensor?.aval, a != b else { return new }
    throw mismatch("\(a)", "\(b)", start)
  }
}

// One leaf.
extension LeafReader {
  /// The next record as a tensor of this dtype and shape.
  public func tensor(_ aval: ShapedArray) throws -> Tensor {
    let start = offset
    let (header, type) = try nextHeader()
    let mayNarrow = leniency.contains(.narrowing)
    guard header.shape == aval.shape, type == NpyType(aval.dtype) || mayNarrow else {
      throw mismatch(header.text(type), "\(aval)", start)
    }
    let (count, _) = try header.size(of: type)
    let storage = try elements(count, type, as: aval, start)
    return Tensor(shape: aval.shape, header.isFortranOrder ? storage.rowMajor(aval.shape) : storage)
  }

  /// The next record as a truth value.
  public func bool() throws -> Bool {
    let number = try number(.bool, "a bool")
    return number.isTrue
  }

  /// The next record as a whole number.
  public func int() throws -> Int {
    let start = offset
    switch try number(.i64, "an int") {
    case .int(let value): return value
    case .double(let value):
      // Python's int() cuts towards zero, and refuses what is no number or too large for us.
      guard let whole = Int(exactly: value.rounded(.towardZero)) else {
        throw SerialisationError(.inexact(file: "\(value)", tree: "an int"), offset: start)
      }
      return whole
    }
  }

  /// The next record as a number.
  public func double() throws -> Double {
    switch try number(.f64, "a double") {
    case .int(let value): Double(value)
    case .double(let value): value
    }
  }

  private func nextHeader() throws -> (NpyHeader, NpyType) {
    let start = offset
    let header = try NpyHeader(from: source)
    do { return (header, try NpyType(descr: header.descr)) } catch let error as SerialisationError {
      throw SerialisationError(error.reason, offset: start)
    }
  }

  private func elements(
    _ count: Int, _ type: NpyType, as aval: ShapedArray, _ start: Int
  ) throws -> Storage {
    switch (type, aval.dtype) {
    case (.f64, .f32):
      let wide: [Double] = try Serialisation.read(count, from: source)
      return .f32(wide.map { Float($0) })
    case (.i64, .i32):
      let wide: [Int64] = try Serialisation.read(count, from: source)
      return .i32(wide.map { Int32(truncatingIfNeeded: $0) })
    case _ where type == NpyType(aval.dtype):
      return try Storage(count, aval.dtype, from: source)
    case _:
      throw mismatch("\(type.name)\(aval.shape)", "\(aval)", start)
    }
  }

  private func number(_ expected: NpyType, _ words: String) throws -> Number {
    let start = offset
    let (header, type) = try nextHeader()
    let isSame = header.shape.isEmpty && type == expected
    guard isSame || leniency.contains(.scalarConversions) && header.shape.allSatisfy({ $0 == 1 })
    else { throw mismatch(header.text(type), words, start) }
    switch type {
    case .f32: return .double(Double(try scalar() as Float))
    case .f64: return .double(try scalar())
    case .i32: return .int(Int(try scalar() as Int32))
    case .u32: return .int(Int(try scalar() as UInt32))
    case .i64: return .int(Int(try scalar() as Int64))
    case .bool:
      guard case .bool(let bits) = try Storage(1, .bool, from: source) else { return .int(0) }
      return .int(bits[0] ? 1 : 0)
    }
  }

  private func scalar<Value: BitwiseCopyable>() throws -> Value {
    let values: [Value] = try Serialisation.read(1, from: source)
    return values[0]
  }

  private func mismatch(_ file: String, _ tree: String, _ start: Int) -> SerialisationError {
    SerialisationError(.mismatch(file: file, tree: tree), offset: start)
  }
}

/// A number of a record, whole or not.
private enum Number {
  case int(Int)
  case double(Double)

  /// As Python's bool(): NaN is true.
  var isTrue: Bool {
    switch self {
    case .int(let value): value != 0
    case .double(let value): value != 0
    }
  }
}

extension NpyHeader {
  /// As JAX prints a type: `f32[2,3]`.
  fileprivate func text(_ type: NpyType) -> String {
    "\(type.name)[\(shape.map { "\($0)" }.joined(separator: ","))]"
  }
}
