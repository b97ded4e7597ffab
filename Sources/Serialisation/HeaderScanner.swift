// What the text headers of .npy and safetensors have in common: marks and whole numbers, with spaces
// before them. Nothing is skipped but spaces, and a number that Int cannot hold is none.

/// Reads a header's text from its beginning.
protocol HeaderScanner {
  /// What has not been read.
  var rest: ArraySlice<UInt8> { get set }

  /// What is wrong with the text here.
  func fault(_ what: String) -> SerialisationError
}

extension HeaderScanner {
  /// Reads the mark; throws `words` if something else stands there.
  mutating func demand(_ mark: Unicode.Scalar, _ words: String? = nil) throws {
    guard take(mark) else { throw fault(words ?? "'\(mark)' is missing") }
  }

  /// Reads the mark if it stands there.
  mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Reads digits without a leading zero; throws `words` for anything else.
  mutating func wholeNumber(else words: String) throws -> Int {
    skipSpaces()
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)),
      digits.count == 1 || digits.first != 0x30
    else { throw fault(words) }
    rest = rest[digits.endIndex...]
    return value
  }

  /// Passes over spaces and line ends.
  mutating func skipSpaces() {
    rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }
  }
}
