// `x.at[…].set(v)` and its siblings: a new tensor with some elements changed.
//
// An index out of range changes nothing (SEMANTICS AD-2). The elements are found by reading the flat
// positions of x at the index, and written by one scatter into the flat x: so every index that can
// be read can be written, and both mean the same elements.

extension Tensor {
  /// The tensor, to be changed at an index: `try x.at[0, 1..<3].set(v)`.
  public var at: IndexedTensor { IndexedTensor(x: self) }
}

/// A tensor that waits for an index.
public struct IndexedTensor {
  fileprivate let x: Tensor

  /// The place that the indices name, as in `x[…]`.
  public subscript(indices: any TensorIndex...) -> IndexedPlace { self[indices] }

  /// The place that a list of indices names.
  public subscript(indices: [any TensorIndex]) -> IndexedPlace {
    IndexedPlace(x: x, indices: indices)
  }
}

/// A place in a tensor, to be changed.
public struct IndexedPlace {
  fileprivate let x: Tensor
  fileprivate let indices: [any TensorIndex]

  /// The elements replaced by `values`, which broadcast; of several for one element the last stays.
  public func set(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.set, values, mode)
  }

  /// `values` added, each as often as it is named.
  public func add(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.add, values, mode)
  }

  /// The elements multiplied by `values`.
  ///
  /// Differentiable in `values` only where the index holds no tensor, or `uniqueIndices` promises
  /// that no element is named twice.
  public func multiply(
    _ values: Tensor, mode: ScatterMode = .drop, uniqueIndices: Bool = false
  ) throws -> Tensor {
    try combined(.mul, values, mode, uniqueIndices)
  }

  /// As `multiply`; JAX has both names.
  public func mul(
    _ values: Tensor, mode: ScatterMode = .drop, uniqueIndices: Bool = false
  ) throws -> Tensor {
    try multiply(values, mode: mode, uniqueIndices: uniqueIndices)
  }

  /// `values` subtracted, each as often as it is named.
  public func subtract(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.add, -values, mode)
  }

  /// The elements divided by the product of the `values` that name them.
  ///
  /// Differentiable in `values` as `multiply` is.
  public func divide(
    _ values: Tensor, mode: ScatterMode = .drop, uniqueIndices: Bool = false
  ) throws -> Tensor {
    try x / products(values, mode, uniqueIndices)
  }

  /// The elements to the power of the product of the `values` that name them.
  ///
  /// Differentiable in `values` as `multiply` is.
  public func power(
    _ values: Tensor, mode: ScatterMode = .drop, uniqueIndices: Bool = false
  ) throws -> Tensor {
    try pow(x, products(values, mode, uniqueIndices))
  }

  /// `function`, which works element by element, applied to each element as often as it is named.
  ///
  /// Unlike JAX's it has a derivative, since it reads and sets.
  public func apply(
    _ function: (Tensor) throws -> Tensor, mode: ScatterMode = .drop
  ) throws -> Tensor {
    let place = try Place(self, mode)
    // How often each named element is named in all, counted where it is read.
    let times = try place.read(place.combined(.add, place.zeros(), Tensor(1, .i32)))
    return try (0..<(place.isStatic ? 1 : rounds(times))).reduce(x) { changed, round in
      let read = try place.read(changed)
      let isDue = try greater(times, Tensor(Double(round), .i32))
      return try place.combined(.set, changed, selectTensors(isDue, function(read), read))
    }
  }

  /// The smaller of each element and its values.
  public func min(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.min, values, mode)
  }

  /// The larger of each element and its values.
  public func max(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.max, values, mode)
  }

  /// The elements; an index out of range reads the nearest, unless the mode says otherwise.
  public func get(mode: GatherMode = .clip) throws -> Tensor {
    try IndexPlan(indices, x).read(x, mode: mode)
  }

  /// The elements; those out of range are `number`, or what `gather` fills if there is none.
  public func get(fillingWith number: Double?) throws -> Tensor {
    try get(mode: .fill(number.map { FillValue($0) } ?? FillValue(of: x.dtype)))
  }

  private func combined(
    _ op: ScatterCombination, _ values: Tensor, _ mode: ScatterMode, _ uniqueIndices: Bool = false
  ) throws -> Tensor {
    try require(
      values.dtype == x.dtype,
      "lax.scatter requires arguments to have the same dtypes, got \(x.dtype.longName), "
        + "\(values.dtype.longName).")
    return try Place(self, mode).combined(op, x, values, uniqueIndices)
  }

  /// Ones, multiplied by `values` at the place.
  private func products(
    _ values: Tensor, _ mode: ScatterMode, _ uniqueIndices: Bool
  ) throws -> Tensor {
    let one = IndexedPlace(x: try ones(like: x), indices: indices)
    return try one.multiply(values, mode: mode, uniqueIndices: uniqueIndices)
  }

  /// How often an element may be named: the most that is counted, or, where that is not known yet,
  /// the number of indices.
  private func rounds(_ times: Tensor) throws -> Int {
    do {
      return Int(try times.scalars.max() ?? 0)
    } catch TraceError.notConcrete {
      return times.aval.size
    }
  }
}

/// The flat positions that an index names, by which elements are read and written.
private struct Place {
  private let shape: [Int]
  /// The positions; −1, which no flat tensor has, for those out of range.
  private let flat: Tensor
  /// Whether every index is known when the program is written, so that none comes twice.
  let isStatic: Bool

  init(_ place: IndexedPlace, _ mode: ScatterMode) throws {
    let plan = try IndexPlan(place.indices, place.x)
    (shape, isStatic) = (place.x.shape, plan.isStatic)
    let positions = try reshape(arange(place.x.aval.size), shape)
    flat = try plan.read(positions, mode: mode == .clip ? .clip : .fill(FillValue(-1)))
  }

  /// `x` with `values` combined in.
  func combined(
    _ op: ScatterCombination, _ x: Tensor, _ values: Tensor, _ uniqueIndices: Bool = false
  ) throws -> Tensor {
    let numbers = ScatterDimensionNumbers(
      updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0])
    let parameters = ScatterParameters(
      numbers, mode: .drop, uniqueIndices: uniqueIndices || isStatic)
    let changed = try bind1(
      .scatter(op, parameters),
      [reshape(x, [x.aval.size]), indexVectors([flat]), broadcast(values, to: flat.shape)])
    return try reshape(changed, shape)
  }

  /// The elements of `x`; 0 for those out of range.
  func read(_ x: Tensor) throws -> Tensor {
    let numbers = GatherDimensionNumbers(
      offsetDims: [], collapsedSliceDims: [0], startIndexMap: [0])
    let parameters = GatherParameters(numbers, sliceSizes: [1], mode: .fill(FillValue(0)))
    return try bind1(.gather(parameters), [reshape(x, [x.aval.size]), indexVectors([flat])])
  }

  /// As many zeros as there are elements.
  func zeros() throws -> Tensor { try full(shape, 0, .i32) }
}
