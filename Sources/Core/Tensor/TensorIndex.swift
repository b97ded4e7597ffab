// `x[…]`: NumPy's indexing with JAX's rules at the ends.
//
// A negative index counts from the end. Reading clamps an index that is out of range, a slice is cut
// to what there is (SEMANTICS AD-2); nothing is copied but what is read. Whole numbers and slices are
// known when the program is written; a tensor of indices may be computed.

/// What may stand between the brackets of `x[…]`: `Int`, ranges, `Stride`, `Tensor`.
public protocol TensorIndex {
  /// The index in the form that the rules read.
  var axisIndex: AxisIndex { get }
}

/// One axis of an index.
public enum AxisIndex {
  /// One element; the axis goes.
  case element(Int)
  /// From the first bound up to, without, the second; nil is the end in the direction of the step.
  case stride(from: Int?, to: Int?, by: Int)
  /// The elements that a tensor of whole numbers names; its axes take the place of this one.
  case elements(Tensor)
}

/// `from:to:by` of Python: bounds may be absent or negative, the step may be negative.
public struct Stride: TensorIndex, Hashable, Sendable {
  /// The first index, or nil for the end that the step leads away from.
  public let from: Int?
  /// The index before which to stop, or nil for the end that the step leads to.
  public let to: Int?
  /// The step; not zero.
  public let by: Int

  /// The indices from `from` in steps of `by` until before `to`.
  public init(from: Int? = nil, to: Int? = nil, by: Int = 1) {
    self.from = from
    self.to = to
    self.by = by
  }

  /// The whole axis.
  public static let all = Stride()

  /// This slice.
  public var axisIndex: AxisIndex { .stride(from: from, to: to, by: by) }
}

extension Int: TensorIndex {
  /// One element.
  public var axisIndex: AxisIndex { .element(self) }
}

extension Range<Int>: TensorIndex {
  /// The elements of the range that exist.
  public var axisIndex: AxisIndex { .stride(from: lowerBound, to: upperBound, by: 1) }
}

extension ClosedRange<Int>: TensorIndex {
  /// The elements of the range that exist.
  public var axisIndex: AxisIndex {
    .stride(from: lowerBound, to: upperBound == -1 ? nil : upperBound + 1, by: 1)
  }
}

extension PartialRangeFrom<Int>: TensorIndex {
  /// From the bound to the end.
  public var axisIndex: AxisIndex { .stride(from: lowerBound, to: nil, by: 1) }
}

extension PartialRangeUpTo<Int>: TensorIndex {
  /// From the start to before the bound.
  public var axisIndex: AxisIndex { .stride(from: nil, to: upperBound, by: 1) }
}

extension Tensor: TensorIndex {
  /// The elements that this tensor names.
  public var axisIndex: AxisIndex { .elements(self) }
}

extension Tensor {
  /// The part of the tensor that the indices name, one per axis from the first; axes without one are
  /// whole.
  ///
  /// Tensors and whole numbers together are read as NumPy does: their shapes broadcast, and the
  /// common axes stand where the first of them stood, or in front when a slice lies between.
  public subscript(indices: any TensorIndex...) -> Tensor {
    get throws { try IndexPlan(indices, self).read(self, mode: .clip) }
  }
}

/// An index for a tensor of a known shape: first slices, then elements.
struct IndexPlan {
  /// Per axis of the operand: which elements a slice keeps.
  private let slices: [(first: Int, count: Int, step: Int)]
  /// Axes that are indexed by elements, and by which.
  private let elements: [(axis: Int, index: Tensor)]
  /// Whether every index is known when the program is written.
  let isStatic: Bool
  private let shape: [Int]

  init(_ indices: [any TensorIndex], _ x: Tensor) throws {
    try require(
      indices.count <= x.rank,
      "Too many indices: array is \(x.rank)-dimensional, but \(indices.count) were indexed")
    let all = indices.map(\.axisIndex)
    var slices: [(first: Int, count: Int, step: Int)] = x.shape.map { (0, $0, 1) }
    var elements: [(axis: Int, index: Tensor)] = []
    for (axis, index) in all.enumerated() {
      switch index {
      case .element(let i): elements.append((axis, Tensor(Double(i), .i32)))
      case .stride(let from, let to, let by):
        slices[axis] = try elementsOfSlice(from, to, by, x.shape[axis])
      case .elements(let index):
        try require(
          index.dtype.isInteger,
          "Indexer must have integer or boolean type, got indexer with type "
            + index.dtype.longName)
        elements.append((axis, index))
      }
    }
    isStatic = !all.contains { if case .elements = $0 { true } else { false } }
    (self.slices, self.elements, shape) = (slices, elements, x.shape)
  }

