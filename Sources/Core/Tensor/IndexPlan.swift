// What an index means for a tensor of a known shape: first slices, then new axes, then elements.
//
// The rules are NumPy's. A mask becomes the indices of the elements where it holds, one tensor per
// axis of the mask. Whole numbers and tensors count as one group; it is broken when any other index
// stands between two of them, even an ellipsis for no axis, and its axes then come first.

/// An index for a tensor of a known shape.
struct IndexPlan {
  /// Which elements of one axis a slice keeps.
  private typealias Kept = (first: Int, count: Int, step: Int)

  private var slices: [Kept]
  /// The axes of extent 1, by their place among all axes.
  private var newAxes: [Int] = []
  /// The axes that are indexed by elements, by their place among all axes, and by which.
  private var elements: [(axis: Int, index: Tensor)] = []
  /// Whether nothing stands between two indices by elements.
  private var areNeighbours = true
  /// Whether every index is known when the program is written.
  let isStatic: Bool
  private let shape: [Int]

  init(_ indices: [any TensorIndex], _ x: Tensor) throws {
    let all = indices.map(\.axisIndex)
    let named = all.reduce(0) { $0 + $1.axisCount }
    try require(
      named <= x.rank,
      "Too many indices: array is \(x.rank)-dimensional, but \(named) were indexed")
    try require(
      all.filter(\.isEllipsis).count <= 1, "an index can only have a single ellipsis ('...')")
    isStatic = !all.contains { if case .elements = $0 { true } else { false } }
    (shape, slices) = (x.shape, x.shape.map { (0, $0, 1) })
    var last: Int?
    var axis = 0
    for (position, index) in all.enumerated() {
      if index.namesElements {
        areNeighbours = areNeighbours && (last ?? position - 1) == position - 1
        last = position
      }
      try read(index, position, &axis, left: x.rank - named)
    }
  }

  /// Notes `index`, which begins at `axis` of the operand, and moves past the axes that it names.
  private mutating func read(
    _ index: AxisIndex, _ position: Int, _ axis: inout Int, left: Int
  ) throws {
    let place = axis + newAxes.count
    switch index {
    case .newAxis: newAxes.append(place)
    case .ellipsis: axis += left
    case .stride(let from, let to, let by):
      slices[axis] = try elementsOfSlice(from, to, by, shape[axis])
      axis += 1
    case .element(let i):
      elements.append((place, Tensor(Double(i), .i32)))
      axis += 1
    case .elements(let mask) where mask.dtype == .bool:
      try read(mask: mask, position, axis, place)
      axis += mask.rank
    case .elements(let index):
      try require(
        index.dtype.isInteger,
        "Indexer must have integer or boolean type, got indexer with type \(index.dtype.longName)")
      elements.append((place, index))
      axis += 1
    }
  }

  /// Notes the elements where `mask` holds. A mask without axes chooses all or nothing, along a new
  /// axis.
  private mutating func read(mask: Tensor, _ position: Int, _ axis: Int, _ place: Int) throws {
    let expected = Array(shape[axis..<axis + mask.rank])
    try require(
      mask.shape == expected,
      "boolean index did not match shape of indexed array in index \(position): got "
        + "\(pythonTuple(mask.shape)), expected \(pythonTuple(expected))")
    let places = try placesWhereTrue(mask)
    if mask.rank == 0 {
      newAxes.append(place)
      elements.append((place, Tensor(places.map { _ in 0 }, .i32)))
    }
    let strides = rowMajorStrides(mask.shape)
    for (i, (stride, extent)) in zip(strides, mask.shape).enumerated() {
      elements.append((place + i, Tensor(places.map { Double($0 / stride % extent) }, .i32)))
    }
  }

  /// The elements of `x` at the index.
  func read(_ x: Tensor, mode: GatherMode) throws -> Tensor {
    let sliced = try expanded(sliced(x))
    guard !elements.isEmpty else { return sliced }
    let axes = elements.map(\.axis)
    let common = try elements.reduce([Int]()) {
      try broadcastShapes("indexing", $0, $1.index.shape)
    }
    if let axis = axes.first(where: { sliced.shape[$0] == 0 }), !common.contains(0) {
      throw TraceError.illTyped("index is out of bounds for axis \(axis) with size 0")
    }
    if isStatic, mode == .clip { return try readStatically(sliced) }
    let components = try elements.map { axis, index in
      try broadcast(fromFront(index, sliced.shape[axis]).asType(.i32), to: common)
    }
    return try bind1(
      .gather(parameters(axes, common, sliced.shape, mode)), [sliced, indexVectors(components)])
  }

  /// The common axes stand where the first indexed axis stood, if the indexed axes are neighbours.
  private func parameters(
    _ axes: [Int], _ common: [Int], _ x: [Int], _ mode: GatherMode
  ) -> GatherParameters {
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

  /// `x` with the new axes.
  private func expanded(_ x: Tensor) throws -> Tensor {
    guard !newAxes.isEmpty else { return x }
    var shape = x.shape
    for axis in newAxes { shape.insert(1, at: axis) }
    return try broadcastInDim(
      x, shape: shape, dims: shape.indices.filter { !newAxes.contains($0) })
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

extension AxisIndex {
  /// How many axes of the operand it names.
  fileprivate var axisCount: Int {
    switch self {
    case .element, .stride: 1
    case .elements(let index): index.dtype == .bool ? index.rank : 1
    case .newAxis, .ellipsis: 0
    }
  }

  fileprivate var isEllipsis: Bool { if case .ellipsis = self { true } else { false } }

  fileprivate var namesElements: Bool {
    switch self {
    case .element, .elements: true
    case .stride, .newAxis, .ellipsis: false
    }
  }
}

/// The flat positions at which a mask holds.
private func placesWhereTrue(_ mask: Tensor) throws -> [Int] {
  do {
    return try mask.scalars.enumerated().filter { $1 != 0 }.map(\.offset)
  } catch TraceError.notConcrete(let aval) {
    throw TraceError.nonConcreteBooleanIndex(aval)
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
