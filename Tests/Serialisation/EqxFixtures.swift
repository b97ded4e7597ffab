// The files that tools/golden/cases/serialisation.py wrote with the real Equinox, and their table.

import Core
import Foundation
import TestSupport

/// fixtures/serialisation.json.
struct EqxTable: Decodable {
  struct Leaf: Decodable {
    let path: String
    let dtype: String
    let shape: [Int]
    let bytes: String
  }

  struct Model: Decodable {
    let leaves: [Leaf]
    let key: [Int]?
    let input: [Double]?
    let output: [Double]?
  }

  struct Record: Decodable {
    let bytes: String
    let error: String?
    let dtype: String?
    let shape: [Int]?
    let values: [Double]?
  }

  let models: [String: Model]
  let records: [String: Record]

  static func read() throws -> EqxTable {
    let data = try Data(contentsOf: URL(filePath: fixturePath("serialisation.json")))
    return try JSONDecoder().decode(EqxTable.self, from: data)
  }
}

/// The path of one file.
func eqxPath(_ name: String) -> String { fixturePath("serialisation/\(name).eqx") }

/// The bytes of a file.
func fileBytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: path)))
}

/// Writes bytes as a file; Foundation's own way waits for the disk.
func writeFile(_ path: String, _ bytes: some Collection<UInt8>) throws {
  guard FileManager.default.createFile(atPath: path, contents: nil) else {
    throw CocoaError(.fileWriteUnknown)
  }
  let file = try FileHandle(forWritingTo: URL(filePath: path))
  try file.write(contentsOf: Data(bytes))
  try file.close()
}

/// The bytes that hexadecimal digits stand for.
func unhex(_ text: String) -> [UInt8] {
  let digits = text.utf8.map { UInt8(Character(UnicodeScalar($0)).hexDigitValue ?? 0) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A known tensor's elements as they lie in memory.
func elementBytes(_ storage: Storage) -> [UInt8] {
  switch storage {
  case .f32(let x): x.withUnsafeBytes { [UInt8]($0) }
  case .f64(let x): x.withUnsafeBytes { [UInt8]($0) }
  case .i32(let x): x.withUnsafeBytes { [UInt8]($0) }
  case .u32(let x): x.withUnsafeBytes { [UInt8]($0) }
  case .bool(let x): x.withUnsafeBytes { [UInt8]($0) }
  }
}
