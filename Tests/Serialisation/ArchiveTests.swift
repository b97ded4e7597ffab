// Laws of the archive: what is read is what was written; every file of SE-04 is refused with the place;
// every changed byte is refused.

import Catalogue
import Core
import HDF5Storage
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

/// A tree with every kind of node, leaf and constant, whose fields are data.
private func sample(_ change: (inout [DynamicTree.Field]) -> Void = { _ in }) -> DynamicTree {
  var fields: [DynamicTree.Field] = [
    .init("weight", .tree(.leaf(.tensor(Tensor([1, 2, 3]))))),
    .init("bias", .tree(.leaf(.tensor(Tensor([4, 5, 6]))))),
    .init("scale", .tree(.leaf(.tensor(Tensor([7, 8, 9]))))),
    .init("inference", .tree(.leaf(.bool(false)))),
    .init("p", .tree(.leaf(.double(0.5)))),
    .init("axis", .tree(.leaf(.string("batch")))),
    .init("activation", .tree(.leaf(.function(.relu)))),
    .init("parts", .tree(.list([.leaf(.int(3)), .none, .dictionary(["a/b": .leaf(.int(4))])]))),
    .init("size", .constant(StaticValue(3))),
  ]
  change(&fields)
  return .node("Sample", fields)
}

/// Saves `tree` and loads it like `skeleton`; what that throws.
private func fault(
  _ tree: DynamicTree, like skeleton: DynamicTree, settings: ArchiveSettings = .mustAgree
) throws -> String? {
  try withTemporaryFolder { folder in
    try saveArchive(tree, to: folder + "/a.h5")
    do {
      _ = try loadArchive(from: folder + "/a.h5", like: skeleton, settings: settings)
      return nil
    } catch let error as SerialisationError {
      return String("\(error)".dropFirst(folder.count + 7))
    }
  }
}

