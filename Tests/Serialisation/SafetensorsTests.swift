// The safetensors format: bytes made by hand from its description, laws of reading and writing, and
// every way in which a header can contradict its data.

import Catalogue
import Core
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

/// A file with this JSON and these data.
private func file(_ json: String, _ data: [UInt8] = []) -> [UInt8] {
  let text = Array(json.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}

/// What reading throws.
private func fault(_ bytes: [UInt8]) -> String? {
  do { _ = try Safetensors(bytes: bytes) } catch { return "\(error)" }
  return nil
}

@Suite struct SafetensorsTests {
  @Test func `a file made by hand is read and written byte by byte`() throws {
    let json =
      #"{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""a\"é":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}"#
    let padded = json + String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
    let bytes = file(padded, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 1])
    let found = try Safetensors(bytes: bytes)
    #expect(found.metadata == ["format": "pt"])
    #expect(try found.tensors["b"]?.scalars == [1, -2])
    #expect(try found.tensors["a\"é"]?.item == 1)
    #expect(try found.bytes == bytes)
  }

  @Test func `the reference implementation's file is read bit by bit and written byte by byte`()
    throws
  {
    let path = fixturePath("serialisation/bits.safetensors")
    let file = try Safetensors.read(path)
    #expect(file.metadata == ["format": "np"])
    let skeleton = try file.tensors.mapValues { try zeros(like: $0) }
    let bits = try deserialiseLeaves(from: eqxPath("bits"), like: skeleton)
    #expect(bits.count == 10)
    #expect(try haveSameBits(file.tensors, bits))
    #expect(try Safetensors(bits, metadata: file.metadata).bytes == fileBytes(path))
  }

  @Test func `what is read is what was written, bit by bit`() throws {
    for index in 0..<100 {
      var generator = SeededGenerator(
        seed: SeededGenerator.testSeed, name: "safetensors round trip", index)
      let tree = randomTree(&generator)
      let bytes = try Safetensors(tree, metadata: ["k": "v\n\u{1}"]).bytes
      let loaded = try Safetensors(bytes: bytes)
      #expect(try loaded.bytes == bytes, "seed \(SeededGenerator.testSeed), tree \(index)")
      let tensors = tree.map { tree in tree.leaves[0].tensor }
      let same = try loaded.tree(like: blank(tensors))
      #expect(try haveSameBits(same, tensors), "seed \(SeededGenerator.testSeed), tree \(index)")
    }
  }

  @Test func `the data start at a multiple of eight bytes`() throws {
    for length in 1...8 {
      let name = String(repeating: "n", count: length)
      #expect(try Safetensors([name: Tensor([1, 2])]).bytes.count % 8 == 0, "\(name)")
    }
  }

  @Test func `names beyond the first plane of Unicode are read, escaped or not`() throws {
    let entry = #""dtype":"U32","shape":[0],"data_offsets":[0,0]}"#
    for name in [#"\ud83d\ude00"#, "😀"] {
      #expect(try Array(Safetensors(bytes: file("{\"\(name)\":{\(entry)}")).tensors.keys) == ["😀"])
    }
    #expect(fault(file("{\"\\ud83d\":{\(entry)}"))?.contains("half a character") == true)
  }

  @Test func `a model loads by its names, and each that does not fit is named`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      let model = try MLP(2, 1, widthSize: 3, depth: 1, key: Key(0))
      try saveSafetensors(model, to: path)
      let names = try Safetensors.read(path).tensors.keys.sorted()
      #expect(
        names == ["layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight"])
      #expect(try haveSameBits(loadSafetensors(from: path, like: blank(model)), model))
      let other = try MLP(2, 1, widthSize: 4, depth: 1, key: Key(0))
      let wrong = #expect(throws: SerialisationError.self) {
        try loadSafetensors(from: path, like: other)
      }
      #expect(
        wrong?.description
          == "\(path): .layers[0].weight: the file has f32[3,2], this tree has f32[4,2]")
      let deeper = try MLP(2, 1, widthSize: 3, depth: 2, key: Key(0))
      #expect(throws: SerialisationError.self) { try loadSafetensors(from: path, like: deeper) }
      #expect(throws: SerialisationError.self) {
        try loadSafetensors(from: path, like: model.layers)
      }
      let extra = #expect(throws: SerialisationError.self) {
        try Safetensors(["a": Tensor(1), "b": Tensor(2)]).tree(like: ["a": Tensor(0)])
      }
      #expect(extra?.reason == .unexpected("a tensor 'b'"))
      let clash: [String: [String: Tensor]] = ["a": ["b.c": Tensor(1)], "a.b": ["c": Tensor(2)]]
      let taken = #expect(throws: SerialisationError.self) { try saveSafetensors(clash, to: path) }
      #expect(taken?.description.contains("the name 'a.b.c' is taken") == true)
    }
  }

  @Test func `a header that contradicts its data is refused`() {
    func one(_ name: String, _ from: Int, _ to: Int, _ rest: String = "") -> String {
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(from),\(to)]\(rest)}"
    }
    let four: [UInt8] = [0, 0, 0, 0]
    let cases: [(String, [UInt8])] = [
      ("'b' overlaps", file("{\(one("a", 0, 4)),\(one("b", 2, 6))}", four + four)),
      ("'b' leaves a hole", file("{\(one("a", 0, 4)),\(one("b", 5, 9))}", four + four + [0])),
      ("4 bytes of data belong", file("{\(one("a", 0, 4))}", four + four)),
      ("is truncated", file("{\(one("a", 0, 4))}", [0, 0])),
      ("has 8 bytes for F32[1]", file("{\(one("a", 0, 8))}", four + four)),
      ("'a' stands twice", file("{\(one("a", 0, 4)),\(one("a", 4, 8))}", four + four)),
      ("repeated key 'shape'", file("{\(one("a", 0, 4, ",\"shape\":[1]"))}", four)),
      ("no range", file("{\(one("a", 4, 0))}", four)),
      ("is not a safetensors", file("[]")),
      ("a text is missing", file("{")),
    ]
    for (words, bytes) in cases {
      #expect(fault(bytes)?.contains(words) == true, "\(words): \(fault(bytes) ?? "accepted")")
    }
    let huge = [UInt8](repeating: 0xFF, count: 8)
    #expect(fault(huge)?.contains("at most 100000000 are read") == true)
    #expect(fault([0, 0, 0, 5, 0, 0, 0, 0])?.contains("is truncated") == true)
    let overflow = #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#
    #expect(fault(file(overflow)) != nil)
    let hollow = #"{"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}"#
    #expect(fault(file(hollow)) != nil)
    let half = #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#
    #expect(fault(file(half, four))?.contains("is stored as safetensors' F16 ('a')") == true)
    let nan = #"{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}"#
    #expect(fault(file(nan, four))?.contains("a whole number") == true)
    let deep = String(repeating: "{\"a\":", count: 100_000)
    #expect(fault(file(deep)) != nil)
  }
}
