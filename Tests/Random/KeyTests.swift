// Keys by the published and measured numbers: Threefry's known answers (Random123's kat_vectors),
// seeds, and what is derived from a key. Rules RN-01 … RN-04.

import Core
import Random
import Testing

/// The words of a key or of a tensor of words.
func words(_ x: Tensor) throws -> [UInt32] {
  guard case .u32(let words) = try x.storage else {
    throw TraceError.badArgument("expected u32, got \(x.aval)")
  }
  return words
}

extension Key {
  /// The key with these words.
  init(_ a: UInt32, _ b: UInt32) { self.init(data: Tensor(shape: [2], .u32([a, b]))) }
}

@Suite struct KeyTests {
  @Test(
    arguments: [
      ([0, 0, 0, 0], [0x6b20_0159, 0x99ba_4efe]),
      ([0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0x1cb9_96fc, 0xbb00_2be7]),
      ([0x1319_8a2e, 0x0370_7344, 0x243f_6a88, 0x85a3_08d3], [0xc492_3a9c, 0x483d_f7a0]),
    ] as [([UInt32], [UInt32])])
  func `RN-01 threefry gives the known answers`(operands: [UInt32], answer: [UInt32]) throws {
    let w = operands.map { Tensor(shape: [], .u32([$0])) }
    let (a, b) = try threefry2x32(key: (w[0], w[1]), counter: (w[2], w[3]))
    #expect(try words(a) + words(b) == answer)
  }

  @Test(
    arguments: [
      (0, [0, 0], [0, 0]), (1, [0, 1], [0, 1]), (0xffff_ffff, [0, 0xffff_ffff], [0, 0xffff_ffff]),
      (1 << 40, [0, 0], [256, 0]), (-1, [0, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff]),
      (Int.max, [0, 0xffff_ffff], [0x7fff_ffff, 0xffff_ffff]),
    ] as [(Int, [UInt32], [UInt32])])
  func `RN-02 a seed fills the lower word, with x64 both`(
    seed: Int, narrow: [UInt32], wide: [UInt32]
  ) throws {
    #expect(try words(Key(seed).data) == narrow)
    #expect(try words(Key(seed, x64: true).data) == wide)
  }

  @Test func `RN-02 a traced seed is the lower word`() throws {
    let key = jit { [try Key(seed: $0[0]).data] }
    #expect(try words(key([Tensor(shape: [], .i32([-7]))])[0]) == words(Key(-7).data))
    #expect(try words(key([Tensor(shape: [], .u32([9]))])[0]) == words(Key(9).data))
  }

  @Test(arguments: [Key(0), Key(2026), Key(0xffff_ffff, 7)])
  func `RN-03 split gives the keys that foldIn gives, whatever the count`(key: Key) throws {
    let three = try key.split(3)
    for (i, one) in three.enumerated() {
      #expect(try words(one.data) == words(key.foldIn(i).data))
    }
    #expect(try words(key.split(2)[1].data) == words(three[1].data))
    let (a, b) = try key.split()
    #expect(try words(a.data) + words(b.data) == three.prefix(2).flatMap { try words($0.data) })
    #expect(try words(key.keys([3])) == three.flatMap { try words($0.data) })
    #expect(try words(key.keys([1, 3])) == words(key.keys([3])))
    #expect(try key.split(0).isEmpty)
    #expect(try words(Key(0).foldIn(0).data) == [0x6b20_0159, 0x99ba_4efe])
  }

  @Test func `RN-04 words depend on the key and the flat index alone`() throws {
    let key = Key(42)
    let long = try words(key.bits([60]))
    #expect(try words(key.bits([3, 4, 5])) == long)
    #expect(try words(key.bits([7])) == Array(long.prefix(7)))
    #expect(try words(key.bits()) == Array(long.prefix(1)))
    for (i, word) in long.enumerated() {
      let counter = (Tensor(0, .u32), Tensor(Double(i), .u32))
      let (a, b) = try threefry2x32(
        key: (Tensor(0, .u32), Tensor(42, .u32)), counter: counter)
      #expect(try words(a)[0] ^ words(b)[0] == word)
    }
  }
}
