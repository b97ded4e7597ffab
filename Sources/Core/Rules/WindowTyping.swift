// The types of convolutions and windowed reductions; errors in JAX's words.

func convType(
  _ lhs: ShapedArray, _ rhs: ShapedArray, _ c: Convolution
) throws -> ShapedArray {
  try requireSameDType("conv_general_dilated", lhs, rhs)
  try require(
    lhs.rank == rhs.rank,
    "conv_general_dilated lhs and rhs must have the same number of dimensions, but got "
      + "\(pythonTuple(lhs.shape)) and \(pythonTuple(rhs.shape)).")
  try requireSpecs(c, rank: lhs.rank)
  try requireGroups(lhs.shape, rhs.shape, c)
  try requireSpace(lhs.shape, rhs.shape, c)
  return lhs.with(shape: c.shape(lhs: lhs.shape, rhs: rhs.shape))
}

extension Convolution {
  /// The shape of the result.
  func shape(lhs: [Int], rhs: [Int]) -> [Int] {
    let d = dimensionNumbers
    let canonical =
      [lhs[d.lhsSpec[0]] / batchGroupCount, rhs[d.rhsSpec[0]]]
      + window(rhs: rhs).places(over: space(lhs: lhs))
    return inverse(d.outSpec).map { canonical[$0] }
  }
}

private func requireSpecs(_ c: Convolution, rank: Int) throws {
  let d = c.dimensionNumbers
  for (name, spec) in [("lhs", d.lhsSpec), ("rhs", d.rhsSpec), ("out", d.outSpec)] {
    try require(
      rank >= 2 && spec.sorted() == Array(0..<rank),
      "convolution \(name)_spec must be a permutation of the \(rank) axes, at least two, got "
        + "\(pythonTuple(spec)).")
  }
}

private func requireGroups(_ lhs: [Int], _ rhs: [Int], _ c: Convolution) throws {
  let (name, d) = ("conv_general_dilated", c.dimensionNumbers)
  let (feature, batch) = (c.featureGroupCount, c.batchGroupCount)
  let (features, outFeatures) = (lhs[d.lhsSpec[1]], rhs[d.rhsSpec[0]])
  for (parameter, count) in [("feature_group_count", feature), ("batch_group_count", batch)] {
    try require(count > 0, "\(name) \(parameter) must be a positive integer, got \(count).")
    try require(
      outFeatures % count == 0,
      "\(name) rhs output feature dimension size must be a multiple of \(parameter), but "
        + "\(outFeatures) is not a multiple of \(count).")
  }
  try require(
    features % feature == 0,
    "\(name) feature_group_count must divide lhs feature dimension size, but \(feature) does not "
      + "divide \(features).")
  try require(
    features / feature == rhs[d.rhsSpec[1]],
    "\(name) lhs feature dimension size divided by feature_group_count must equal the rhs input "
      + "feature dimension size, but \(features) // \(feature) != \(rhs[d.rhsSpec[1]]).")
  try require(
    lhs[d.lhsSpec[0]] % batch == 0,
    "\(name) batch_group_count must divide lhs batch dimension size, but \(batch) does not divide "
      + "\(lhs[d.lhsSpec[0]]).")
  try require(
    batch == 1 || feature == 1,
    "At most one of batch_group_count and feature_group_count may be > 1, got "
      + "batch_group_count=\(batch) and feature_group_count=\(feature)")
}

private func requireSpace(_ lhs: [Int], _ rhs: [Int], _ c: Convolution) throws {
  let rank = lhs.count - 2
  try require(
    c.windowStrides.count == rank,
    "conv_general_dilated window and window_strides must have the same number of dimensions, but "
      + "got \(rank) and \(c.windowStrides.count)")
  try require(
    c.padding.count == rank,
    "Wrong number of explicit pads for convolution: expected \(rank), got \(c.padding.count).")
  try requirePositive("conv_general_dilated", "window_strides", c.windowStrides)
  for dilation in [c.lhsDilation, c.rhsDilation] {
    try require(
      dilation.count == rank,
      "conv_general_dilated dilations must have one entry per spatial dimension, expected \(rank), "
        + "got \(dilation.count).")
    try requireDilation(dilation)
  }
  let space = c.space(lhs: lhs)
  try require(
    c.window(rhs: rhs).padded(space).allSatisfy { $0 >= 0 },
    "Negative padding is larger than the size of the corresponding dimension: got "
      + "padding=\(printed(c.padding)) for lhs_shape[2:]=\(pythonTuple(space))")
}