@Suite struct ArchiveTests {
  @Test func `SE-09 what is read is what was written, bit by bit`() throws {
    try withTemporaryFolder { folder in
      for index in 0..<40 {
        var generator = SeededGenerator(
          seed: SeededGenerator.testSeed, name: "archive round trip", index)
        let tree = randomTree(&generator)
        try saveArchive(tree, to: folder + "/tree.h5")
        let loaded = try loadArchive(
          from: folder + "/tree.h5", like: blank(tree), settings: .fromFile)
        #expect(
          try haveSameBits(tree, loaded), "seed \(SeededGenerator.testSeed), tree \(index)")
        let bytes = try fileBytes(folder + "/tree.h5")
        try saveArchive(loaded, to: folder + "/tree.h5")
        #expect(try fileBytes(folder + "/tree.h5") == bytes, "the same tree, the same bytes")
      }
    }
  }

  @Test func `SE-07 SE-09 a model and its state, each leaf a dataset under its path`() throws {
    try withTemporaryFolder { folder in
      let (norm, state) = try makeWithState { try BatchNorm(3, axisName: "batch") }
      try saveArchive(Tuple(norm, state), to: folder + "/norm.h5")
      let loaded = try loadArchive(from: folder + "/norm.h5", like: Tuple(norm, state))
      #expect(try haveSameBits(loaded, Tuple(norm, state)))
      let file = try HDF5File.open(folder + "/norm.h5")
      #expect(try file.array(at: "leaves/[0].weight").elements == .f32([1, 1, 1]))
      try saveArchive(["a/b%": Tensor(2)], to: folder + "/marks.h5")
      let marks = try HDF5File.open(folder + "/marks.h5")
      #expect(try marks.array(at: "leaves/['a%2Fb%25']").elements == .f32([2]))
      let model = try MLP(2, 1, widthSize: 3, depth: 1, key: Key(0))
      try saveArchive(model, to: folder + "/mlp.h5")
      #expect(try haveSameBits(loadArchive(from: folder + "/mlp.h5", like: model), model))
      let error = #expect(throws: SerialisationError.self) {
        try loadArchive(
          from: folder + "/mlp.h5", like: try MLP(2, 1, widthSize: 3, depth: 2, key: Key(0)))
      }
      #expect(error?.description.contains("array 2, this tree has array 3") == true)
    }
  }

  @Test func `SE-04 SE-09 every wrong file that the stream takes is refused with the place`()
    throws
  {
    #expect(try fault(sample(), like: sample()) == nil)
    func expectRefusal(_ words: String, _ change: (inout [DynamicTree.Field]) -> Void) throws {
      #expect(try fault(sample(), like: sample(change)) == words)
    }
    try expectRefusal("the file has .bias tensor f32[3], which this tree lacks") {
      $0[1] = .init("offset", $0[1].content)
    }
    try expectRefusal("the file has .weight here, this tree has .bias: their order differs") {
      $0.swapAt(0, 1)
    }
    try expectRefusal("the file has .bias tensor f32[3], which this tree lacks") {
      $0.remove(at: 1)
    }
    try expectRefusal("the file lacks .extra tensor f32[]") {
      $0.insert(.init("extra", .tree(.leaf(.tensor(Tensor(1))))), at: 1)
    }
    try expectRefusal("the file lacks .last tensor f32[]") {
      $0.append(.init("last", .tree(.leaf(.tensor(Tensor(1))))))
    }
    try expectRefusal("the file has .size constant 3, which this tree lacks") { $0.removeLast() }
    try expectRefusal("the file has .size constant 3, this tree has constant 4") {
      $0[8].content = .constant(StaticValue(4))
    }
    try expectRefusal("the file has .weight tensor f32[3], this tree has tensor f32[2]") {
      $0[0].content = .tree(.leaf(.tensor(Tensor([1, 2]))))
    }
    try expectRefusal("the file has .weight tensor f32[3], this tree has tensor f64[3]") {
      $0[0].content = .tree(.leaf(.tensor(Tensor([1, 2, 3], .f64))))
    }
    try expectRefusal("the file has .p double 0.5 (bits 3fe0000000000000), this tree has int 0") {
      $0[4].content = .tree(.leaf(.int(0)))
    }
    let choice = "; choose with settings: .fromFile or .fromTree"
    try expectRefusal("the file has .inference bool false, this tree has bool true" + choice) {
      $0[3].content = .tree(.leaf(.bool(true)))
    }
    try expectRefusal(
      "the file has .activation function relu, this tree has function tanh" + choice
    ) {
      $0[6].content = .tree(.leaf(.function(.tanh)))
    }
    try expectRefusal(
      "the file has .p double 0.5 (bits 3fe0000000000000), this tree has double 0.0 (bits 0)"
        + choice
    ) {
      $0[4].content = .tree(.leaf(.double(0)))
    }
  }

  @Test func `SE-04 whose settings hold is a choice with a name`() throws {
    try withTemporaryFolder { folder in
      try saveArchive(Tuple(true, 3, 0.5, "file"), to: folder + "/a.h5")
      let old = Tuple(false, 4, 1.5, "tree")
      let ours = try loadArchive(from: folder + "/a.h5", like: old, settings: .fromTree)
      #expect(try haveSameBits(ours, old))
      let theirs = try loadArchive(from: folder + "/a.h5", like: old, settings: .fromFile)
      #expect(try haveSameBits(theirs, Tuple(true, 3, 0.5, "file")))
      for settings in [ArchiveSettings.fromFile, .fromTree] {
        let error = #expect(throws: SerialisationError.self, "a choice of values, not of types") {
          try loadArchive(
            from: folder + "/a.h5", like: Tuple(false, 4.0, 1.5, "tree"), settings: settings)
        }
        #expect(
          error?.reason == .mismatch(file: "[1] int 3", tree: "double 4.0 (bits 4010000000000000)"))
      }
    }
  }

  @Test func `SE-09 an archive with any one byte changed, or cut anywhere, is refused`() throws {
    try withTemporaryFolder { folder in
      let tree = [Tensor([1, 2]), Tensor([0.5], .f64)]
      let path = folder + "/a.h5"
      try saveArchive(tree, to: path)
      let whole = try fileBytes(path)
      func isRefused(_ bytes: some Collection<UInt8>) throws -> Bool {
        try writeFile(path, bytes)
        do { _ = try loadArchive(from: path, like: tree) } catch is SerialisationError {
          return true
        }
        return false
      }
      #expect(try !isRefused(whole))
      for index in whole.indices {
        var bytes = whole
        bytes[index] ^= 1 << UInt8(index % 8)
        #expect(try isRefused(bytes), "byte \(index)")
      }
      for length in stride(from: 0, to: whole.count, by: 97) {
        #expect(try isRefused(whole.prefix(length)), "cut at \(length)")
      }
      #expect(try isRefused(whole + [0]))
    }
  }

  @Test func `another file is said to be no archive`() throws {
    try withTemporaryFolder { folder in
      let tree = Tensor([Double](repeating: 1, count: 512))
      try serialiseLeaves(tree, to: folder + "/model.eqx")
      let error = #expect(throws: SerialisationError.self) {
        try loadArchive(from: folder + "/model.eqx", like: tree)
      }
      #expect(error?.reason == .notThisFormat("an archive of this library"))
    }
  }

  @Test func `the checksum is that of the xz format`() throws {
    // The check value of CRC-64/XZ: the remainder of the text 123456789.
    #expect(crc64(of: Array("123456789".utf8)) == 0x995D_C9BB_DF19_39FA)
  }
}
