// The numbers behind every random input: operands, directions, cotangents.
//
// One generator for all, so that a printed seed repeats a run on any machine. Streams that must not
// be related (two operands of one program, say) are told apart by name, never by neighbouring seeds.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The stream of `seed`.
  public init(seed: UInt64) { state = seed }

  /// The stream number `index` of `name`: the name is folded in by FNV-1a, so that two names, or
  /// two indices, give unrelated streams.
  public init(seed: UInt64, name: String, _ index: Int) {
    let start: UInt64 = 0xCBF2_9CE4_8422_2325
    self.init(
      seed: "\(name)#\(index)#\(seed)".utf8.reduce(start) {
        ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
      })
    _ = next()
  }

  /// A seed that no earlier run had.
  public static func freshSeed() -> UInt64 { UInt64.random(in: 1...0xFFFF_FFFF) }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// ±(1 + U[0, 1)).
  public mutating func entry() -> Double {
    let size = 1 + unit()
    return next() & 1 == 0 ? size : -size
  }

  /// A whole number in `range`; the bias of the remainder, range/2⁶⁴, is far below what a sample
  /// could show.
  mutating func whole(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  /// A number of three decimals in `range`, or its lower bound when there is none.
  mutating func decimal(in range: ClosedRange<Double>) -> Double {
    let low = Int((range.lowerBound * 1000).rounded(.up))
    let high = Int((range.upperBound * 1000).rounded(.down))
    return low <= high ? Double(whole(in: low...high)) / 1000 : range.lowerBound
  }
}
