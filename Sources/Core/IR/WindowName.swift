// The printed parameters of convolutions and windowed reductions, in JAX's order (alphabetical).

extension Convolution {
  /// As JAX prints them; precision and element type are always the defaults.
  var parameters: [(name: String, value: String)] {
    [
      ("batch_group_count", "\(batchGroupCount)"),
      ("dimension_numbers", dimensionNumbers.printed),
      ("feature_group_count", "\(featureGroupCount)"),
      ("lhs_dilation", pythonTuple(lhsDilation)),
      ("padding", printed(padding)),
      ("precision", "None"),
      ("preferred_element_type", "None"),
      ("rhs_dilation", pythonTuple(rhsDilation)),
      ("window_strides", pythonTuple(windowStrides)),
    ]
  }
}

extension ConvDimensionNumbers {
  fileprivate var printed: String {
    "ConvDimensionNumbers(lhs_spec=\(pythonTuple(lhsSpec)), rhs_spec=\(pythonTuple(rhsSpec)), "
      + "out_spec=\(pythonTuple(outSpec)))"
  }
}

extension Window {
  /// A window that may not be dilated prints no dilation.
  func parameters(selection: Selection?, isDilated: Bool) -> [(name: String, value: String)] {
    (isDilated ? [("base_dilation", pythonTuple(baseDilation))] : [])
      + [("padding", printed(padding))]
      + (selection.map { [("select_prim", $0.rawValue)] } ?? [])
      + (isDilated ? [("window_dilation", pythonTuple(windowDilation))] : [])
      + [("window_dimensions", pythonTuple(dimensions)), ("window_strides", pythonTuple(strides))]
  }
}

/// `((1, -1), (0, 2))`.
func printed(_ padding: [EdgePadding]) -> String {
  let pairs = padding.map { "(\($0.low), \($0.high))" }
  return "(" + pairs.joined(separator: ", ") + (pairs.count == 1 ? ",)" : ")")
}
