// Laws of the stream: read ∘ write = id on trees, write ∘ read = id on bytes; several trees in one
// stream; rules of one's own.

import Catalogue
import Core
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

/// A tensor of random bits: every class of numbers occurs, NaNs with payloads too.
func randomTensor(_ dtype: DType, _ shape: [Int], _ generator: inout SeededGenerator) -> Tensor {
  let count = shape.reduce(1, *)
  let words = (0..<count).map { _ in generator.next() }
  let storage: Storage =
    switch dtype {
    case .f32: .f32(words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
    case .f64: .f64(words.map { Double(bitPattern: $0) })
    case .i32: .i32(words.map { Int32(truncatingIfNeeded: $0) })
    case .u32: .u32(words.map { UInt32(truncatingIfNeeded: $0) })
    case .bool: .bool(words.map { $0 & 1 == 1 })
    }
  return Tensor(shape: shape, storage)
}

/// A tree of random leaves of every kind that is saved.
func randomTree(_ generator: inout SeededGenerator) -> [DynamicTree] {
  (0..<Int(generator.next() % 6)).map { _ in
    let shape = (0..<Int(generator.next() % 4)).map { _ in Int(generator.next() % 4) }
    let word = generator.next()
    switch word % 8 {
    case 0: return .leaf(.bool(word & 8 == 0))
    case 1: return .leaf(.int(Int(truncatingIfNeeded: generator.next())))
    case 2: return .leaf(.double(Double(bitPattern: generator.next())))
    case let kind:
      return .leaf(.tensor(randomTensor(DType.allCases[Int(kind - 3)], shape, &generator)))
    }
  }
}

/// The tree with other numbers in the same places.
func blank<T: PyTree>(_ tree: T) throws -> T {
  try tree.unflatten(
    tree.leaves.map { leaf in
      switch leaf {
      case .tensor(let tensor): .tensor(try zeros(like: tensor))
      case .bool: .bool(false)
      case .int: .int(0)
      case .double: .double(0)
      case .string, .function: leaf
      }
    })
}

/// Whether both trees have the same leaves, bit by bit.
func haveSameBits<T: PyTree>(_ a: T, _ b: T) throws -> Bool {
  let (x, y) = (a.leaves, b.leaves)
  guard x.count == y.count else { return false }
  return try zip(x, y).allSatisfy { a, b in
    switch (a, b) {
    case (.tensor(let a), .tensor(let b)):
      try a.aval == b.aval && a.storage.isBitwiseEqual(to: b.storage)
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.function(let a), .function(let b)): a == b
    case (.tensor, _), (.double, _), (.bool, _), (.int, _), (.string, _), (.function, _): false
    }
  }
}

