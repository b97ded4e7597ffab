// A checksum that finds every change of up to 64 neighbouring bits, so in particular every changed
// byte: the remainder by the polynomial of ECMA-182, bits in reversed order (the CRC of the .xz format).
// It guards against accidents, not against someone who computes it anew.

/// The checksum of bytes that come in pieces.
struct CRC64 {
  private var state = UInt64.max

  /// The checksum so far.
  var value: UInt64 { ~state }

  /// Takes the next bytes, eight at a time: table k gives the remainder of a byte with k bytes after it.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    Self.tables.withUnsafeBufferPointer { table in
      var crc = state
      var place = 0
      while bytes.count - place >= 8 {
        let word =
          crc ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        crc = 0
        for k in 0..<8 { crc ^= table[(7 - k) << 8 | Int(word >> UInt64(8 * k) & 0xFF)] }
        place += 8
      }
      while place < bytes.count {
        crc = table[Int((crc ^ UInt64(bytes[place])) & 0xFF)] ^ crc >> 8
        place += 1
      }
      state = crc
    }
  }

  private static let tables: [UInt64] = {
    let polynomial: UInt64 = 0xC96C_5795_D787_0F42
    var tables = (0..<256).map { byte in
      (0..<8).reduce(UInt64(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
    }
    for place in 256..<2048 {
      let shorter = tables[place - 256]
      tables.append(tables[Int(shorter & 0xFF)] ^ shorter >> 8)
    }
    return tables
  }()
}

/// The checksum of bytes that are all there.
package func crc64(of bytes: [UInt8]) -> UInt64 {
  var checksum = CRC64()
  bytes.withUnsafeBytes { checksum.update($0) }
  return checksum.value
}
