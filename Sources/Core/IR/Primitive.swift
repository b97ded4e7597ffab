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

  /// Operands (x, one start per axis): a window of these sizes, moved inside where it would leave x.
  case dynamicSlice(sizes: [Int])
  /// Operands (x, update, one start per axis): x with the update at the start, moved inside likewise.
  case dynamicUpdateSlice
  /// Operands (x, indices): windows of x, one per index.
  case gather(GatherParameters)
  /// Operands (x, indices, updates): x with one window of updates combined in per index.
  case scatter(ScatterCombination, ScatterParameters)

  /// Reduction over the axis that a `vmap` named.
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
  case copy, stopGradient = "stop_gradient"
}

/// Elementwise functions of two operands.
public enum Binary: String, Sendable, CaseIterable {
  case add, sub, mul, div, rem, pow, atan2, max, min, and, or, xor
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
}

/// Reductions to an index.
public enum ArgReduction: String, Sendable, CaseIterable {
  case max, min
}

/// Reductions over a named axis.
public enum Collective: String, Sendable, CaseIterable {
  case psum, pmax
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
