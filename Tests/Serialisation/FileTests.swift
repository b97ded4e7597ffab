// Files: the old one stays whole whatever goes wrong, and no temporary is left; what is no file of ours
// is one clear error; hyperparameters stand before the leaves.

import Core
import Foundation
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

private struct Sizes: Codable, Equatable {
  var in_size: Int
  var out_size: Int
  var width_size: Int
  var depth: Int

  func model(_ key: Key) throws -> MLP {
    try MLP(in_size, out_size, widthSize: width_size, depth: depth, key: key)
  }
}

private struct Failure: Error {}

/// What `body` throws.
private func fault(_ body: () throws -> Void) -> SerialisationFault? {
  do { try body() } catch let error as SerialisationError { return error.reason } catch {}
  return nil
}

@Suite struct FileTests {
  @Test func `a failed write leaves the old file and nothing else`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.eqx"
      try serialiseLeaves(1.5, to: path)
      let old = try fileBytes(path)
      let big = Tensor(shape: [1 << 20], .f32([Float](repeating: 1, count: 1 << 20)))
      #expect(throws: Failure.self) {
        try writeStream(to: path) { writer in
          try writer.write(big)
          throw Failure()
        }
      }
      let bad: SerialiseFilterSpec = { writer, leaf in
        if leaf.tensor == nil { throw Failure() }
        try defaultSerialiseFilterSpec(writer, leaf)
      }
      let error = #expect(throws: SerialisationError.self) {
        try serialiseLeaves(Tuple(big, 2.0), to: path, filterSpec: bad)
      }
      #expect(error?.description == "\(path): [1]: Failure()")
      #expect(try fileBytes(path) == old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.eqx"])
    }
  }

  @Test func `a full disk is one error, for each format`() throws {
    let tensor = Tensor([1, 2])
    let full = SerialisationFault.cannotWrite("no space left on device")
    #expect(fault { try replaced("/dev/full") { try serialiseLeaves(tensor, to: $0) } } == full)
    #expect(fault { try saveSafetensors(tensor, to: "/dev/full") } == full)
    #expect(fault { try save(hyperparameters: 1, tensor, to: "/dev/full") } == full)
    #expect(fault { try saveArchive(tensor, to: "/dev/full") } == .notRegularFile)
  }

  /// The suffix rule would make /dev/full.eqx of it; a link with a suffix leads to the device.
  private func replaced(_ device: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let link = folder + "/full.eqx"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: device)
      try body(link)
    }
  }

  @Test func `folders, devices and absent files are named as what they are`() throws {
    try withTemporaryFolder { folder in
      let tensor = Tensor([1, 2])
      #expect(fault { try saveSafetensors(tensor, to: folder) } == .isDirectory)
      #expect(fault { try saveArchive(tensor, to: folder) } == .isDirectory)
      #expect(fault { _ = try loadSafetensors(from: folder, like: tensor) } == .isDirectory)
      #expect(fault { _ = try loadArchive(from: folder, like: tensor) } == .isDirectory)
      let none = folder + "/none.eqx"
      #expect(fault { _ = try deserialiseLeaves(from: none, like: tensor) } == .noSuchFile)
      #expect(fault { _ = try loadArchive(from: none, like: tensor) } == .noSuchFile)
      let nowhere = folder + "/none/model.eqx"
      #expect(fault { try serialiseLeaves(tensor, to: nowhere) } != nil)
      #expect(fault { _ = try loadSafetensors(from: "/dev/zero", like: tensor) } == .notRegularFile)
      #expect(fault { try serialiseLeaves(tensor, to: "") } == .badName(""))
      let pipe = folder + "/pipe.eqx"
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(fault { _ = try deserialiseLeaves(from: pipe, like: tensor) } == .notRegularFile)
    }
  }

  // Whoever runs as root is refused nothing.
  @Test(.enabled(if: geteuid() != 0)) func `what may not be read or written is said so`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.eqx"
      try serialiseLeaves(1.5, to: path)
      chmod(path, 0)
      #expect(fault { _ = try deserialiseLeaves(from: path, like: 0.0) } == .noPermission)
      #expect(fault { try serialiseLeaves(2.5, to: path) } == .noPermission)
    }
  }

  @Test func `a file that is replaced keeps its permissions, and a link stays a link`() throws {
    try withTemporaryFolder { folder in
      let (path, link) = (folder + "/model.eqx", folder + "/link.eqx")
      try serialiseLeaves(1.5, to: path)
      chmod(path, 0o640)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      try serialiseLeaves(2.5, to: link)
      #expect(try deserialiseLeaves(from: path, like: 0.0) == 2.5)
      let kind = try FileManager.default.attributesOfItem(atPath: link)[.type] as? FileAttributeType
      #expect(kind == .typeSymbolicLink)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o640)
    }
  }

  @Test func `SE-08 Equinox's header form loads, and ours is read back`() throws {
    let model = try load(from: eqxPath("header")) { (sizes: Sizes) in try sizes.model(Key(9)) }
    #expect(try serialiseLeaves(model) == fileBytes(eqxPath("mlp")))
    let shaped = try load(from: eqxPath("header")) { (sizes: Sizes) -> LeafMap<MLP, ShapedArray?> in
      let shapes = filterEvalShape { (data: Tensor) in try sizes.model(Key(data: data)) }
      return try shapes(Key(0).data)
    }
    #expect(try serialiseLeaves(shaped) == fileBytes(eqxPath("mlp")))
    try withTemporaryFolder { folder in
      let path = folder + "/model.eqx"
      let sizes = Sizes(in_size: 2, out_size: 3, width_size: 8, depth: 2)
      try save(hyperparameters: sizes, model, to: path)
      let line = #"{"depth":2,"in_size":2,"out_size":3,"width_size":8}"# + "\n"
      #expect(try fileBytes(path) == Array(line.utf8) + fileBytes(eqxPath("mlp")))
      let again = try load(from: path) { (sizes: Sizes) in try sizes.model(Key(1)) }
      #expect(try haveSameBits(again, model))
      try writeFile(path, fileBytes(path) + [0])
      let error = #expect(throws: SerialisationError.self) {
        try load(from: path) { (sizes: Sizes) in try sizes.model(Key(1)) }
      }
      #expect(error?.reason == .trailingBytes(1))
    }
  }

  @Test func `SE-08 a line that is no JSON, or of other keys, is refused`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.eqx"
      for (text, words) in [
        "": "no line of JSON", "{\"in_size\":2": "no line of JSON", "{\n": "is no JSON of Sizes",
        "{\"in_size\":2}\n": "no key 'out_size'",
        "{\"in_size\":NaN,\"out_size\":1,\"width_size\":1,\"depth\":1}\n": "is no JSON of Sizes",
        String(repeating: "[", count: 100_000) + "\n": "is no JSON of Sizes",
      ] {
        try writeFile(path, text.utf8)
        let error = #expect(throws: SerialisationError.self) {
          try load(from: path) { (sizes: Sizes) in try sizes.model(Key(0)) }
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      }
      #expect(throws: SerialisationError.self) {
        try save(hyperparameters: Double.nan, Tensor(1), to: path)
      }
    }
  }
}
