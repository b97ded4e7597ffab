// The transposes of a convolution are convolutions, with strides and dilations exchanged.
//
// Without the space it is a product of matrices: [m, j] [j, k] → [m, k] for m = batch, j = input
// feature, k = output feature. For the lhs [m, k] [k, j] → [m, j], the windows reversed; for the rhs
// [j, m] [m, k] → [j, k]. Feature groups are then groups of the kernel's other feature axis (lhs),
// or batch groups (rhs), and the other way round. As in JAX 0.10.2.

/// The cotangents of the operands in which the convolution is linear.
func convTranspose(
  _ p: Primitive, _ c: Convolution, _ ct: Tensor, _ lhs: LinearInput, _ rhs: LinearInput
) throws -> [Tensor?] {
  switch (lhs, rhs) {
  case (.linear(let x), .known(let kernel)): [try convTransposeLhs(c, ct, x, kernel), nil]
  case (.known(let x), .linear(let kernel)): [nil, try convTransposeRhs(c, ct, x, kernel)]
  case (.linear, _), (.known, _): throw notLinear(p)
  }
}

private func convTransposeLhs(
  _ c: Convolution, _ ct: Tensor, _ x: ShapedArray, _ kernel: Tensor
) throws -> Tensor {
  let d = c.dimensionNumbers
  let groups = max(c.featureGroupCount, c.batchGroupCount)
  var weights = kernel
  if groups > 1 {
    weights = try splitAxis(weights, d.rhsSpec[0], into: groups)
    weights = try mergeAxis(weights, d.rhsSpec[0], into: d.rhsSpec[1])
  }
  let transposed = Convolution(
    windowStrides: c.lhsDilation,
    padding: c.window(rhs: kernel.shape).lhsTransposePadding(c.space(lhs: x.shape)),
    lhsDilation: c.windowStrides, rhsDilation: c.rhsDilation,
    dimensionNumbers: ConvDimensionNumbers(
      lhsSpec: d.outSpec, rhsSpec: exchanged(d.rhsSpec), outSpec: d.lhsSpec),
    featureGroupCount: groups)
  let reversed = try bind1(.rev(Array(d.rhsSpec.dropFirst(2))), [weights])
  let result = try bind1(.convGeneralDilated(transposed), [ct, reversed])
  guard c.batchGroupCount > 1 else { return result }
  return try mergeAxis(
    splitAxis(result, d.lhsSpec[1], into: c.batchGroupCount), d.lhsSpec[1], into: d.lhsSpec[0])
}

/// A symbolic zero when there is no cotangent: its window would have no extent.
private func convTransposeRhs(
  _ c: Convolution, _ ct: Tensor, _ x: Tensor, _ kernel: ShapedArray
) throws -> Tensor? {
  guard ct.aval.size > 0 else { return nil }
  let d = c.dimensionNumbers
  let transposed = Convolution(
    windowStrides: c.rhsDilation,
    padding: c.window(rhs: kernel.shape).rhsTransposePadding(c.space(lhs: x.shape)),
    lhsDilation: c.lhsDilation, rhsDilation: c.windowStrides,
    dimensionNumbers: ConvDimensionNumbers(
      lhsSpec: exchanged(d.lhsSpec), rhsSpec: exchanged(d.outSpec), outSpec: exchanged(d.rhsSpec)),
    featureGroupCount: c.batchGroupCount, batchGroupCount: c.featureGroupCount)
  return try bind1(.convGeneralDilated(transposed), [x, ct])
}

private func exchanged(_ spec: [Int]) -> [Int] { [spec[1], spec[0]] + spec.dropFirst(2) }

extension Window {
  /// The padding under which the cotangent, dilated by the strides, meets the reversed window once
  /// for each element of an operand of these extents.
  func lhsTransposePadding(_ extents: [Int]) -> [EdgePadding] {
    let operand = dilated(extents, baseDilation)
    let window = dilated(dimensions, windowDilation)
    let result = dilated(places(over: extents), strides)
    return extents.indices.map { axis in
      let low = window[axis] - padding[axis].low - 1
      return EdgePadding(low, operand[axis] + window[axis] - 1 - result[axis] - low)
    }
  }

  /// The padding under which the cotangent, as a window dilated by the strides, takes one place for
  /// each element of this window.
  fileprivate func rhsTransposePadding(_ extents: [Int]) -> [EdgePadding] {
    let operand = dilated(extents, baseDilation)
    let window = dilated(dimensions, windowDilation)
    let result = dilated(places(over: extents), strides)
    return extents.indices.map { axis in
      let low = padding[axis].low
      return EdgePadding(low, result[axis] - operand[axis] + window[axis] - low - 1)
    }
  }
}

/// `x` with axis `axis` as two axes, the first of extent `count`.
func splitAxis(_ x: Tensor, _ axis: Int, into count: Int) throws -> Tensor {
  var shape = x.shape
  shape[axis] = x.shape[axis] / count
  shape.insert(count, at: axis)
  return try bind1(.reshape(shape), [x])
}

/// `x` with axis `source` taken out and put, as the slower part, into axis `target` of what is left.
func mergeAxis(_ x: Tensor, _ source: Int, into target: Int) throws -> Tensor {
  var permutation = (0..<x.rank).filter { $0 != source }
  var shape = permutation.map { x.shape[$0] }
  permutation.insert(source, at: target)
  shape[target] *= x.shape[source]
  return try bind1(.reshape(shape), [transposed(x, permutation)])
}
