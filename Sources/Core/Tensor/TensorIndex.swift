// `x[…]`: NumPy's indexing with JAX's rules at the ends.
//
// A negative index counts from the end. Reading clamps an index that is out of range, a slice is cut
// to what there is (SEMANTICS AD-2); nothing is copied but what is read. Whole numbers, slices and
// masks are known when the program is written; a tensor of indices may be computed.
// `IndexPlan` says what they mean together.

/// What may stand between the brackets of `x[…]`: `Int`, ranges, `Stride`, `Tensor`, `newAxis`,
/// `ellipsis`.
public protocol TensorIndex {
  /// The index in the form that the rules read.
  var axisIndex: AxisIndex { get }
}

/// One axis of an index.
public enum AxisIndex: Sendable {
  /// One element; the axis goes.
  case element(Int)
  /// From the first bound up to, without, the second; nil is the end in the direction of the step.
  case stride(from: Int?, to: Int?, by: Int)
  /// The elements that a tensor of whole numbers names; its axes take the place of this one. A
  /// tensor of truth values stands for as many axes as it has, and names those where it holds.
  case elements(Tensor)
  /// An axis of extent 1 that the tensor has not.
  case newAxis
  /// All axes that the other indices leave over.
  case ellipsis
}

/// An index that names no elements.
public struct AxisSymbol: TensorIndex, Sendable {
  /// What it means.
  public let axisIndex: AxisIndex
}

/// A new axis of extent 1 (`None` between Python's brackets).
public let newAxis = AxisSymbol(axisIndex: .newAxis)

/// All axes that the other indices leave over (`...` between Python's brackets).
public let ellipsis = AxisSymbol(axisIndex: .ellipsis)

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
  /// common axes stand where the first of them stood, or in front when a slice, a new axis or an
  /// ellipsis lies between.
  /// - Throws: `TraceError.nonConcreteBooleanIndex` for a mask whose values are not known.
  public subscript(indices: any TensorIndex...) -> Tensor {
    get throws { try IndexPlan(indices, self).read(self, mode: .clip) }
  }
}
