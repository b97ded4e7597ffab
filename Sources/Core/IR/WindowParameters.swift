// What gather and scatter are told: which axes of the operand their windows start on, and where the
// windows lie in the result of a gather or in the updates of a scatter.
//
// Names are JAX's. The last axis of the indices always holds the components of one index; the other
// axes number the windows. A scatter is a gather run backwards, and its numbers say so.

/// Where the windows of `gather` start and how they lie in the result.
public struct GatherDimensionNumbers: Hashable, Sendable {
  /// The axes of the result that run inside a window.
  public var offsetDims: [Int]
  /// The axes of the operand, of slice size 1, that the result leaves out.
  public var collapsedSliceDims: [Int]
  /// The axis of the operand on which each component of an index is a start.
  public var startIndexMap: [Int]
  /// The axes of the operand that run along with those of `startIndicesBatchingDims`.
  public var operandBatchingDims: [Int]
  /// The axes of the indices that run along with those of `operandBatchingDims`.
  public var startIndicesBatchingDims: [Int]

  /// The numbers under JAX's names.
  public init(
    offsetDims: [Int], collapsedSliceDims: [Int], startIndexMap: [Int],
    operandBatchingDims: [Int] = [], startIndicesBatchingDims: [Int] = []
  ) {
    self.offsetDims = offsetDims
    self.collapsedSliceDims = collapsedSliceDims
    self.startIndexMap = startIndexMap
    self.operandBatchingDims = operandBatchingDims
    self.startIndicesBatchingDims = startIndicesBatchingDims
  }

  /// The axes of an operand of this rank that a window keeps.
  func windowAxes(rank: Int) -> [Int] {
    (0..<rank).filter { !collapsedSliceDims.contains($0) && !operandBatchingDims.contains($0) }
  }
}

/// Where the windows of `scatter` start and how they lie in the updates.
public struct ScatterDimensionNumbers: Hashable, Sendable {
  /// The axes of the updates that run inside a window.
  public var updateWindowDims: [Int]
  /// The axes of the operand, of window size 1, that the updates leave out.
  public var insertedWindowDims: [Int]
  /// The axis of the operand on which each component of an index is a start.
  public var scatterDimsToOperandDims: [Int]
  /// The axes of the operand that run along with those of `scatterIndicesBatchingDims`.
  public var operandBatchingDims: [Int]
  /// The axes of the indices that run along with those of `operandBatchingDims`.
  public var scatterIndicesBatchingDims: [Int]

  /// The numbers under JAX's names.
  public init(
    updateWindowDims: [Int], insertedWindowDims: [Int], scatterDimsToOperandDims: [Int],
    operandBatchingDims: [Int] = [], scatterIndicesBatchingDims: [Int] = []
  ) {
    self.updateWindowDims = updateWindowDims
    self.insertedWindowDims = insertedWindowDims
    self.scatterDimsToOperandDims = scatterDimsToOperandDims
    self.operandBatchingDims = operandBatchingDims
    self.scatterIndicesBatchingDims = scatterIndicesBatchingDims
  }

  /// The scatter that puts windows where `gather` takes them.
  init(_ gather: GatherDimensionNumbers) {
    self.init(
      updateWindowDims: gather.offsetDims, insertedWindowDims: gather.collapsedSliceDims,
      scatterDimsToOperandDims: gather.startIndexMap,
      operandBatchingDims: gather.operandBatchingDims,
      scatterIndicesBatchingDims: gather.startIndicesBatchingDims)
  }

  /// The gather that takes windows where this scatter puts them.
  var gather: GatherDimensionNumbers {
    GatherDimensionNumbers(
      offsetDims: updateWindowDims, collapsedSliceDims: insertedWindowDims,
      startIndexMap: scatterDimsToOperandDims, operandBatchingDims: operandBatchingDims,
      startIndicesBatchingDims: scatterIndicesBatchingDims)
  }
}

/// The number that `gather` gives for a window that leaves the operand. NaN equals itself.
public struct FillValue: Hashable, Sendable {
  /// The number, rounded to the operand's dtype where it is used.
  public let number: Double

  /// This number.
  public init(_ number: Double) { self.number = number }

  /// JAX's choice: NaN, the least signed and the largest unsigned whole number, `true`.
  public init(of dtype: DType) {
    switch dtype {
    case .f32, .f64: number = .nan
    case .i32: number = Double(Int32.min)
    case .u32: number = Double(UInt32.max)
    case .bool: number = 1
    }
  }

  /// Equality of bits.
  public static func == (a: FillValue, b: FillValue) -> Bool {
    a.number.bitPattern == b.number.bitPattern
  }

  /// The bits.
  public func hash(into hasher: inout Hasher) { hasher.combine(number.bitPattern) }
}

/// What `gather` does with a window that leaves the operand.
public enum GatherMode: Hashable, Sendable {
  /// The window moves to the nearest place inside.
  case clip
  /// The whole window is filled with one number.
  case fill(FillValue)
  /// The caller promises that there is none; as XLA does on a CPU, the window moves inside.
  case promiseInBounds
}

/// What `scatter` does with a window that leaves the operand.
public enum ScatterMode: Hashable, Sendable {
  /// The window moves to the nearest place inside.
  case clip
  /// The whole window is dropped.
  case drop
  /// The caller promises that there is none; as XLA does on a CPU, the window is dropped.
  case promiseInBounds
}

/// How `scatter` combines an update with what it meets.
public enum ScatterCombination: String, Sendable, CaseIterable {
  /// The update stays; of several the last in the order of the indices.
  case set
  case add, mul, min, max
}

/// The parameters of `gather`.
public struct GatherParameters: Hashable, Sendable {
  /// Where windows start and lie.
  public var numbers: GatherDimensionNumbers
  /// The extent of a window on each axis of the operand.
  public var sliceSizes: [Int]
  /// What becomes of a window that leaves the operand.
  public var mode: GatherMode
  /// A promise that the indices ascend.
  public var indicesAreSorted: Bool
  /// A promise that no two windows overlap.
  public var uniqueIndices: Bool

  /// The parameters under JAX's names.
  public init(
    _ numbers: GatherDimensionNumbers, sliceSizes: [Int], mode: GatherMode,
    indicesAreSorted: Bool = false, uniqueIndices: Bool = false
  ) {
    self.numbers = numbers
    self.sliceSizes = sliceSizes
    self.mode = mode
    self.indicesAreSorted = indicesAreSorted
    self.uniqueIndices = uniqueIndices
  }
}

/// The parameters of `scatter` and its siblings.
public struct ScatterParameters: Hashable, Sendable {
  /// Where windows start and lie.
  public var numbers: ScatterDimensionNumbers
  /// What becomes of a window that leaves the operand.
  public var mode: ScatterMode
  /// A promise that the indices ascend.
  public var indicesAreSorted: Bool
  /// A promise that no two windows overlap.
  public var uniqueIndices: Bool

  /// The parameters under JAX's names.
  public init(
    _ numbers: ScatterDimensionNumbers, mode: ScatterMode, indicesAreSorted: Bool = false,
    uniqueIndices: Bool = false
  ) {
    self.numbers = numbers
    self.mode = mode
    self.indicesAreSorted = indicesAreSorted
    self.uniqueIndices = uniqueIndices
  }
}
