// The text of a header: a Python dictionary with the keys descr, fortran_order and shape.
//
// NumPy evaluates it as a Python literal; this reads the part of that grammar in which NumPy, in all
// its versions, has written headers: keys in any order, either quote, Python 2's `L` after an integer.
// Stricter than NumPy in two points: a repeated key and a negative extent are refused.

/// Reads a header's text from its beginning.
struct NpyLiteral: HeaderScanner {
  var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { rest = text }

  /// The whole text as a header.
  mutating func header() throws -> NpyHeader {
    var (descr, order, shape): (String?, Bool?, [Int]?)
    try demand("{")
    while !take("}") {
      let key = try string()
      try demand(":")
      switch key {
      case "descr" where descr == nil: descr = try string()
      case "fortran_order" where order == nil: order = try truth()
      case "shape" where shape == nil: shape = try tuple()
      case _: throw fault("the key '\(key)' is unknown or repeated")
      }
      if !take(",") {
        try demand("}")
        break
      }
    }
    skipSpaces()
    guard rest.isEmpty else { throw fault("text after the dictionary") }
    guard let descr, let order, let shape else {
      throw fault("the keys descr, fortran_order and shape are all needed")
    }
    return NpyHeader(descr: descr, isFortranOrder: order, shape: shape)
  }

  private mutating func string() throws -> String {
    skipSpaces()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = rest.dropFirst().firstIndex(of: quote)
    else {
      throw rest.first == UInt8(ascii: "[") ? structured : fault("a quoted text is missing")
    }
    let text = rest[(rest.startIndex + 1)..<end]
    // Also keeps control characters of a hostile file out of the error's text.
    guard text.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw fault("a text with characters that no type code has")
    }
    rest = rest[(end + 1)...]
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func truth() throws -> Bool {
    skipSpaces()
    for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
      rest = rest.dropFirst(word.utf8.count)
      return value
    }
    throw fault("fortran_order must be True or False")
  }

  private mutating func tuple() throws -> [Int] {
    try demand("(")
    var extents: [Int] = []
    while !take(")") {
      extents.append(try integer())
      guard extents.count <= NpyHeader.maximumRank else {
        throw fault("more than \(NpyHeader.maximumRank) axes")
      }
      if take(",") { continue }
      // (3) is a number in Python, and no tuple.
      guard extents.count > 1, take(")") else { throw fault("the shape is no tuple of integers") }
      break
    }
    return extents
  }

  private mutating func integer() throws -> Int {
    let value = try wholeNumber(else: "an extent is no integer from 0 to 2^63 - 1")
    if rest.first == UInt8(ascii: "L") { rest = rest.dropFirst() }
    return value
  }

  private var structured: SerialisationError {
    SerialisationError(.unsupportedType("a structured NumPy type"))
  }

  func fault(_ what: String) -> SerialisationError { SerialisationError(.badHeader(what)) }
}
