// Law: what is written is read back, bit for bit, with its type and shape; the same calls write the
// same bytes; and a file appears whole or not at all.

import Foundation
import HDF5Storage
import TestSupport
import Testing

/// One array of every element type, with the values that conversions are known to break.
private let samples: [StoredArray] = [
  StoredArray(
    shape: [7],
    elements: .f32([
      0, -0.0, .infinity, -.infinity, Float(bitPattern: 0x7FC1_2345), Float(bitPattern: 1), 1.1,
    ])),
  StoredArray(
    shape: [2, 3],
    elements: .f64([
      -0.0, .infinity, Double(bitPattern: 0xFFF8_0000_DEAD_BEEF), Double(bitPattern: 1), 0.1,
      -.greatestFiniteMagnitude,
    ])),
  StoredArray(shape: [3], elements: .i32([.min, -1, .max])),
  StoredArray(shape: [1, 3, 1], elements: .u32([0, 1, .max])),
  StoredArray(shape: [3], elements: .i64([.min, -1, .max])),
  StoredArray(shape: [4], elements: .u8([0, 1, 2, 255])),
  StoredArray(shape: [2, 2], elements: .bool([true, false, false, true])),
  StoredArray(shape: [], elements: .f32([2.5])),
  StoredArray(shape: [], elements: .f64([-0.0])),
  StoredArray(shape: [], elements: .bool([true])),
  StoredArray(shape: [0], elements: .f32([])),
  StoredArray(shape: [3, 0, 2], elements: .i64([])),
  StoredArray(shape: [0], elements: .bool([])),
]

@Suite struct HDF5RoundTrip {
  @Test(arguments: samples)
  func `a dataset is read back bit for bit with its type and shape`(array: StoredArray) throws {
    let read = try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") { try $0.write(array, at: "group/inner/x") }
      return try HDF5File.open(folder + "/a.h5").array(at: "/group/inner/x")
    }
    #expect(read.shape == array.shape)
    #expect(read.elements.typeName == array.elements.typeName)
    #expect(bits(of: read.elements) == bits(of: array.elements))
  }

  @Test(arguments: [
    StoredAttribute.string("größe ∂x"), .string(""), .strings(["a", "", "é"]), .strings([]),
    .int(.min), .int(.max), .double(-0.0), .double(.infinity), .bool(true), .bool(false),
  ])
  func `an attribute is read back with its type`(value: StoredAttribute) throws {
    try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") {
        try $0.setAttribute("root", to: value)
        try $0.group("g")
        try $0.setAttribute("inner", of: "g", to: value)
      }
      let file = try HDF5File.open(folder + "/a.h5")
      #expect(try file.attribute("root") == value)
      #expect(try file.attribute("inner", of: "/g") == value)
      #expect(try file.attributeNames(of: "g") == ["inner"])
    }
  }

  @Test func `text longer than an object header is read back whole`() throws {
    let long = String(repeating: "∂", count: 100_000)
    try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") { try $0.setAttribute("params", to: .string(long)) }
      #expect(try HDF5File.open(folder + "/a.h5").string("params") == long)
    }
  }

  @Test func `children and dataset paths come sorted with their kinds`() throws {
    let one = StoredArray(shape: [], elements: .i32([1]))
    try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") { writer in
        for path in ["b/z", "b/in/k[1].w", "a", "b/in/k[0].w"] { try writer.write(one, at: path) }
        try writer.group("empty")
      }
      let file = try HDF5File.open(folder + "/a.h5")
      #expect(try file.children().map(\.name) == ["a", "b", "empty"])
      #expect(try file.children().map(\.kind) == [.dataset, .group, .group])
      #expect(try file.datasetPaths() == ["a", "b/in/k[0].w", "b/in/k[1].w", "b/z"])
      #expect(try file.datasetPaths(under: "b/in") == ["k[0].w", "k[1].w"])
      #expect(try file.kind(at: "b/in") == .group)
      #expect(try file.kind(at: "b/out") == nil)
    }
  }

  @Test func `u8 marked as bool is read as bool`() throws {
    try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") {
        try $0.write(StoredArray(shape: [2], elements: .u8([1, 0])), at: "x")
        try $0.setAttribute("dtype", of: "x", to: .string("bool"))
      }
      #expect(try HDF5File.open(folder + "/a.h5").array(at: "x").elements == .bool([true, false]))
    }
  }

  @Test func `the same calls write the same bytes`() throws {
    try withTemporaryFolder { folder in
      let contents = try ["a", "b"].map { name in
        try HDF5File.create(folder + "/" + name) { writer in
          for (index, array) in samples.enumerated() { try writer.write(array, at: "g/\(index)") }
          try writer.setAttribute("schema", to: .string("1"))
        }
        // A recorded time would have the resolution of a second.
        Thread.sleep(forTimeInterval: 1.1)
        return try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
      }
      #expect(contents[0] == contents[1])
    }
  }

  @Test func `files read at once from many tasks give the same values`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/assay-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let array = StoredArray(shape: [100], elements: .i32(Array(0..<100)))
    try HDF5File.create(folder + "/a.h5") { try $0.write(array, at: "x") }
    let file = try HDF5File.open(folder + "/a.h5")
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          let own = try? HDF5File.open(folder + "/a.h5").array(at: "x")
          return own == array && (try? file.array(at: "x")) == array
        }
      }
      for await agrees in group { #expect(agrees) }
    }
  }
}

/// The elements as bit patterns, so that NaN equals itself and −0 differs from 0.
private func bits(of elements: StoredArray.Elements) -> [UInt64] {
  switch elements {
  case .f32(let values): values.map { UInt64($0.bitPattern) }
  case .f64(let values): values.map(\.bitPattern)
  case .i32(let values): values.map { UInt64(bitPattern: Int64($0)) }
  case .u32(let values): values.map { UInt64($0) }
  case .i64(let values): values.map { UInt64(bitPattern: $0) }
  case .u8(let values): values.map { UInt64($0) }
  case .bool(let values): values.map { $0 ? 1 : 0 }
  }
}
