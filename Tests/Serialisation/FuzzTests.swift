// Every reader against damaged files: an error or a value, never a crash, and what is accepted is
// written back as the same bytes.
//
// A bounded number of cases here; `make fuzz` sets ASSAY_FUZZ to run more. Case k of a reader depends on
// the seed, the reader's name and k alone. With ASSAY_FUZZ_FILE the bytes of each case are put into that
// file before they are read, so that a crash leaves them behind.

import Catalogue
import Core
import Foundation
import Serialisation
import TestSupport
import Testing
import Tree

private let caseCount =
  ProcessInfo.processInfo.environment["ASSAY_FUZZ"].flatMap { Int($0) } ?? 2000
private let trace = ProcessInfo.processInfo.environment["ASSAY_FUZZ_FILE"]

/// What headers are made of.
private let marks = Array("0123456789-+,()[]{}'\"\\:eLN".utf8)

/// The bytes with a few changes of the kinds that damage and malice make.
private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
  var bytes = bytes
  func place(_ generator: inout SeededGenerator) -> Int {
    bytes.isEmpty ? 0 : Int(generator.next() % UInt64(bytes.count))
  }
  for _ in 0...Int(generator.next() % 3) where !bytes.isEmpty {
    let at = place(&generator)
    switch generator.next() % 8 {
    case 0: bytes[at] ^= 1 << UInt8(generator.next() % 8)
    case 1: bytes[at] = UInt8(truncatingIfNeeded: generator.next())
    case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + Int(generator.next() % 9)))
    case 3: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: at)
    case 4: bytes.removeLast(bytes.count - at)
    case 5: bytes[at] = marks[Int(generator.next() % UInt64(marks.count))]
    case 6: bytes.insert(contentsOf: Array("9223372036854775807".utf8), at: at)
    case _: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: place(&generator))
    }
  }
  return bytes
}

/// Runs `read` on many damaged forms of `seeds`; it returns what would be written, if it accepts.
private func fuzz(
  _ name: String, _ seeds: [[UInt8]], count: Int = caseCount,
  _ read: ([UInt8]) throws -> [UInt8]
) throws {
  for index in 0..<count {
    var generator = SeededGenerator(seed: SeededGenerator.testSeed, name: "fuzz \(name)", index)
    let bytes = mutated(seeds[index % seeds.count], &generator)
    if let trace { try writeFile(trace, bytes) }
    do {
      let again = try read(bytes)
      #expect(again == bytes, "\(name): seed \(SeededGenerator.testSeed), case \(index): \(bytes)")
    } catch is SerialisationError {
      continue
    } catch {
      Issue.record("\(name): seed \(SeededGenerator.testSeed), case \(index): \(error): \(bytes)")
    }
  }
}

/// The bytes with a seal that fits.
private func resealed(_ bytes: [UInt8]) -> [UInt8] {
  let digits = String(crc64(of: Array(bytes.dropFirst(512))), radix: 16)
  let padding = String(repeating: "0", count: 16 - digits.count)
  let line = Array("assay archive 1 crc64 \(padding)\(digits)\n".utf8)
  return line + [UInt8](repeating: 0, count: 512 - line.count) + bytes.dropFirst(512)
}

@Suite struct FuzzTests {
  private static let tree = Tuple(
    Tensor([[1, 2, 3], [4, 5, 6]]), 0.5, 3, true, Tensor(shape: [2], .bool([true, false])))

  // A header can be laid out in more than one way, so what is accepted need not be what we write; the
  // values must be.
  @Test func `the stream`() throws {
    let bytes = try serialiseLeaves(Self.tree)
    let records = try EqxTable.read().records.values.map { unhex($0.bytes) }
    try fuzz("stream", [bytes]) { bytes in
      let tree = try deserialiseLeaves(from: bytes, like: Self.tree)
      let again = try deserialiseLeaves(from: serialiseLeaves(tree), like: Self.tree)
      return try haveSameBits(tree, again) ? bytes : []
    }
    try fuzz("records", records.sorted { $0.lexicographicallyPrecedes($1) }) { bytes in
      _ = try deserialiseLeaves(from: bytes, like: Tensor([1, 2]), accepting: .equinox)
      return bytes
    }
  }

  @Test func `safetensors`() throws {
    let bytes = try Safetensors(Self.tree, metadata: ["a": "b"]).bytes
    try fuzz("safetensors", [bytes]) { bytes in
      let file = try Safetensors(bytes: bytes)
      let again = try Safetensors(bytes: file.bytes)
      return again.tensors.count == file.tensors.count ? bytes : []
    }
  }

  @Test func `the line of hyperparameters`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.eqx"
      try save(hyperparameters: ["a": 1.5], Self.tree, to: path)
      try fuzz("hyperparameters", [fileBytes(path)], count: caseCount / 4) { bytes in
        try writeFile(path, bytes)
        _ = try load(from: path) { (_: [String: Double]) in Self.tree }
        return bytes
      }
    }
  }

  @Test func `the archive`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      try saveArchive(Self.tree, to: path)
      let whole = try fileBytes(path)
      try fuzz("archive", [whole], count: caseCount / 4) { bytes in
        try writeFile(path, bytes)
        _ = try loadArchive(from: path, like: Self.tree)
        // The seal admits one file only.
        return whole
      }
      // Under a new seal what lies behind it meets the damage.
      try fuzz("resealed archive", [whole], count: caseCount / 4) { bytes in
        try writeFile(path, resealed(bytes))
        _ = try loadArchive(from: path, like: Self.tree)
        return bytes
      }
    }
  }
}
