// Into which pieces a product of matrices is divided: stretches of its rows, of its columns, or of the
// terms of its sums.
//
// Pieces follow from the extents alone, never from the number of threads, since a routine may add in
// another order when it is given less: the bits are the same for any number. Rows or columns are cut,
// whichever are more, because each piece packs the operand that is not cut again. A long sum into a
// small result is cut instead: its partial results are added in their order.

/// How the product of an [m, k] and a [k, n] matrix is divided.
enum ContractionPieces: Sendable, Hashable {
  case rows(Int)
  case columns(Int)
  case terms(Int)

  /// A piece has at least this many products, some 10 µs, and edges at multiples of what routines take
  /// at once.
  private static let leastProducts = 1 << 19
  private static let edge = 32

  init(_ m: Int, _ n: Int, _ k: Int) {
    let worth = m * n * k / Self.leastProducts
    if max(m, n) <= 128, k >= 512 {
      self = .terms(min(4, max(1, worth), k / 256))
      return
    }
    let count = min(4, max(1, worth), max(1, max(m, n) / (2 * Self.edge)))
    self = m >= n ? .rows(count) : .columns(count)
  }

  var count: Int {
    switch self {
    case .rows(let count), .columns(let count), .terms(let count): count
    }
  }

  /// The rows, columns and terms of a piece.
  func ranges(
    _ piece: Int, _ m: Int, _ n: Int, _ k: Int
  ) -> (rows: Range<Int>, columns: Range<Int>, terms: Range<Int>) {
    func part(_ extent: Int) -> Range<Int> {
      func bound(_ piece: Int) -> Int {
        piece == count ? extent : extent * piece / count / Self.edge * Self.edge
      }
      return bound(piece)..<bound(piece + 1)
    }
    return switch self {
    case .rows: (part(m), 0..<n, 0..<k)
    case .columns: (0..<m, part(n), 0..<k)
    case .terms: (0..<m, 0..<n, part(k))
    }
  }
}
