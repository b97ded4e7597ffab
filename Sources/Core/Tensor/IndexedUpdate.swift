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

  /// The smaller of each element and its values.
  public func min(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.min, values, mode)
  }

  /// The larger of each element and its values.
  public func max(_ values: Tensor, mode: ScatterMode = .drop) throws -> Tensor {
    try combined(.max, values, mode)
  }

  /// The elements. Those out of range are filled as in `gather`, unless the mode says otherwise.
  public func get(mode: GatherMode? = nil) throws -> Tensor {
    try IndexPlan(indices, x).read(x, mode: mode ?? .fill(FillValue(of: x.dtype)))
  }

  private func combined(
    _ op: ScatterCombination, _ values: Tensor, _ mode: ScatterMode, _ uniqueIndices: Bool = false
  ) throws -> Tensor {
    try require(
      values.dtype == x.dtype,
      "lax.scatter requires arguments to have the same dtypes, got \(x.dtype.longName), "
        + "\(values.dtype.longName).")
    let plan = try IndexPlan(indices, x)
    let size = x.aval.size
    let places = try reshape(arange(size), x.shape)
    // A place out of range is −1, which no flat tensor has.
    let flat = try plan.read(places, mode: mode == .clip ? .clip : .fill(FillValue(-1)))
    let numbers = ScatterDimensionNumbers(
      updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0])
    let parameters = ScatterParameters(
      numbers, mode: .drop, uniqueIndices: uniqueIndices || plan.isStatic)
    let updates = try broadcast(values, to: flat.shape)
    let changed = try bind1(
      .scatter(op, parameters), [reshape(x, [size]), indexVectors([flat]), updates])
    return try reshape(changed, x.shape)
  }
}
