// Normal numbers for simulated rounding errors, millions of them per run.
//
// Each is one of 4096 equally likely quantiles, scaled so that the variance is 1. A deviation is a sum
// over very many of them; what a table of 4096 leaves out is the tail of a single one beyond 3.6.

import Catalogue
import Core

/// A seeded stream of numbers with mean 0 and variance 1.
package struct NormalNumbers {
  private var generator: SeededGenerator
  private var bits: UInt64 = 0
  private var left = 0

  /// The stream number `index` of `name`.
  package init(seed: UInt64, _ name: String, _ index: Int) {
    generator = SeededGenerator(seed: seed, name: name, index)
  }

  /// The next number; 64 bits serve five.
  package mutating func next() -> Double {
    if left == 0 { (bits, left) = (generator.next(), 5) }
    let index = Int(bits & 4095)
    (bits, left) = (bits >> 12, left - 1)
    return Self.table[index]
  }

  /// The number that belongs to `key`, among those of `salt`.
  static func number(of key: UInt64, salt: UInt64) -> Double {
    var z = key &* 0x9E37_79B9_7F4A_7C15 ^ salt
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return table[Int(z >> 52)]
  }

  /// √2 erf⁻¹(2q − 1) at the middles q of 4096 equal parts of [0, 1].
  private static let table: [Double] = {
    let raw = (0..<4096).map { k in
      2.0.squareRoot() * Double(DoubleDouble.erfInv(DoubleDouble(2 * (Double(k) + 0.5) / 4096 - 1)))
    }
    let variance = raw.reduce(0) { $0 + $1 * $1 } / 4096
    return raw.map { $0 / variance.squareRoot() }
  }()
}
