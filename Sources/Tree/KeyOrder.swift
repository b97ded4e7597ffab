// The order of dictionary keys: that of their code points, which is that of their UTF-8 bytes.
//
// Mostly the first eight bytes decide, as one number; numbers are sorted byte by byte, which takes one
// pass for each byte in which they differ at all. Two keys that were compared before are known again.

/// The positions of `keys` in the order of their code points.
func orderOfKeys(_ keys: some Collection<String>) -> [Int] {
  var keyed: [KeyNumber] = []
  keyed.reserveCapacity(keys.count)
  for key in keys { keyed.append(KeyNumber(bytes: leadingBytes(key), position: keyed.count)) }
  sortByBytes(&keyed)
  // Mostly there are no ties, and then the keys themselves are not looked at again.
  if zip(keyed, keyed.dropFirst()).contains(where: { $0.bytes == $1.bytes }) {
    let keys = Array(keys)
    keyed.sort { a, b in
      a.bytes == b.bytes
        ? keys[a.position].utf8.lexicographicallyPrecedes(keys[b.position].utf8)
        : a.bytes < b.bytes
    }
  }
  return keyed.map(\.position)
}

/// A key's first bytes, and where it stands.
private struct KeyNumber {
  var bytes: UInt64
  var position: Int

  /// The byte at `shift`.
  func digit(_ shift: UInt64) -> Int { Int(truncatingIfNeeded: bytes >> shift & 255) }
}

/// Sorts by the bytes, last byte first, each time keeping the order of what is equal.
private func sortByBytes(_ keyed: inout [KeyNumber]) {
  if keyed.count < 32 { return keyed.sort { $0.bytes < $1.bytes } }
  let first = keyed[0].bytes
  let differing = keyed.reduce(0) { $0 | ($1.bytes ^ first) }
  var sorted = keyed
  for shift in stride(from: UInt64(0), to: 64, by: 8) where (differing >> shift) & 255 != 0 {
    keyed.withUnsafeBufferPointer { keyed in
      sorted.withUnsafeMutableBufferPointer { place(keyed, by: shift, in: $0) }
    }
    swap(&keyed, &sorted)
  }
}

/// Puts `keyed` into `sorted` in the order of one byte.
private func place(
  _ keyed: UnsafeBufferPointer<KeyNumber>, by shift: UInt64,
  in sorted: UnsafeMutableBufferPointer<KeyNumber>
) {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
    places.initialize(repeating: 0)
    for key in keyed { places[key.digit(shift)] += 1 }
    var place = 0
    for digit in 0..<256 { (places[digit], place) = (place, place + places[digit]) }
    for key in keyed {
      let digit = key.digit(shift)
      sorted[places[digit]] = key
      places[digit] += 1
    }
  }
}

/// The last two keys whose order was asked for: many dictionaries have the same two.
struct PairOfKeys {
  private var low = ""
  private var high = ""

  /// Whether `a` comes before `b` in the order of code points.
  @inline(__always)
  mutating func precedes(_ a: String, _ b: String) -> Bool {
    if Self.isSame(a, low), Self.isSame(b, high) { return true }
    if Self.isSame(a, high), Self.isSame(b, low) { return false }
    return compared(a, b)
  }

  private mutating func compared(_ a: String, _ b: String) -> Bool {
    let (x, y) = (leadingBytes(a), leadingBytes(b))
    let isFirst = x == y ? a.utf8.lexicographicallyPrecedes(b.utf8) : x < y
    if (a.utf8.allSatisfy { $0 < 0x80 }), (b.utf8.allSatisfy { $0 < 0x80 }) {
      (low, high) = isFirst ? (a, b) : (b, a)
    }
    return isFirst
  }

  /// Whether `key` has the bytes of `known`, which is ASCII. Swift compares characters, and a few that
  /// are no ASCII equal one that is; they take more bytes.
  @inline(__always)
  private static func isSame(_ key: String, _ known: String) -> Bool {
    key.utf8.count == known.utf8.count && key == known
  }
}

/// The first eight bytes as a number, the first one highest; zeros after the end.
private func leadingBytes(_ text: String) -> UInt64 {
  text.utf8.withContiguousStorageIfAvailable(leadingBytes) ?? leadingBytes(of: text)
}

/// Of a text whose bytes do not lie together, as those of other languages' strings.
private func leadingBytes(of text: String) -> UInt64 {
  var text = text
  return text.withUTF8(leadingBytes)
}

private func leadingBytes(_ utf8: UnsafeBufferPointer<UInt8>) -> UInt64 {
  if utf8.count >= 8 {
    return UInt64(bigEndian: UnsafeRawBufferPointer(utf8).loadUnaligned(as: UInt64.self))
  }
  let bytes = utf8.reduce(0) { $0 << 8 | UInt64($1) }
  return utf8.isEmpty ? 0 : bytes << (64 - 8 * UInt64(utf8.count))
}
