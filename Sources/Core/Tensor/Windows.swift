// Convolutions and reductions over windows, as `jax.lax` offers them.

/// How a windowed operation pads its operand.
public enum WindowPadding: Hashable, Sendable {
  /// As much as keeps ⌈n / stride⌉ places; an odd element goes after the last.
  case same
  /// As `same`, an odd element before the first.
  case sameLower
  /// None.
  case valid
  /// Each axis its own; negative padding crops.
  case explicit([EdgePadding])

  /// The padding that JAX names so: `SAME`, `SAME_LOWER` or `VALID`, in either case.
  /// - Throws: `TraceError.illTyped` for another name.
  public init(named name: String) throws {
    switch name.uppercased() {
    case "SAME": self = .same
    case "SAME_LOWER": self = .sameLower
    case "VALID": self = .valid
    case let other:
      throw TraceError.illTyped(
        "Unrecognized padding type: expected 'VALID', 'SAME', or 'SAME_LOWER', got \(other).")
    }
  }

  /// The padding of axes of these extents under windows of these (dilated) extents.
  func edges(_ extents: [Int], windows: [Int], strides: [Int]) throws -> [EdgePadding] {
    switch self {
    case .explicit(let edges): return edges
    case .valid: return extents.map { _ in EdgePadding(0, 0) }
    case .same, .sameLower:
      try require(
        strides.count == extents.count && windows.count == extents.count
          && strides.allSatisfy { $0 > 0 },
        "padding SAME needs one positive stride per axis, got window_strides "
          + "\(pythonTuple(strides)) for \(extents.count) axes.")
      return extents.indices.map { axis in
        let places = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = Swift.max(0, (places - 1) * strides[axis] + windows[axis] - extents[axis])
        let low = self == .same ? total / 2 : total - total / 2
        return EdgePadding(low, total - low)
      }
    }
  }
}

/// The convolution (cross-correlation) of `x` with the windows `kernel`.
///
/// Without `dimensionNumbers`: `x: [batch, features, space…]`, `kernel: [outputs, features / groups,
/// space…]` → `[batch, outputs, space…]`.
public func convGeneralDilated(
  _ x: Tensor, _ kernel: Tensor, windowStrides: [Int], padding: WindowPadding,
  lhsDilation: [Int]? = nil, rhsDilation: [Int]? = nil,
  dimensionNumbers: ConvDimensionNumbers? = nil, featureGroupCount: Int = 1,
  batchGroupCount: Int = 1
) throws -> Tensor {
  try require(
    x.rank == kernel.rank && x.rank >= 2,
    "convolution requires lhs and rhs ndim to be equal, got \(x.rank) and \(kernel.rank).")
  let axes = Array(0..<x.rank)
  let ones = axes.dropFirst(2).map { _ in 1 }
  var convolution = Convolution(
    windowStrides: windowStrides, padding: [], lhsDilation: lhsDilation ?? ones,
    rhsDilation: rhsDilation ?? ones,
    dimensionNumbers: dimensionNumbers
      ?? ConvDimensionNumbers(lhsSpec: axes, rhsSpec: axes, outSpec: axes),
    featureGroupCount: featureGroupCount, batchGroupCount: batchGroupCount)
  convolution.padding = try resolved(padding, convolution, x, kernel)
  return try bind1(.convGeneralDilated(convolution), [x, kernel])
}

/// The convolution of `x: [batch, features, space…]` with `kernel: [outputs, features, space…]`.
public func conv(
  _ x: Tensor, _ kernel: Tensor, windowStrides: [Int], padding: WindowPadding
) throws -> Tensor {
  try convGeneralDilated(x, kernel, windowStrides: windowStrides, padding: padding)
}

/// As `conv`, with holes between the elements of `x` and of `kernel`.
public func convWithGeneralPadding(
  _ x: Tensor, _ kernel: Tensor, windowStrides: [Int], padding: WindowPadding,
  lhsDilation: [Int]? = nil, rhsDilation: [Int]? = nil
) throws -> Tensor {
  try convGeneralDilated(
    x, kernel, windowStrides: windowStrides, padding: padding, lhsDilation: lhsDilation,
    rhsDilation: rhsDilation)
}

private func resolved(
  _ padding: WindowPadding, _ c: Convolution, _ x: Tensor, _ kernel: Tensor
) throws -> [EdgePadding] {
  if case .explicit(let edges) = padding { return edges }
  try require(
    c.lhsDilation.allSatisfy { $0 == 1 },
    "String padding is not implemented for transposed convolution using this op. Please either "
      + "exactly specify the required padding or use conv_transpose.")
  for spec in [c.dimensionNumbers.lhsSpec, c.dimensionNumbers.rhsSpec] {
    try require(
      spec.sorted() == Array(0..<x.rank),
      "convolution dimension_numbers must permute the \(x.rank) axes, got \(pythonTuple(spec)).")
  }
  let window = c.window(rhs: kernel.shape)
  return try padding.edges(
    c.space(lhs: x.shape), windows: dilated(window.dimensions, c.rhsDilation),
    strides: c.windowStrides)
}

/// `op` over every window of `x`; the padding is neutral.
public func reduceWindow(
  _ op: WindowReduction, _ x: Tensor, windowDimensions: [Int], windowStrides: [Int]? = nil,
  padding: WindowPadding = .valid, baseDilation: [Int]? = nil, windowDilation: [Int]? = nil
) throws -> Tensor {
  var window = Window(
    windowDimensions, strides: windowStrides, baseDilation: baseDilation,
    windowDilation: windowDilation)
  // JAX 0.10.2 resolves a name against the operand without its holes.
  window.padding = try padding.edges(
    x.shape, windows: dilated(windowDimensions, window.windowDilation), strides: window.strides)
  return try bind1(.reduceWindow(op, window), [x])
}
