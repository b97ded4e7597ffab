// The header of a safetensors file: its length in eight little-endian bytes, then JSON that names
// every tensor with its dtype, shape and place in the data.
//
// Format: huggingface/safetensors, README "Format". Checked here as there: at most 100 MB, starts with
// `{`, no name twice, every size what dtype and shape say, the data covered without hole or overlap.
// Invariant: an accepted header describes exactly the bytes that follow it.

import Core

/// One tensor's place.
struct SafetensorsEntry: Equatable {
  var name: String
  var dtype: String
  var shape: [Int]
  /// The first byte and the one after the last, from the end of the header.
  var range: Range<Int>
}

struct SafetensorsHeader: Equatable {
  /// In the order of the data.
  var entries: [SafetensorsEntry]
  /// Texts for people.
  var metadata: [String: String]

  static let maximumLength = 100_000_000

  /// The names of our dtypes, from the last of the file to the first: wide elements come first, so that
  /// all are aligned (as the reference implementation orders them).
  static let names: [(dtype: DType, name: String)] = [
    (.bool, "BOOL"), (.i32, "I32"), (.u32, "U32"), (.f32, "F32"), (.f64, "F64"),
  ]

  /// The bits of an element, for the dtypes whose files can be checked.
  static let widths: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16,
    "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64,
    "U64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
  ]
}

// Writing.
extension SafetensorsHeader {
  /// Length, JSON, and spaces up to a multiple of eight bytes.
  var bytes: [UInt8] {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    parts += entries.map { entry in
      let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
      return "\(quoted(entry.name)):{\"dtype\":\"\(entry.dtype)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}"
    }
    var json = Array("{\(parts.joined(separator: ","))}".utf8)
    json += repeatElement(0x20, count: (8 - json.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }

  /// A text in JSON, with the escapes that JSON demands and no others.
  private func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\u{8}": out += "\\b"
      case "\u{C}": out += "\\f"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case _: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

// Reading.
extension SafetensorsHeader {
  /// The header at the beginning of a file.
  init(from source: ByteSource) throws {
    let length = try source.read(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.maximumLength) else {
      throw SerialisationError(
        .badHeader("\(length) bytes of JSON; at most \(Self.maximumLength) are read"), offset: 0)
    }
    let text = try source.read(Int(length))
    guard text.first == UInt8(ascii: "{") else {
      throw SerialisationError(.notThisFormat("a safetensors file (no '{' at byte 8)"), offset: 8)
    }
    do {
      var reader = SafetensorsJSON(text)
      self = try reader.header()
      try check(dataCount: source.remaining)
    } catch let error as SerialisationError {
      throw SerialisationError(error.reason, offset: error.offset ?? 8)
    }
  }

  /// Sorts the entries by place, and checks that they cover the data exactly.
  private mutating func check(dataCount: Int) throws {
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let what =
          entry.range.lowerBound < end ? "overlaps its neighbour" : "leaves a hole before it"
        throw SerialisationError(.badHeader("'\(entry.name)' \(what), at byte \(end) of the data"))
      }
      guard let size = entry.byteCount, size == entry.range.count else {
        throw SerialisationError(
          .badHeader(
            "'\(entry.name)' has \(entry.range.count) bytes for \(entry.dtype)\(entry.shape)"))
      }
      end = entry.range.upperBound
    }
    guard end <= dataCount else {
      throw SerialisationError(.truncated(needed: end, available: dataCount))
    }
    guard end == dataCount else {
      throw SerialisationError(.badHeader("\(dataCount - end) bytes of data belong to no tensor"))
    }
  }
}

extension SafetensorsEntry {
  /// The bytes that dtype and shape ask for; nil for a dtype without a known width, for parts of a byte
  /// and for a size that is no number.
  var byteCount: Int? {
    guard let width = SafetensorsHeader.widths[dtype] else { return nil }
    var bits = width
    // Also of a shape without elements the extents must multiply to a number.
    for extent in shape where extent != 0 {
      let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      bits = product
    }
    if shape.contains(0) { return 0 }
    return bits % 8 == 0 ? bits / 8 : nil
  }
}
