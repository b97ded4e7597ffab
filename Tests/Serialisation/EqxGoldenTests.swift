// Golden: files of the real Equinox load here with every bit, and are written here with every byte.

import Core
import Foundation
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

/// The scalars of scalars.eqx in the order of its tree.
private typealias Scalars = Tuple<
  Bool, Bool, Int, Int, Int, Double, Double, Double, Double, String, Tensor?
>

private let blankScalars = Scalars(false, false, 0, 0, 0, 0, 0, 0, 0, "kept", nil)

/// A tree of bits.eqx: zeros of each dtype and shape.
private func blankBits() throws -> [String: Tensor] {
  let types: [String: DType] = [
    "bool": .bool, "float32": .f32, "float64": .f64, "int32": .i32, "uint32": .u32,
  ]
  let leaves = try #require(EqxTable.read().models["bits"]).leaves
  return try Dictionary(
    uniqueKeysWithValues: leaves.map { leaf in
      let name = String(leaf.path.dropFirst(2).dropLast(2))
      return (name, try zeros(leaf.shape, try #require(types[leaf.dtype])))
    })
}

private func makeNorm() throws -> Tuple<BatchNorm, State> {
  let (norm, state) = try makeWithState { try BatchNorm(3, axisName: "batch") }
  return Tuple(norm, state)
}

/// Loads a file, holds its leaves against the table, and writes it again.
private func expectSameBytes<T: PyTree>(_ name: String, like skeleton: T) throws {
  let tree = try deserialiseLeaves(from: eqxPath(name), like: skeleton)
  let saved = tree.leaves.compactMap { leaf -> [UInt8]? in
    switch leaf {
    case .tensor(let tensor): (try? tensor.storage).map(elementBytes)
    case .bool(let bit): [bit ? 1 : 0]
    case .int(let number): withUnsafeBytes(of: Int64(number)) { [UInt8]($0) }
    case .double(let number): withUnsafeBytes(of: number) { [UInt8]($0) }
    case .string, .function: nil
    }
  }
  let leaves = try #require(EqxTable.read().models[name]).leaves
  #expect(saved == leaves.map { unhex($0.bytes) }, "\(name)")
  #expect(try serialiseLeaves(tree) == fileBytes(eqxPath(name)), "\(name)")
  try withTemporaryFolder { folder in
    try serialiseLeaves(tree, to: folder + "/again")
    #expect(try fileBytes(folder + "/again.eqx") == fileBytes(eqxPath(name)), "\(name)")
  }
}

/// The model that the table's key makes.
private func key(_ name: String) throws -> Key {
  let words = try #require(EqxTable.read().models[name]?.key)
  return Key(words[1])
}

private func linear(_ key: Key) throws -> Linear { try Linear(3, 2, key: key) }
private func mlp(_ key: Key) throws -> MLP { try MLP(2, 3, widthSize: 8, depth: 2, key: key) }
private func plain(_ key: Key) throws -> MLP {
  try MLP(4, 2, widthSize: 5, depth: 1, activation: Function.tanh, useBias: false, key: key)
}

/// How far a network of these layers in f32 may lie from its exact value, whatever the order of its sums.
///
/// A row with n products and a bias is off by at most γₙ₊₂ (Σ |w||x| + |b|) (one n more than it needs covers
/// the f64 of this bound), and by Σ |w| e for inputs that are off by e. Neither relu nor tanh enlarges
/// a number or a distance; XLA's tanh is off by at most 3.79 ulps of 2u (docs/ErrorModels.md).
private func roundingError(_ layers: [Linear], at input: [Double]) throws -> [Double] {
  let u = 0x1p-24
  var sizes = input.map(abs)
  var errors = input.map { _ in 0.0 }
  for layer in layers {
    let (n, weight) = (sizes.count, try layer.weight.scalars.map(abs))
    let bias = try layer.bias?.scalars.map(abs)
    let gamma = Double(n + 2) * u / (1 - Double(n + 2) * u)
    let rows = stride(from: 0, to: weight.count, by: n).map { weight[$0..<$0 + n] }
    func applied(_ x: [Double]) -> [Double] {
      rows.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let exact = applied(sizes).enumerated().map { $1 + (bias?[$0] ?? 0) }
    errors = zip(applied(errors), exact).map { $0 + (gamma + 2 * 3.79 * u) * $1 }
    sizes = zip(exact, errors).map { $0 + $1 }
  }
  return errors
}

@Suite struct EqxGoldenTests {
  @Test func `SE-01 SE-06 every file of Equinox loads bit by bit and is written byte by byte`()
    throws
  {
    try expectSameBytes("linear", like: linear(Key(7)))
    try expectSameBytes("mlp", like: mlp(Key(7)))
    try expectSameBytes("plain", like: plain(Key(7)))
    try expectSameBytes("norm", like: makeNorm())
    try expectSameBytes("bits", like: blankBits())
    try expectSameBytes("dropout", like: Dropout(0.5))
    try expectSameBytes("empty", like: [Tensor]())
    try expectSameBytes("scalars", like: blankScalars)
  }

  @Test func `SE-02 a model built here from the same key is saved as the same bytes`() throws {
    #expect(try serialiseLeaves(linear(key("linear"))) == fileBytes(eqxPath("linear")))
    #expect(try serialiseLeaves(mlp(key("mlp"))) == fileBytes(eqxPath("mlp")))
    #expect(try serialiseLeaves(plain(key("plain"))) == fileBytes(eqxPath("plain")))
  }

  @Test func `SE-02 strings, functions and nil are the skeleton's`() throws {
    let scalars = try deserialiseLeaves(from: eqxPath("scalars"), like: blankScalars)
    #expect(scalars.elements.9 == "kept" && scalars.elements.10 == nil)
    #expect(scalars.elements.3 == Int.min && scalars.elements.4 == Int.max)
    #expect(scalars.elements.6.sign == .minus && scalars.elements.7.isNaN)
  }

  @Test func `a loaded model computes what Equinox computed`() throws {
    let table = try EqxTable.read().models
    func expectOutput<M: PlainLayer>(
      _ name: String, like skeleton: M, _ layers: (M) -> [Linear]
    ) throws {
      let row = try #require(table[name])
      let (input, expected) = (try #require(row.input), try #require(row.output))
      let model = try deserialiseLeaves(from: eqxPath(name), like: skeleton)
      let output = try model(Tensor(input)).scalars
      let error = try roundingError(layers(model), at: input)
      #expect(output.count == expected.count && error.count == expected.count)
      for ((y, theirs), error) in zip(zip(output, expected), error) {
        #expect(abs(y - theirs) <= 2 * error, "\(name)")
      }
    }
    try expectOutput("linear", like: linear(Key(7))) { [$0] }
    try expectOutput("mlp", like: mlp(Key(7))) { $0.layers }
    try expectOutput("plain", like: plain(Key(7))) { $0.layers }
  }

  @Test func `SE-07 a model and its state are six records, and shapes are skeleton enough`() throws
  {
    let table = try #require(EqxTable.read().models["norm"])
    #expect(table.leaves.count == 6)
    let normShapes = filterEvalShape { (_: Tensor) in try makeNorm() }
    let shapes = try normShapes(Tensor(0))
    let whole = try deserialiseLeaves(from: eqxPath("norm"), like: makeNorm())
    let loaded = try deserialiseLeaves(from: eqxPath("norm"), like: shapes)
    #expect(try serialiseLeaves(loaded) == serialiseLeaves(whole))
    let makeShapes = filterEvalShape { (data: Tensor) in try mlp(Key(data: data)) }
    let mlpShapes = try makeShapes(Key(0).data)
    let model = try deserialiseLeaves(from: eqxPath("mlp"), like: mlpShapes)
    #expect(try serialiseLeaves(model) == fileBytes(eqxPath("mlp")))
  }

  @Test(arguments: try EqxTable.read().records.keys.sorted())
  func `SE-03 SE-05 a record is read as NumPy reads it, or refused`(name: String) throws {
    let record = try #require(EqxTable.read().records[name])
    let bytes = unhex(record.bytes)
    let types: [String: DType] = ["<f4": .f32, "<f8": .f64, "<i4": .i32]
    guard let dtype = types[record.dtype ?? ""], let shape = record.shape else {
      #expect(throws: SerialisationError.self) {
        try deserialiseLeaves(from: bytes, like: zeros(record.shape ?? [2]))
      }
      return
    }
    let tensor = try deserialiseLeaves(from: bytes, like: zeros(shape, dtype))
    #expect(try tensor.scalars == record.values)
  }
}
