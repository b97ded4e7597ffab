// x modulo π/2, exactly, for every finite x (after Payne and Hanek, 1983).
//
// x is ±m · 2ᵉ, twice (hi and lo). x · 2/π modulo 2⁶⁴ needs only those bits of 2/π that meet m above
// the wanted precision: a window of six words, one of integer bits and five (320 bits) of fraction.
// What is cut off is below 2⁵³⁻³²⁰, so the remainder is known to 2⁻²⁶⁷ absolutely; numbers of 106
// bits come no nearer to a multiple of π/2 than about 2⁻¹²⁰. Integer arithmetic throughout, hence
// the same on every machine.

import RealModule

extension DoubleDouble {
  /// x = k · π/2 + r with |r| ≤ π/4; only k modulo 4 is returned. x must be finite.
  static func reduceModuloHalfPi(_ x: DoubleDouble) -> (quadrant: Int, r: DoubleDouble) {
    if x.hi.magnitude < 0.785 { return (0, x) }
    var turns = FixedPoint(timesTwoOverPi: x.hi)
    turns.add(FixedPoint(timesTwoOverPi: x.lo))
    let (whole, fraction) = turns.rounded()
    return (Int(whole & 3), fraction * halfPi)
  }
}

/// A number modulo 2⁶⁴ in two's complement: word 0 is the integer part, words 1 to 5 the fraction.
private struct FixedPoint {
  /// The most significant word first; words 6 and 7 stay zero.
  private var words = SIMD8<UInt64>()

  /// value · 2/π.
  init(timesTwoOverPi value: Double) {
    guard value != 0 else { return }
    let isNormal = value.exponentBitPattern > 0
    let m = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
    let e = Int(max(value.exponentBitPattern, 1)) - 1075
    var carry: UInt64 = 0
    for j in (0...5).reversed() {
      let (high, low) = m.multipliedFullWidth(by: twoOverPiWindow(from: e - 64 + 64 * j))
      let (sum, overflow) = low.addingReportingOverflow(carry)
      words[j] = sum
      carry = high + (overflow ? 1 : 0)
    }
    if value < 0 { negate() }
  }

  mutating func add(_ other: FixedPoint) {
    var carry: UInt64 = 0
    for j in (0...5).reversed() {
      let (sum, overflow1) = words[j].addingReportingOverflow(other.words[j])
      let (total, overflow2) = sum.addingReportingOverflow(carry)
      words[j] = total
      carry = overflow1 || overflow2 ? 1 : 0
    }
  }

  private mutating func negate() {
    var carry: UInt64 = 1
    for j in (0...5).reversed() {
      let (sum, overflow) = (~words[j]).addingReportingOverflow(carry)
      words[j] = sum
      carry = overflow ? 1 : 0
    }
  }

  /// The nearest integer, and what is left, in [−½, ½].
  func rounded() -> (whole: UInt64, fraction: DoubleDouble) {
    guard words[1] >> 63 == 1 else { return (words[0], magnitudeOfFraction()) }
    var rest = self
    rest.negate()
    return (words[0] &+ 1, -rest.magnitudeOfFraction())
  }

  /// The fraction words as a number: 128 bits from the leading one, in pieces of 53, 53 and 22.
  private func magnitudeOfFraction() -> DoubleDouble {
    guard let k = (1...5).first(where: { words[$0] != 0 }) else { return 0 }
    let shift = words[k].leadingZeroBitCount
    let w0 = words[k] << shift | words[k + 1] >> (64 - shift)
    let w1 = words[k + 1] << shift | words[k + 2] >> (64 - shift)
    let a = Double(w0 >> 11) * 0x1p-53
    let b = Double((w0 & 0x7FF) << 42 | w1 >> 22) * 0x1p-106
    let c = Double(w1 & 0x3F_FFFF) * 0x1p-128
    return DoubleDouble.scaled(DoubleDouble(sum: a, b).plus(c), by: -64 * (k - 1) - shift)
  }
}

/// 64 bits of the binary expansion of 2/π after the point, from the given one; zeros before it.
private func twoOverPiWindow(from bit: Int) -> UInt64 {
  func word(_ i: Int) -> UInt64 { twoOverPiBits.indices.contains(i) ? twoOverPiBits[i] : 0 }
  let shift = bit & 63
  return word(bit >> 6) << shift | word(bit >> 6 + 1) >> (64 - shift)
}

/// ⌊2/π · 2¹⁴⁷²⌋, computed with mpmath: 971 + 320 + 64 bits are within reach of the largest double.
private let twoOverPiBits: [UInt64] = [
  0xA2F9_836E_4E44_1529, 0xFC27_57D1_F534_DDC0, 0xDB62_9599_3C43_9041, 0xFE51_63AB_DEBB_C561,
  0xB724_6E3A_424D_D2E0, 0x0649_2EEA_09D1_921C, 0xFE1D_EB1C_B129_A73E, 0xE882_35F5_2EBB_4484,
  0xE99C_7026_B45F_7E41, 0x3991_D639_8353_39F4, 0x9C84_5F8B_BDF9_283B, 0x1FF8_97FF_DE05_980F,
  0xEF2F_118B_5A0A_6D1F, 0x6D36_7ECF_27CB_09B7, 0x4F46_3F66_9E5F_EA2D, 0x7527_BAC7_EBE5_F17B,
  0x3D07_39F7_8A52_92EA, 0x6BFB_5FB1_1F8D_5D08, 0x5603_3046_FC7B_6BAB, 0xF0CF_BC20_9AF4_361D,
  0xA9E3_9161_5EE6_1B08, 0x6599_855F_14A0_6840, 0x8DFF_D880_4D73_2731,
]