  /// The elements of `x` at the index.
  func read(_ x: Tensor, mode: GatherMode) throws -> Tensor {
    let sliced = try sliced(x)
    guard !elements.isEmpty else { return sliced }
    let axes = elements.map(\.axis)
    try require(
      axes.allSatisfy { sliced.shape[$0] > 0 }, "cannot index an axis of extent 0 by elements")
    if isStatic, mode == .clip { return try readStatically(sliced) }
    let common = try elements.reduce([Int]()) {
      try broadcastShapes("indexing", $0, $1.index.shape)
    }
    let components = try elements.map { axis, index in
      try broadcast(fromFront(index, shape[axis]).asType(.i32), to: common)
    }
    return try bind1(
      .gather(parameters(axes, common, sliced.shape, mode)), [sliced, indexVectors(components)])
  }

  /// The common axes stand where the first indexed axis stood, if the indexed axes are neighbours.
  private func parameters(
    _ axes: [Int], _ common: [Int], _ x: [Int], _ mode: GatherMode
  ) -> GatherParameters {
    let areNeighbours = axes[axes.count - 1] - axes[0] == axes.count - 1
    let place = areNeighbours ? axes[0] : 0
    let kept = x.count - axes.count
    let offsets = (0..<kept).map { $0 < place ? $0 : $0 + common.count }
    var sizes = x
    for axis in axes { sizes[axis] = 1 }
    return GatherParameters(
      GatherDimensionNumbers(offsetDims: offsets, collapsedSliceDims: axes, startIndexMap: axes),
      sliceSizes: sizes, mode: mode)
  }

  private func readStatically(_ x: Tensor) throws -> Tensor {
    var (start, limit) = (x.shape.map { _ in 0 }, x.shape)
    for (axis, index) in elements {
      let i = Int(try index.item)
      start[axis] = Swift.min(Swift.max(i < 0 ? i + x.shape[axis] : i, 0), x.shape[axis] - 1)
      limit[axis] = start[axis] + 1
    }
    return try squeeze(slice(x, start: start, limit: limit), elements.map(\.axis))
  }

  /// `x` with every sliced axis cut; a negative step cuts forwards and reverses.
  private func sliced(_ x: Tensor) throws -> Tensor {
    let isWhole = zip(slices, x.shape).allSatisfy { $0.count == $1 && $0.step == 1 }
    guard !isWhole else { return x }
    let start = slices.map { $0.step > 0 ? $0.first : $0.first + ($0.count - 1) * $0.step }
    let cut = try slice(
      x, start: zip(start, slices).map { $1.count == 0 ? 0 : $0 },
      limit: zip(start, slices).map {
        $1.count == 0 ? 0 : $0 + ($1.count - 1) * Swift.abs($1.step) + 1
      },
      strides: slices.map { Swift.abs($0.step) })
    let reversed = slices.indices.filter { slices[$0].step < 0 }
    return reversed.isEmpty ? cut : try rev(cut, reversed)
  }
}

/// First index, count and step of Python's `from:to:by` on an axis of extent `n`.
private func elementsOfSlice(
  _ from: Int?, _ to: Int?, _ by: Int, _ n: Int
) throws -> (first: Int, count: Int, step: Int) {
  try require(by != 0, "slice step cannot be zero")
  // The bounds that mean "before the first" and "after the last" in the direction of the step.
  let (low, high) = by > 0 ? (0, n) : (-1, n - 1)
  func bound(_ i: Int) -> Int { Swift.min(Swift.max(i < 0 ? i + n : i, low), high) }
  let first = from.map(bound) ?? (by > 0 ? low : high)
  let end = to.map(bound) ?? (by > 0 ? high : low)
  let distance = by > 0 ? end - first : first - end
  let step = Swift.abs(by)
  return (first, Swift.max(0, (distance + step - 1) / step), by)
}
