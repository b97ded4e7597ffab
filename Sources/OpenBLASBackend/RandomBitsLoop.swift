// threefry2x32, eight blocks at a time: the same words as the reference's, bit for bit.
//
// A block is 20 rounds of additions, rotations and exclusive ors of two 32-bit words (Salmon et al.,
// Parallel random numbers: as easy as 1, 2, 3, 2011). Blocks do not depend on each other, so eight of
// them share the lanes of a vector; lanes behind the last element are computed and dropped.

internal import Core

private typealias Lanes = SIMD8<UInt32>

/// The two words of each index of the operands (key 0, key 1, counter 0, counter 1).
func randomWords(_ inputs: [Buffer], _ out: ShapedArray) -> [Buffer] {
  let x = inputs.map { UInt32.array($0.storage) }
  let (key0, key1, counter0, counter1) = (x[0], x[1], x[2], x[3])
  let count = out.size
  var first = [UInt32](repeating: 0, count: count)
  var second = first
  for start in stride(from: 0, to: count, by: Lanes.scalarCount) {
    let (a, b) = blocks(
      keys: (lanes(key0, start), lanes(key1, start)),
      counters: (lanes(counter0, start), lanes(counter1, start)))
    store(a, &first, start)
    store(b, &second, start)
  }
  return [first, second].map { Buffer(shape: out.shape, .u32($0)) }
}

/// Five groups of four rounds, each followed by an injection of the key.
@inline(__always)
private func blocks(keys: (Lanes, Lanes), counters: (Lanes, Lanes)) -> (Lanes, Lanes) {
  let (k0, k1) = keys
  let k2 = k0 ^ k1 ^ 0x1BD1_1BDA
  var (a, b) = (counters.0 &+ k0, counters.1 &+ k1)
  rounds(&a, &b, (13, 15, 26, 6), (k1, k2 &+ 1))
  rounds(&a, &b, (17, 29, 16, 24), (k2, k0 &+ 2))
  rounds(&a, &b, (13, 15, 26, 6), (k0, k1 &+ 3))
  rounds(&a, &b, (17, 29, 16, 24), (k1, k2 &+ 4))
  rounds(&a, &b, (13, 15, 26, 6), (k2, k0 &+ 5))
  return (a, b)
}

@inline(__always)
private func rounds(
  _ a: inout Lanes, _ b: inout Lanes, _ rotations: (UInt32, UInt32, UInt32, UInt32),
  _ injected: (Lanes, Lanes)
) {
  mix(&a, &b, rotations.0)
  mix(&a, &b, rotations.1)
  mix(&a, &b, rotations.2)
  mix(&a, &b, rotations.3)
  a = a &+ injected.0
  b = b &+ injected.1
}

@inline(__always)
private func mix(_ a: inout Lanes, _ b: inout Lanes, _ rotation: UInt32) {
  a = a &+ b
  b = (b &<< rotation | b &>> (32 - rotation)) ^ a
}

/// Eight words from `start` on; a single word stands in every lane.
@inline(__always)
private func lanes(_ x: [UInt32], _ start: Int) -> Lanes {
  if x.count == 1 { return Lanes(repeating: x[0]) }
  if start + Lanes.scalarCount <= x.count {
    return x.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: start * MemoryLayout<UInt32>.stride, as: Lanes.self)
    }
  }
  var some = Lanes()
  for i in start..<x.count { some[i - start] = x[i] }
  return some
}

@inline(__always)
private func store(_ words: Lanes, _ target: inout [UInt32], _ start: Int) {
  if start + Lanes.scalarCount <= target.count {
    return target.withUnsafeMutableBytes {
      $0.storeBytes(
        of: words, toByteOffset: start * MemoryLayout<UInt32>.stride, as: Lanes.self)
    }
  }
  for i in start..<target.count { target[i] = words[i - start] }
}
