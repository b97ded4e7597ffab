// Copying a box of elements from one strided place to another: the loop behind every movement.
//
// to[Σ i·toStep] = from[Σ i·fromStep] for every index i of the box. Axes that lie one behind the other
// on both sides are merged when the transfer is made, so the innermost loop is as long as it can be.
// Where one axis is contiguous in the source and another in the target, the two are innermost and
// copied in blocks, so that each line of the cache is fetched once.

internal import Core

/// A copy between two strided views of the same extents.
struct Transfer: Sendable {
  /// One axis of the box.
  struct Axis: Sendable {
    var extent: Int
    var fromStep: Int
    var toStep: Int
  }

  private let axes: [Axis]
  /// Whether the last two axes are contiguous, the first of them in the source only, the other in the
  /// target only.
  private let isTransposed: Bool
  private let fromOrigin: Int
  private let toOrigin: Int

  init(
    _ extents: [Int], from: (origin: Int, steps: [Int]), to: (origin: Int, steps: [Int])
  ) {
    (fromOrigin, toOrigin) = (from.origin, to.origin)
    let all = extents.indices.map {
      Axis(extent: extents[$0], fromStep: from.steps[$0], toStep: to.steps[$0])
    }
    let merged = all.filter { $0.extent != 1 }.reduce(into: [] as [Axis]) { merged, inner in
      if let outer = merged.last, outer.fromStep == inner.fromStep * inner.extent,
        outer.toStep == inner.toStep * inner.extent
      {
        merged[merged.count - 1] = Axis(
          extent: outer.extent * inner.extent, fromStep: inner.fromStep, toStep: inner.toStep)
      } else {
        merged.append(inner)
      }
    }
    let pair = transposedPair(merged)
    isTransposed = pair != nil
    axes = pair ?? merged
  }

  /// Into a new row-major array of these extents.
  init(_ extents: [Int], from: (origin: Int, steps: [Int])) {
    self.init(extents, from: from, to: (0, rowMajorStrides(extents)))
  }

  func run<T>(_ from: UnsafePointer<T>, _ to: UnsafeMutablePointer<T>) {
    if axes.contains(where: { $0.extent == 0 }) { return }
    axes.withUnsafeBufferPointer { walk($0, 0, from + fromOrigin, to + toOrigin) }
  }

  private func walk<T>(
    _ axes: UnsafeBufferPointer<Axis>, _ depth: Int, _ from: UnsafePointer<T>,
    _ to: UnsafeMutablePointer<T>
  ) {
    switch axes.count - depth {
    case 0: to.initialize(to: from.pointee)
    case 1: line(axes[depth], from, to)
    case 2 where isTransposed:
      transpose(
        axes[depth + 1].extent, axes[depth].extent, from, step: axes[depth + 1].fromStep, to,
        step: axes[depth].toStep)
    default:
      let axis = axes[depth]
      for i in 0..<axis.extent {
        walk(axes, depth + 1, from + i * axis.fromStep, to + i * axis.toStep)
      }
    }
  }

  private func line<T>(_ axis: Axis, _ from: UnsafePointer<T>, _ to: UnsafeMutablePointer<T>) {
    switch (axis.fromStep, axis.toStep) {
    case (1, 1): to.initialize(from: from, count: axis.extent)
    case (0, 1): to.initialize(repeating: from.pointee, count: axis.extent)
    case (let a, let b): for i in 0..<axis.extent { to[i * b] = from[i * a] }
    }
  }
}

/// The axes with the one that is contiguous in the source last but one, if the last is contiguous in the
/// target only: every order of the axes copies the same elements.
private func transposedPair(_ axes: [Transfer.Axis]) -> [Transfer.Axis]? {
  guard let inner = axes.last, inner.toStep == 1, inner.fromStep > 1,
    let index = axes.firstIndex(where: { $0.fromStep == 1 })
  else { return nil }
  var reordered = axes
  let outer = reordered.remove(at: index)
  reordered.insert(outer, at: reordered.count - 1)
  return reordered
}
