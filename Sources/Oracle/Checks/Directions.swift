// Random directions through operands and results.
//
// Entries are ±(1 + U[0, 1)): never near zero, so that the fault of one element keeps its weight;
// continuous, so that faults do not cancel; of either sign, so that no direction lies in the null
// space of a shift-invariant function. Seeds are fresh for each run, printed, and replayable.

import Catalogue
import Core

/// Directions for the operands or the results of a program: one list of entries per array.
struct Directions {
  /// A direction through the operands: each entry times the power of two of its own element.
  ///
  /// Relative steps keep every element on its side of zero, hence logarithms and roots in their
  /// domain and |x| on one branch, and balance elements of different size. An element that is zero
  /// takes the scale of the largest of its array, or 1.
  static func relative(to x: [[DoubleDouble]], _ random: inout SeededGenerator) -> [[Double]] {
    x.map { array in
      let largest = array.map(\.hi.magnitude).filter(\.isFinite).max() ?? 0
      return array.map { random.entry() * scale($0.hi, orOf: largest) }
    }
  }

  /// A direction in which every entry is of size 1 to 2.
  static func plain(_ counts: [Int], _ random: inout SeededGenerator) -> [[Double]] {
    counts.map { count in (0..<count).map { _ in random.entry() } }
  }

  /// The power of two at or below |x|. Elements below 2⁻⁵⁰⁰ move by that much, so that steps keep
  /// all their bits.
  static func scale(_ x: Double, orOf largest: Double) -> Double {
    let size = x == 0 || !x.isFinite ? (largest == 0 ? 1 : largest) : x.magnitude
    return max(size.binade, 0x1p-500)
  }
}
