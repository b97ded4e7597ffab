// Windows on an array: which flat positions of the operand belong to which of the window array.
//
// The window array is the result of a gather and the updates of a scatter. Window b starts at an
// origin that the indices say; its element w lies at origin(b) + offsets[w] of the operand and at
// starts[b] + steps[w] of the window array.

/// The part that shapes and dimension numbers fix.
package struct WindowLayout: Sendable {
  /// Per window: where it starts in the window array.
  package let starts: [Int]
  /// Per element of a window: how far it lies from the start, in the window array.
  package let steps: [Int]
  /// Per element of a window: how far it lies from the origin, in the operand.
  package let offsets: [Int]
  /// Per window: where its batch axes put the origin before any index is added.
  private let bases: [Int]
  /// Per component of an index: the largest start inside the operand, and the stride.
  private let components: [(limit: Int, stride: Int)]

  /// What happens to a window that leaves the operand.
  package enum Outside: Sendable { case clipped, skipped }

  /// Windows of `sizes` on an operand of shape `x`, numbered by the indices' axes but the last.
  package init(
    _ x: [Int], indices: [Int], windows: [Int], sizes: [Int], _ d: GatherDimensionNumbers
  ) {
    let (strides, own) = (rowMajorStrides(x), rowMajorStrides(windows))
    let batch = Array(indices.dropLast())
    let batchAxes = windows.indices.filter { !d.offsetDims.contains($0) }
    let windowAxes = d.windowAxes(rank: x.count)
    starts = positions(batch, batchAxes.map { own[$0] })
    steps = positions(windowAxes.map { sizes[$0] }, d.offsetDims.map { own[$0] })
    offsets = positions(windowAxes.map { sizes[$0] }, windowAxes.map { strides[$0] })
    var along = batch.map { _ in 0 }
    for (axis, operandAxis) in zip(d.startIndicesBatchingDims, d.operandBatchingDims) {
      along[axis] = strides[operandAxis]
    }
    bases = positions(batch, along)
    components = d.startIndexMap.map { (x[$0] - sizes[$0], strides[$0]) }
  }

  /// One window of `sizes` whose index has a component for every axis.
  package init(_ x: [Int], sizes: [Int]) {
    let all = Array(x.indices)
    self.init(
      x, indices: [x.count], windows: sizes, sizes: sizes,
      GatherDimensionNumbers(offsetDims: all, collapsedSliceDims: [], startIndexMap: all))
  }

  /// The layout of a gather's result.
  package init(_ x: [Int], indices: [Int], windows: [Int], _ p: GatherParameters) {
    self.init(x, indices: indices, windows: windows, sizes: p.sliceSizes, p.numbers)
  }

  /// The layout of a scatter's updates.
  package init(_ x: [Int], indices: [Int], updates: [Int], _ d: ScatterDimensionNumbers) {
    self.init(x, indices: indices, windows: updates, sizes: d.windowSizes(x, updates), d.gather)
  }

  /// Per window its origin in the operand, nil if it is skipped.
  package func origins(_ indices: [Int], _ outside: Outside) -> [Int?] {
    bases.indices.map { window in
      components.indices.reduce(Int?.some(bases[window])) { origin, k in
        let (limit, stride) = components[k]
        let index = indices[window * components.count + k]
        guard let origin, limit >= 0, outside == .clipped || (0...limit).contains(index) else {
          return nil
        }
        return origin + Swift.min(Swift.max(index, 0), limit) * stride
      }
    }
  }
}

extension ScatterDimensionNumbers {
  /// The extent of a window on each axis of an operand of shape `x`.
  func windowSizes(_ x: [Int], _ updates: [Int]) -> [Int] {
    var sizes = x.map { Swift.min(1, $0) }
    for (axis, own) in zip(gather.windowAxes(rank: x.count), updateWindowDims) {
      sizes[axis] = updates[own]
    }
    for axis in insertedWindowDims { sizes[axis] = 1 }
    return sizes
  }
}

extension GatherMode {
  package var outside: WindowLayout.Outside {
    switch self {
    case .clip, .promiseInBounds: .clipped
    case .fill: .skipped
    }
  }
}

extension ScatterMode {
  package var outside: WindowLayout.Outside {
    switch self {
    case .clip: .clipped
    case .drop, .promiseInBounds: .skipped
    }
  }
}
