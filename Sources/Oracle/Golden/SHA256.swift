// The hash that MANIFEST.json records, as FIPS 180-4 defines it (sections 5.1.1, 5.3.3, 6.2.2).
//
// Ours because Foundation has none outside Apple's platforms and the library that does brings a
// whole TLS stack to build. It guards against stale files, not against adversaries. Held by the
// standard's own test vectors in Tests/Golden.

/// SHA-256 of bytes.
public enum SHA256 {
  /// The digest in lower-case hexadecimal.
  public static func hexDigest(_ message: [UInt8]) -> String {
    var state = initialState
    var words = [UInt32](repeating: 0, count: 64)
    let whole = message.count / 64 * 64
    message.withUnsafeBufferPointer { bytes in
      for start in stride(from: 0, to: whole, by: 64) {
        compress(&state, &words, UnsafeBufferPointer(rebasing: bytes[start..<start + 64]))
      }
    }
    let tail = padded(message[whole...], total: message.count)
    tail.withUnsafeBufferPointer { bytes in
      for start in stride(from: 0, to: bytes.count, by: 64) {
        compress(&state, &words, UnsafeBufferPointer(rebasing: bytes[start..<start + 64]))
      }
    }
    return state.map { word in
      String(repeating: "0", count: word.leadingZeroBitCount / 4 - (word == 0 ? 1 : 0))
        + String(word, radix: 16)
    }.joined()
  }

  /// A one bit, zeros, and the length in bits as 64 bits, to whole blocks.
  private static func padded(_ rest: ArraySlice<UInt8>, total: Int) -> [UInt8] {
    var block = Array(rest) + [0x80]
    while block.count % 64 != 56 { block.append(0) }
    let bits = UInt64(total) * 8
    return block + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
  }

  private static func compress(
    _ state: inout [UInt32], _ w: inout [UInt32], _ block: UnsafeBufferPointer<UInt8>
  ) {
    for t in 0..<16 {
      w[t] =
        UInt32(block[4 * t]) << 24 | UInt32(block[4 * t + 1]) << 16
        | UInt32(block[4 * t + 2]) << 8 | UInt32(block[4 * t + 3])
    }
    for t in 16..<64 {
      let (x, y) = (w[t - 15], w[t - 2])
      let small = rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)
      let large = rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10)
      w[t] = large &+ w[t - 7] &+ small &+ w[t - 16]
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for t in 0..<64 {
      let sum = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let choice = (e & f) ^ (~e & g)
      let first = h &+ sum &+ choice &+ constants[t] &+ w[t]
      let other = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ other &+ majority)
    }
    for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
  }

  private static func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }

  /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
  private static let initialState: [UInt32] = primes.prefix(8).map { prime in
    fraction(root: Double(prime).squareRoot(), prime: prime, power: 2)
  }

  /// The same of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes.map { prime in
    var root = 1.0
    for _ in 0..<60 { root -= (root * root * root - Double(prime)) / (3 * root * root) }
    return fraction(root: root, prime: prime, power: 3)
  }

  /// ⌊2³² root⌋ mod 2³², set right in whole numbers: a root in Double may stand one beside it.
  private static func fraction(root: Double, prime: Int, power: Int) -> UInt32 {
    var scaled = UInt64(root * 0x1p32)
    while exceeds(scaled, prime, power) { scaled -= 1 }
    while !exceeds(scaled + 1, prime, power) { scaled += 1 }
    return UInt32(truncatingIfNeeded: scaled)
  }

  /// Whether x ^ power > prime · 2^(32 power), for x < 2⁴⁰: exact in 128 bits.
  private static func exceeds(_ x: UInt64, _ prime: Int, _ power: Int) -> Bool {
    let product = (0..<power).reduce(UInt128(1)) { y, _ in y * UInt128(x) }
    return product > UInt128(prime) << UInt128(32 * power)
  }

  private static let primes: [Int] = (2...311).filter { n in
    !(2..<n).contains { n % $0 == 0 }
  }
}