private func requireDilation(_ dilation: [Int]) throws {
  try require(
    dilation.allSatisfy { $0 > 0 }, "All dilations must be positive, got \(pythonTuple(dilation)).")
}

private func requirePositive(_ name: String, _ parameter: String, _ values: [Int]) throws {
  try require(
    values.allSatisfy { $0 > 0 },
    "\(name) \(parameter) must have every element be positive, got \(pythonTuple(values)).")
}

func reduceWindowType(
  _ op: WindowReduction, _ x: ShapedArray, _ window: Window
) throws -> ShapedArray {
  switch op {
  case .sum:
    try require(
      x.dtype != .bool, "operand to reduce_window_sum must have a number dtype, got bool")
  case .max, .min: break
  }
  return try windowedType(x, window)
}

func gatherSelectedType(
  _ tangents: ShapedArray, _ x: ShapedArray, _ window: Window
) throws -> ShapedArray {
  try requireSelectable("select_and_gather_add", tangents, x)
  try require(
    tangents.shape == x.shape,
    "select_and_gather_add tangents and operand shapes must match, got "
      + "\(pythonTuple(tangents.shape)) and \(pythonTuple(x.shape)).")
  return try windowedType(x, window)
}

func scatterSelectedType(
  _ source: ShapedArray, _ x: ShapedArray, _ window: Window
) throws -> ShapedArray {
  try requireSelectable("select_and_scatter_add", source, x)
  let windowed = try windowedType(x, window)
  try require(
    (window.baseDilation + window.windowDilation).allSatisfy { $0 == 1 },
    "select_and_scatter_add has no dilation, got base_dilation \(pythonTuple(window.baseDilation)) "
      + "and window_dilation \(pythonTuple(window.windowDilation)).")
  try require(
    source.shape == windowed.shape,
    "select_and_scatter_add requires one element of source per window, expected "
      + "\(pythonTuple(windowed.shape)), got \(pythonTuple(source.shape)).")
  return x
}

private func requireSelectable(_ name: String, _ values: ShapedArray, _ x: ShapedArray) throws {
  try requireInexact(name, values)
  try require(
    values.dtype == x.dtype,
    "lax.\(name) requires arguments to have the same dtypes, got \(values.dtype.longName), "
      + "\(x.dtype.longName).")
}

private func windowedType(_ x: ShapedArray, _ window: Window) throws -> ShapedArray {
  let dimensions = pythonTuple(window.dimensions)
  try requirePositive("reduce_window", "window_dimensions", window.dimensions)
  try requirePositive("reduce_window", "window_strides", window.strides)
  try require(
    x.rank == window.dimensions.count,
    "reduce_window got the wrong number of window_dimensions for operand: got operand shape "
      + "\(pythonTuple(x.shape)) with window_dimensions \(dimensions).")
  for (name, values) in [
    ("window_strides", window.strides), ("base_dilation", window.baseDilation),
    ("window_dilation", window.windowDilation),
  ] {
    try require(
      values.count == x.rank,
      "reduce_window got inconsistent \(name) and window_dimensions: got \(name) "
        + "\(pythonTuple(values)) and window_dimensions \(dimensions).")
  }
  try require(
    window.padding.count == x.rank,
    "reduce_window padding must have one pair per axis, expected \(x.rank), got "
      + "\(window.padding.count).")
  try requireDilation(window.baseDilation)
  try requireDilation(window.windowDilation)
  return x.with(shape: window.places(over: x.shape))
}
