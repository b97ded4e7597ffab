// The JSON of a safetensors header, and no other: an object of objects with three known keys, and one
// of texts. Reading just this needs no recursion, so no nesting can exhaust the stack, and sees a name
// that stands twice, which a general reader hides.

/// Reads a header's JSON from its beginning.
struct SafetensorsJSON: HeaderScanner {
  private let text: ArraySlice<UInt8>
  var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { (self.text, rest) = (text, text) }

  /// The whole text.
  mutating func header() throws -> SafetensorsHeader {
    var header = SafetensorsHeader(entries: [], metadata: [:])
    var names: Set<String> = []
    try object { reader, name in
      guard names.insert(name).inserted else { throw reader.fault("'\(name)' stands twice") }
      if name == "__metadata__" {
        header.metadata = try reader.texts()
      } else {
        header.entries.append(try reader.entry(name))
      }
    }
    skipSpaces()
    guard rest.isEmpty else { throw fault("text after the JSON") }
    return header
  }

  private mutating func texts() throws -> [String: String] {
    var texts: [String: String] = [:]
    try object { reader, key in
      guard texts.updateValue(try reader.string(), forKey: key) == nil else {
        throw reader.fault("'\(key)' stands twice in the metadata")
      }
    }
    return texts
  }

  private mutating func entry(_ name: String) throws -> SafetensorsEntry {
    var (dtype, shape, offsets): (String?, [Int]?, [Int]?)
    try object { reader, key in
      switch key {
      case "dtype" where dtype == nil: dtype = try reader.string()
      case "shape" where shape == nil: shape = try reader.numbers()
      case "data_offsets" where offsets == nil: offsets = try reader.numbers()
      case _: throw reader.fault("'\(name)' has an unknown or repeated key '\(key)'")
      }
    }
    guard let dtype, let shape, let offsets else {
      throw fault("'\(name)' needs dtype, shape and data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fault("'\(name)' has the offsets \(offsets), which are no range")
    }
    return SafetensorsEntry(
      name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  private mutating func object(_ member: (inout SafetensorsJSON, String) throws -> Void) throws {
    try list("{", "}") { reader in
      let key = try reader.string()
      try reader.demand(":")
      try member(&reader, key)
    }
  }

  private mutating func numbers() throws -> [Int] {
    var numbers: [Int] = []
    try list("[", "]") {
      numbers.append(try $0.wholeNumber(else: "a whole number from 0 to 2^63 - 1 is missing"))
    }
    return numbers
  }

  private mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar,
    _ element: (inout SafetensorsJSON) throws -> Void
  ) throws {
    try demand(open)
    if take(close) { return }
    repeat { try element(&self) } while take(",")
    try demand(close)
  }

  private mutating func string() throws -> String {
    try demand("\"", "a text is missing")
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw fault("a text is not valid UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): bytes += String(try escaped()).utf8
      case 0..<0x20: throw fault("a control character inside a text")
      case _: bytes.append(byte)
      }
    }
    throw fault("a text without an end")
  }

  private mutating func escaped() throws -> Unicode.Scalar {
    switch rest.popFirst() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // The first half of a pair of UTF-16.
      guard (0xD800..<0xDC00).contains(unit), rest.popFirst() == UInt8(ascii: "\\"),
        rest.popFirst() == UInt8(ascii: "u"), case let low = try hexadecimal(),
        (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      else { throw fault("half a character") }
      return scalar
    case _: throw fault("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    let digits = rest.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("an escape without four hexadecimal digits") }
    rest = rest.dropFirst(4)
    return unit
  }

  func fault(_ what: String) -> SerialisationError {
    // The JSON starts after the eight bytes of its length.
    SerialisationError(.badHeader(what), offset: 8 + rest.startIndex - text.startIndex)
  }
}
