// The closed set of operations, grouped by family so that each rule file stays short.
//
// Names and parameters are those of `jax.lax`. Adding a case stops the build in exactly the files
// that must answer for it; CONTRIBUTING.md lists them in order.

/// An operation of the language, with its parameters.
public enum Primitive: Hashable, Sendable {
  /// Elementwise, one operand.
  case unary(Unary)
  /// xⁿ for a whole number n, known when the program is written.
  case integerPow(Int)
  /// The n-th derivative of the digamma function.
  case polygamma(order: Int)
  /// The nearest number of a narrower format, ties to even: what bf16 or f16 would keep of it.
  case reducePrecision(exponentBits: Int, mantissaBits: Int)
  /// Elementwise, two operands of one dtype; a scalar operand meets every element of the other.
  case binary(Binary)
  /// Elementwise comparison: two operands of one dtype to `bool`.
  case compare(Comparison)
  /// Elementwise choice: operand 0 says which of the others.
  case selectN
  /// min(max(x, lower), upper) of operands (lower, x, upper).
  case clamp
  case convertElementType(DType)

  case broadcastInDim(shape: [Int], dims: [Int])
  case reshape([Int])
  case transpose([Int])
  case squeeze([Int])
  case concatenate(Int)
  case slice(start: [Int], limit: [Int], strides: [Int])
  case rev([Int])
  /// Operands (x, padding value); negative low or high crops.
  case pad([PaddingConfig])
  /// 0, 1, 2, … along one axis; no operand.
  case iota(DType, shape: [Int], dim: Int)

  case reduce(Reduction, axes: [Int])
  case argReduce(ArgReduction, axis: Int, indexDType: DType)
  case dotGeneral(DotDimensionNumbers)
  /// Operands (lhs, rhs): the cross-correlation of lhs with the windows rhs.
  case convGeneralDilated(Convolution)
  case reduceWindow(WindowReduction, Window)
  /// Operands (source, operand): each element of source, added at the place that its window selects
  /// in the operand. The window is not dilated.
  case selectAndScatterAdd(Selection, Window)
  /// Operands (tangents, operand): what stands in tangents where each window selects in the operand.
  case selectAndGatherAdd(Selection, Window)
  /// Every partial result of a reduction along `axis`, from the end when `reverse`.
  case cumulative(Cumulative, axis: Int, reverse: Bool)

  /// The same bits read as another dtype of equal width.
  case bitcastConvertType(DType)
  /// All operands in the order of the first `numKeys`, each line along `dimension` by itself;
  /// stable; NaN last and −0 equal to 0.
  case sort(dimension: Int, numKeys: Int)
  /// The `k` largest along `axis` and their indices; NaN first, −0 after 0, equals by index.
  case topK(Int, axis: Int)
  /// Neighbouring sections along `axis`, one result per extent.
  case split(sizes: [Int], axis: Int)
  /// Operands (key 0, key 1, counter 0, counter 1) to two words of random bits.
  case threefry2x32

  /// Operands (x, one start per axis): a window of these sizes, moved inside where it would leave x.
  case dynamicSlice(sizes: [Int])
  /// Operands (x, update, one start per axis): x with the update at the start, moved inside likewise.
  case dynamicUpdateSlice
  /// Operands (x, indices): windows of x, one per index.
  case gather(GatherParameters)
  /// Operands (x, indices, updates): x with one window of updates combined in per index.
  case scatter(ScatterCombination, ScatterParameters)

  /// Operations that run programs: calls, branches, loops.
  case higherOrder(HigherOrder)

  /// An operation across the axis that a `vmap` named.
  case collective(Collective, axisName: String)
  /// The index of this example along the axis that a `vmap` named; no operand.
  case axisIndex(axisName: String)
}

/// Elementwise functions of one operand.
public enum Unary: String, Sendable, CaseIterable {
  case neg, sign, floor, ceil, abs, square, sqrt, rsqrt, cbrt
  case roundAwayFromZero, roundToEven
  case exp, exp2, expm1, log, log1p, logistic
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
  case erf, erfc, erfInv = "erf_inv", lgamma, digamma
  case isFinite = "is_finite", not
  case populationCount = "population_count", clz
  case copy, stopGradient = "stop_gradient"
}

/// Elementwise functions of two operands.
public enum Binary: String, Sendable, CaseIterable {
  case add, sub, mul, div, rem, pow, atan2, max, min, and, or, xor
  case shiftLeft = "shift_left", shiftRightLogical = "shift_right_logical"
  case shiftRightArithmetic = "shift_right_arithmetic"
  /// The number of the dtype that follows x on the way to y.
  case nextafter
  /// The sum of two cotangents; `add` under the name that JAX gives it in backward passes.
  case addAny = "add_any"
}

/// Elementwise comparisons.
public enum Comparison: String, Sendable, CaseIterable {
  case eq, ne, lt, le, gt, ge
}

/// Reductions over axes.
public enum Reduction: String, Sendable, CaseIterable {
  case sum, max, min, prod
  case and, or, xor
}

/// Reductions that keep every partial result.
public enum Cumulative: String, Sendable, CaseIterable {
  case sum, prod, max, min, logsumexp
}

/// Reductions over windows.
public enum WindowReduction: String, Sendable, CaseIterable {
  case sum, max, min
}

/// Which of two elements a selection keeps: the first as long as it is ≥ (or ≤) the next.
public enum Selection: String, Sendable, CaseIterable {
  case ge, le
}

/// Reductions to an index.
public enum ArgReduction: String, Sendable, CaseIterable {
  case max, min
}

/// How much padding one axis gets: before, after, and between neighbours.
public struct PaddingConfig: Hashable, Sendable {
  /// Elements before the first.
  public var low: Int
  /// Elements after the last.
  public var high: Int
  /// Elements between neighbours.
  public var interior: Int

  /// `low` elements before, `high` after (negative crops), `interior` between neighbours.
  public init(_ low: Int, _ high: Int, _ interior: Int = 0) {
    self.low = low
    self.high = high
    self.interior = interior
  }
}

/// Which axes of the two operands of `dot_general` are contracted and which are batched.
///
/// The result has the axes (batch, free of lhs, free of rhs), each in the order given or kept.
public struct DotDimensionNumbers: Hashable, Sendable {
  /// The axes of the lhs that are summed over.
  public var lhsContracting: [Int]
  /// The axes of the rhs that are summed over.
  public var rhsContracting: [Int]
  /// The axes of the lhs that run along.
  public var lhsBatch: [Int]
  /// The axes of the rhs that run along.
  public var rhsBatch: [Int]

  /// Axes in pairs: `lhsContracting[i]` with `rhsContracting[i]`, `lhsBatch[i]` with `rhsBatch[i]`.
  public init(
    contracting: (lhs: [Int], rhs: [Int]), batch: (lhs: [Int], rhs: [Int]) = ([], [])
  ) {
    lhsContracting = contracting.lhs
    rhsContracting = contracting.rhs
    lhsBatch = batch.lhs
    rhsBatch = batch.rhs
  }

  /// The axes of an lhs of this rank that are neither contracted nor batched, in order.
  public func lhsFree(rank: Int) -> [Int] {
    (0..<rank).filter { !lhsContracting.contains($0) && !lhsBatch.contains($0) }
  }

  /// The axes of an rhs of this rank that are neither contracted nor batched, in order.
  public func rhsFree(rank: Int) -> [Int] {
    (0..<rank).filter { !rhsContracting.contains($0) && !rhsBatch.contains($0) }
  }
}
