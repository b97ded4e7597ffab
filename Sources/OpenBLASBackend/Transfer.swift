// Copying a box of elements from one strided place to another: the loop behind every movement.
//
// to[Σ i·toStep] = from[Σ i·fromStep] for every index i of the box. Axes that lie one behind the other
// on both sides are merged when the transfer is made, so the innermost loop is as long as it can be.

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
  private let fromOrigin: Int
  private let toOrigin: Int

  init(
    _ extents: [Int], from: (origin: Int, steps: [Int]), to: (origin: Int, steps: [Int])
  ) {
    (fromOrigin, toOrigin) = (from.origin, to.origin)
    let all = extents.indices.map {
      Axis(extent: extents[$0], fromStep: from.steps[$0], toStep: to.steps[$0])
    }
    axes = all.filter { $0.extent != 1 }.reduce(into: []) { merged, inner in
      if let outer = merged.last, outer.fromStep == inner.fromStep * inner.extent,
        outer.toStep == inner.toStep * inner.extent
      {
        merged[merged.count - 1] = Axis(
          extent: outer.extent * inner.extent, fromStep: inner.fromStep, toStep: inner.toStep)
      } else {
        merged.append(inner)
      }
    }
  }

  /// Into a new row-major array of these extents.
  init(_ extents: [Int], from: (origin: Int, steps: [Int])) {
    self.init(extents, from: from, to: (0, rowMajorStrides(extents)))
  }

  func run<T>(_ from: UnsafePointer<T>, _ to: UnsafeMutablePointer<T>) {
    if axes.contains(where: { $0.extent == 0 }) { return }
    walk(axes[...], from + fromOrigin, to + toOrigin)
  }

  private func walk<T>(
    _ rest: ArraySlice<Axis>, _ from: UnsafePointer<T>, _ to: UnsafeMutablePointer<T>
  ) {
    guard let axis = rest.first else { return to.initialize(to: from.pointee) }
    if rest.count == 1 { return line(axis, from, to) }
    for i in 0..<axis.extent {
      walk(rest.dropFirst(), from + i * axis.fromStep, to + i * axis.toStep)
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
