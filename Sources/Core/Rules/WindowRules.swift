// The derivatives of windowed reductions, as JAX 0.10.2 has them.
//
// A sum is linear. The tangent of a maximum is the tangent at the element that the window selects:
// the first of equals. Its transpose adds the cotangent there. Neither depends, almost everywhere,
// on a change of the operand that selects.

/// dy for y = the extremum of each window of x.
func windowExtremumTangent(
  _ selection: Selection, _ window: Window, _ x: Tensor, _ dx: Tensor
) throws -> Tensor {
  try bind1(.selectAndGatherAdd(selection, window), [dx, x])
}

/// Each element of `ct` goes to every element of its window: the windows of `ct`, put apart by the
/// strides, that reach each element of the operand.
func windowSumTranspose(_ ct: Tensor, to x: ShapedArray, _ window: Window) throws -> Tensor {
  let edges = window.lhsTransposePadding(x.shape)
  let config = zip(edges, window.strides).map { PaddingConfig($0.low, $0.high, $1 - 1) }
  let padded = try bind1(.pad(config), [ct, real(0, ct)])
  let back = Window(
    window.dimensions, strides: window.baseDilation, windowDilation: window.windowDilation)
  return try bind1(.reduceWindow(.sum, back), [padded])
}

/// Each element of `ct` goes to the element that its window selects.
/// - Throws: for a dilated window, as JAX does.
func gatherSelectedTranspose(
  _ selection: Selection, _ window: Window, _ ct: Tensor, _ x: Tensor
) throws -> Tensor {
  try require(
    window.windowDilation.allSatisfy { $0 == 1 },
    "VJP not implemented for select_and_gather (MaxPool) with window dilation, got "
      + "window_dilation=\(pythonTuple(window.windowDilation)).")
  let plain = Window(window.dimensions, strides: window.strides, padding: window.padding)
  let dilation = window.baseDilation
  guard dilation.contains(where: { $0 != 1 }) else {
    return try bind1(.selectAndScatterAdd(selection, plain), [ct, x])
  }
  let holes = Tensor(constant: selection == .ge ? -.infinity : .infinity, x.dtype)
  let apart = try bind1(.pad(dilation.map { PaddingConfig(0, 0, $0 - 1) }), [x, holes])
  let spread = try bind1(.selectAndScatterAdd(selection, plain), [ct, apart])
  return try bind1(
    .slice(start: dilation.map { _ in 0 }, limit: spread.shape, strides: dilation), [spread])
}

/// Each window takes the cotangent of the element that it selects.
func scatterSelectedTranspose(
  _ selection: Selection, _ window: Window, _ ct: Tensor, _ x: Tensor
) throws -> Tensor {
  try bind1(.selectAndGatherAdd(selection, window), [ct, x])
}
