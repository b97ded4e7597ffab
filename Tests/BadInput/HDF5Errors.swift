// Law: each thing that can be wrong with a file has its own error, which names the file and the
// object; nothing is written, and the process goes on.

import Foundation
import HDF5Storage
import TestSupport
import Testing

/// The reason that `body` throws; any other outcome fails the test.
func reason(
  _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> StorageError.Reason? {
  let error = #expect(throws: StorageError.self, sourceLocation: sourceLocation) { try body() }
  return error?.reason
}

/// The name of the case of the reason that `body` throws, where the rest is HDF5's own words.
func faultName(
  _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
  let text = reason(body, sourceLocation: sourceLocation).map { String(describing: $0) } ?? "none"
  return String(text.prefix { $0 != "(" })
}

private let sample = StoredArray(shape: [2, 2], elements: .f64([1, 2, 3, 4]))

/// A small whole file with a group, a dataset and an attribute.
private func writeSample(_ path: String) throws {
  try HDF5File.create(path) {
    try $0.write(sample, at: "g/x")
    try $0.setAttribute("schema", to: .int(1))
  }
}

@Suite struct HDF5OpeningErrors {
  @Test func `a path that is no HDF5 file says what it is`() throws {
    try withTemporaryFolder { folder in
      #expect(reason { _ = try HDF5File.open(folder + "/none.h5") } == .missingFile)
      #expect(reason { _ = try HDF5File.open("") } == .missingFile)
      #expect(reason { _ = try HDF5File.open("a\0b") } == .missingFile)
      #expect(reason { _ = try HDF5File.open(folder) } == .isDirectory)
      #expect(reason { _ = try HDF5File.open("/dev/null") } == .notRegularFile)
      let text = folder + "/text.h5"
      for content in ["", "not a data file at all, only some words in a text\n"] {
        try Data(content.utf8).write(to: URL(fileURLWithPath: text))
        #expect(reason { _ = try HDF5File.open(text) } == .notHDF5)
      }
    }
  }

  @Test(.enabled(if: getuid() != 0, "nothing is forbidden to the superuser"))
  func `a file without permission says so`() throws {
    try withTemporaryFolder { folder in
      try writeSample(folder + "/a.h5")
      chmod(folder + "/a.h5", 0)
      #expect(reason { _ = try HDF5File.open(folder + "/a.h5") } == .noPermission)
    }
  }

  @Test func `an error is one line that names the file and the object`() throws {
    try withTemporaryFolder { folder in
      try writeSample(folder + "/a.h5")
      let file = try HDF5File.open(folder + "/a.h5")
      let error = #expect(throws: StorageError.self) { try file.array(at: "g/y") }
      #expect(error?.description == "\(folder)/a.h5: g/y: no such dataset")
    }
  }
}

@Suite struct HDF5ObjectErrors {
  @Test func `a missing or mistaken object is named with its kind`() throws {
    try withTemporaryFolder { folder in
      try writeSample(folder + "/a.h5")
      let file = try HDF5File.open(folder + "/a.h5")
      #expect(reason { _ = try file.children(of: "h") } == .missingObject(.group))
      #expect(reason { _ = try file.array(at: "g/x/deeper") } == .missingObject(.dataset))
      #expect(
        reason { _ = try file.children(of: "g/x") } == .wrongKind(expected: .group, found: .dataset)
      )
      #expect(
        reason { _ = try file.array(at: "g") } == .wrongKind(expected: .dataset, found: .group))
      #expect(reason { _ = try file.array(at: "a\0b") } == .invalidName("a\0b"))
      #expect(reason { _ = try file.int("schema", of: "g") } == .missingAttribute("schema"))
      #expect(reason { _ = try file.int("schema", of: "h") } == .missingObject(.other))
      #expect(
        reason { _ = try file.string("schema") }
          == .wrongAttributeType(name: "schema", expected: "a string", found: "an integer"))
      #expect(
        reason { _ = try file.double("schema") }
          == .wrongAttributeType(name: "schema", expected: "a float", found: "an integer"))
    }
  }
}

@Suite struct HDF5WritingErrors {
  private struct Interrupted: Error {}

  @Test func `a failed write leaves the old file and nothing else`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      try writeSample(path)
      #expect(throws: Interrupted.self) {
        try HDF5File.create(path) { writer in
          try writer.write(sample, at: "y")
          throw Interrupted()
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.h5"])
      #expect(try HDF5File.open(path).array(at: "g/x") == sample)
      try HDF5File.create(path) { try $0.write(sample, at: "y") }
      #expect(try HDF5File.open(path).datasetPaths() == ["y"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.h5"])
    }
  }

  @Test func `a place that cannot be written to says why`() throws {
    try withTemporaryFolder { folder in
      #expect(reason { try HDF5File.create(folder) { _ in } } == .isDirectory)
      #expect(reason { try HDF5File.create("") { _ in } } == .invalidName(""))
      #expect(
        reason { try HDF5File.create(folder + "/no/a.h5") { _ in } }
          == .cannotWrite("no such file or directory"))
    }
  }

  @Test func `a contradictory, repeated or nameless write is refused`() throws {
    try withTemporaryFolder { folder in
      let bad = StoredArray(shape: [3], elements: .f32([1, 2]))
      try HDF5File.create(folder + "/a.h5") { writer in
        func refusal(_ array: StoredArray, _ path: String) -> StorageError.Reason? {
          reason { try writer.write(array, at: path) }
        }
        try writer.write(sample, at: "x")
        #expect(refusal(bad, "y") == .countMismatch(shape: [3], count: 2))
        #expect(
          refusal(StoredArray(shape: [-1], elements: .f32([])), "y")
            == .countMismatch(shape: [-1], count: 0))
        #expect(refusal(sample, "/") == .invalidName("/"))
        #expect(refusal(sample, "a/./b") == .invalidName("a/./b"))
        for path in ["x", "x/y"] {
          #expect(faultName { try writer.write(sample, at: path) } == "cannotWrite", "\(path)")
        }
      }
      #expect(try HDF5File.open(folder + "/a.h5").datasetPaths() == ["x"])
    }
  }
}

@Suite struct HDF5ClosedWriter {
  @Test func `a writer kept beyond its file refuses every call`() throws {
    try withTemporaryFolder { folder in
      let writer = try HDF5File.create(folder + "/a.h5") { $0 }
      for call in [
        { try writer.write(sample, at: "x") }, { try writer.group("g") },
        { try writer.setAttribute("a", to: .int(1)) },
      ] {
        #expect(throws: StorageError.self) { try call() }
      }
    }
  }
}
