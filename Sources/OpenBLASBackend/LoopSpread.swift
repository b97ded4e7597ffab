// Which element of a smaller operand each index of a loop meets, so that no broadcast is ever copied
// to memory as a whole.
//
// index i meets source[(i / inner) % extent]: a scalar has extent 1, a row repeated for every row of
// a matrix inner 1, a column the width of the matrix as inner. Broadcasts of broadcasts compose.

internal import CKernels

/// How a loop reads an operand with fewer elements than it has indices.
struct LoopSpread: Sendable, Hashable {
  /// How many neighbouring indices meet the same element.
  let inner: Int
  /// The number of elements of the operand.
  let extent: Int

  /// One element meets every index.
  static let scalar = LoopSpread(inner: 1, extent: 1)

  init(inner: Int, extent: Int) { (self.inner, self.extent) = (inner, extent) }

  /// What `broadcast_in_dim` does, if the operand's axes stay neighbours.
  init?(_ shape: [Int], to out: [Int], _ dims: [Int]) {
    extent = shape.reduce(1, *)
    let real = shape.indices.filter { shape[$0] != 1 }.map { dims[$0] }
    guard let first = real.first, let last = real.last else {
      inner = 1
      return
    }
    guard zip(real, real.dropFirst()).allSatisfy(<),
      out[first...last].reduce(1, *) == extent
    else { return nil }
    inner = out[(last + 1)...].reduce(1, *)
  }

  /// The spread of what is already spread as `first` says.
  func after(_ first: LoopSpread) -> LoopSpread {
    first.extent == 1 ? .scalar : LoopSpread(inner: inner * first.inner, extent: first.extent)
  }

  /// Whether every stretch of `length` indices that begins at a multiple of it meets the same; without
  /// indices none does otherwise.
  func repeats(every length: Int) -> Bool {
    let period = inner * extent
    return extent == 1 || period == 0 || length % period == 0
  }

  /// Whether the elements that indices `start..<start + count` meet are neighbours in the source.
  func isContiguous(_ start: Int, _ count: Int) -> Bool {
    inner == 1 && start % extent + count <= extent
  }

  /// target[i] = source[((start + i) / inner) % extent] for i < count, of elements `width` bytes wide.
  func fill(
    _ target: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, from start: Int, _ count: Int,
    width: Int
  ) {
    switch width {
    case 8: assay_spread_64(source, target, start, count, inner, extent)
    case 4: assay_spread_32(source, target, start, count, inner, extent)
    case _: assay_spread_8(source, target, start, count, inner, extent)
    }
  }
}