@Suite struct EqxLawTests {
  @Test func `SE-06 what is read is what was written, bit by bit`() throws {
    try withTemporaryFolder { folder in
      for index in 0..<200 {
        var generator = SeededGenerator(
          seed: SeededGenerator.testSeed, name: "eqx round trip", index)
        let tree = randomTree(&generator)
        let bytes = try serialiseLeaves(tree)
        let loaded = try deserialiseLeaves(from: bytes, like: blank(tree))
        #expect(
          try haveSameBits(tree, loaded), "seed \(SeededGenerator.testSeed), tree \(index)")
        #expect(try serialiseLeaves(loaded) == bytes)
        try serialiseLeaves(tree, to: folder + "/tree.eqx")
        #expect(try fileBytes(folder + "/tree.eqx") == bytes)
        let again = try deserialiseLeaves(from: folder + "/tree.eqx", like: blank(tree))
        #expect(try haveSameBits(tree, again), "seed \(SeededGenerator.testSeed), tree \(index)")
      }
    }
  }

  // Where np.lib.format.write_array (2.4.6) puts the data of these shapes: with one column less kept free
  // for the first axis the first would be 192, with one more the second 256.
  @Test func `SE-01 the first axis has room to grow, as NumPy leaves it`() throws {
    for (shape, start) in [
      ([0] + [Int](repeating: 1, count: 35), 256),
      ([0, 10, 10] + [Int](repeating: 1, count: 32), 192),
    ] {
      #expect(try serialiseLeaves(zeros(shape)).count == start, "\(shape)")
    }
  }

  // 3 MiB is above every buffer on the way.
  @Test func `large and small leaves side by side survive the buffers`() throws {
    var generator = SeededGenerator(seed: SeededGenerator.testSeed, name: "large", 0)
    let tree = [3, 1 << 16, 1, 786_432, 0, 65_504, 5].map {
      randomTensor(.f32, [$0], &generator)
    }
    try withTemporaryFolder { folder in
      try serialiseLeaves(tree, to: folder + "/large")
      #expect(try fileBytes(folder + "/large.eqx") == serialiseLeaves(tree))
      #expect(
        try haveSameBits(tree, deserialiseLeaves(from: folder + "/large", like: blank(tree))))
    }
  }

  @Test func `a stream holds several trees one after another`() throws {
    let first = try Linear(3, 2, key: Key(1))
    let second = Tuple(0.25, [Tensor([1, 2, 3])])
    try withTemporaryFolder { folder in
      try writeStream(to: folder + "/two") { writer in
        try writer.write(first)
        try writer.write(second)
      }
      #expect(
        try fileBytes(folder + "/two.eqx") == serialiseLeaves(first) + serialiseLeaves(second))
      let (a, b) = try readStream(from: folder + "/two") { reader in
        (try reader.read(like: blank(first)), try reader.read(like: blank(second)))
      }
      #expect(try haveSameBits(a, first) && haveSameBits(b, second))
      let error = #expect(throws: SerialisationError.self) {
        try readStream(from: folder + "/two") { try $0.read(like: first) }
      }
      #expect(error?.reason == .trailingBytes(try serialiseLeaves(second).count))
    }
  }

  @Test func `a rule of one's own skips leaves on both sides`() throws {
    let tree = Tuple(Tensor([1, 2]), 0.5, Tensor([3, 4]))
    let noTensors: SerialiseFilterSpec = { writer, leaf in
      if leaf.tensor == nil { try defaultSerialiseFilterSpec(writer, leaf) }
    }
    let keepTensors: DeserialiseFilterSpec = { reader, leaf in
      try leaf.tensor == nil ? defaultDeserialiseFilterSpec(reader, leaf) : leaf
    }
    let bytes = try serialiseLeaves(tree, filterSpec: noTensors)
    #expect(bytes == (try serialiseLeaves(0.5)))
    let old = Tuple(Tensor([9, 9]), 0.0, Tensor([8, 8]))
    let new = try deserialiseLeaves(from: bytes, like: old, filterSpec: keepTensors)
    #expect(try haveSameBits(new, Tuple(Tensor([9, 9]), 0.5, Tensor([8, 8]))))
  }

  @Test func `rules can differ from leaf to leaf`() throws {
    let tree = [Tensor([1, 2]), Tensor([3])]
    let save = try LeafMap(
      like: tree, values: [defaultSerialiseFilterSpec, { _, _ in }] as [SerialiseFilterSpec])
    let load = try LeafMap(
      like: tree, values: [defaultDeserialiseFilterSpec, { $1 }] as [DeserialiseFilterSpec])
    let writer = LeafWriter()
    try writer.write(tree, filterSpecs: save)
    #expect(writer.bytes == (try serialiseLeaves(tree[0])))
    let reader = LeafReader(writer.bytes)
    let loaded = try reader.read(like: [Tensor([0, 0]), Tensor([7])], filterSpecs: load)
    #expect(try haveSameBits(loaded, [Tensor([1, 2]), Tensor([7])]))
    #expect(throws: SerialisationError.self) {
      try LeafWriter().write([Tensor(0)], filterSpecs: save)
    }
  }

  @Test func `SE-07 shapes of one's own are what is loaded`() throws {
    let bytes = try serialiseLeaves([Tensor([1, 2, 3])])
    let shapes = try LeafMap(
      like: [Tensor([9, 9])], values: [ShapedArray(.f32, [3])] as [ShapedArray?])
    let loaded = try LeafReader(bytes).read(like: shapes)
    #expect(try haveSameBits(loaded, [Tensor([1, 2, 3])]))
  }

  @Test func `SE-03 a rule that returns another type is refused with the path`() throws {
    let bytes = try serialiseLeaves([Tensor([1, 2])])
    let error = #expect(throws: SerialisationError.self) {
      try deserialiseLeaves(from: bytes, like: [Tensor([0, 0])]) { _, _ in .tensor(Tensor(1)) }
    }
    #expect("\(try #require(error))" == "[0]: at byte 0: the file has f32[], this tree has f32[2]")
  }
}
