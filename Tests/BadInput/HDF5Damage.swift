// Law: a file cut short anywhere is an error that says so; a file with any one byte changed is an error
// or a readable value, and never ends the process. Bounded: every cut and every byte of one small file.

import Foundation
import HDF5Storage
import TestSupport
import Testing

/// The bytes of a small file with every kind of object that we write.
private func smallFile(in folder: String) throws -> [UInt8] {
  let path = folder + "/whole.h5"
  try HDF5File.create(path) { writer in
    try writer.setAttribute("schema", to: .string("1"))
    try writer.write(StoredArray(shape: [3], elements: .f32([1, 2, 3])), at: "g/x")
    try writer.write(StoredArray(shape: [2], elements: .bool([true, false])), at: "g/b")
    try writer.setAttribute("x64", of: "g", to: .bool(true))
  }
  return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Opens a file and reads everything in it.
private func readAll(_ path: String) throws {
  let file = try HDF5File.open(path)
  for name in try file.attributeNames() { _ = try file.attribute(name) }
  for child in try file.children() {
    for name in try file.attributeNames(of: child.name) {
      _ = try file.attribute(name, of: child.name)
    }
  }
  for dataset in try file.datasetPaths() { _ = try file.array(at: dataset) }
}

/// What reading a file of these bytes throws, if anything.
private func fault(_ bytes: some Collection<UInt8>, at path: String) throws -> StorageError? {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  do { try readAll(path) } catch let error as StorageError { return error }
  return nil
}

@Suite struct HDF5Damage {
  @Test func `a file cut at any length is an error that says so`() throws {
    try withTemporaryFolder { folder in
      let whole = try smallFile(in: folder)
      #expect(try fault(whole, at: folder + "/cut.h5") == nil)
      for length in 0..<whole.count {
        let error = try fault(whole.prefix(length), at: folder + "/cut.h5")
        #expect(error?.reason == (length == 0 ? .notHDF5 : .truncated), "cut at \(length)")
      }
    }
  }

  // The metadata carry checksums, so what can change unseen is only an element.
  @Test func `a file with any one byte changed is an error or a value`() throws {
    try withTemporaryFolder { folder in
      let whole = try smallFile(in: folder)
      var errors = 0
      for index in whole.indices {
        for flip in [0xFF, 1 << UInt8(index % 8)] as [UInt8] {
          var bytes = whole
          bytes[index] ^= flip
          if try fault(bytes, at: folder + "/flip.h5") != nil { errors += 1 }
        }
      }
      #expect(errors > 0, "some bytes must matter")
    }
  }
}
