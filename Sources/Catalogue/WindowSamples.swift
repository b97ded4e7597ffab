// Samples of convolutions and windows: every parameter away from its default at least once, ranks
// one to three, layouts, groups, windows that do not fit.

import Core

extension Convolution {
  /// Stands for the kind: samples bring their own parameters.
  static var empty: Convolution {
    Convolution(
      windowStrides: [], padding: [], lhsDilation: [], rhsDilation: [],
      dimensionNumbers: ConvDimensionNumbers(lhsSpec: [0, 1], rhsSpec: [0, 1], outSpec: [0, 1]))
  }
}

/// A convolution in a sample; lists shorter than the space are filled with their default.
private struct ConvForm {
  let lhs: [Int]
  let rhs: [Int]
  var strides: [Int]?
  var padding: [[Int]]?
  var lhsDilation: [Int]?
  var rhsDilation: [Int]?
  var specs: [[Int]]?
  var groups = 1
  var batchGroups = 1

  var parameters: String {
    let ones = lhs.dropFirst(2).map { _ in 1 }
    let axes = Array(lhs.indices)
    return """
      {"batch_group_count":\(batchGroups),"dimension_numbers":\(specs ?? [axes, axes, axes]),\
      "feature_group_count":\(groups),"lhs_dilation":\(lhsDilation ?? ones),\
      "padding":\(padding ?? ones.map { _ in [0, 0] }),"rhs_dilation":\(rhsDilation ?? ones),\
      "window_strides":\(strides ?? ones)}
      """
  }
}

private let convForms = [
  ConvForm(lhs: [2, 3, 7], rhs: [4, 3, 3]),
  ConvForm(lhs: [1, 2, 7], rhs: [3, 2, 3], strides: [2], padding: [[2, 1]]),
  ConvForm(lhs: [2, 2, 7], rhs: [3, 2, 2], strides: [3], padding: [[-1, -2]]),
  ConvForm(
    lhs: [2, 1, 5], rhs: [2, 1, 3], padding: [[1, -1]], lhsDilation: [2], rhsDilation: [2]),
  ConvForm(
    lhs: [2, 4, 7], rhs: [6, 2, 3], strides: [2], padding: [[1, -1]], lhsDilation: [2], groups: 2),
  ConvForm(
    lhs: [4, 3, 7], rhs: [6, 3, 3], strides: [2], padding: [[1, -1]], rhsDilation: [2],
    batchGroups: 2),
  ConvForm(lhs: [2, 3, 5], rhs: [3, 1, 2], groups: 3),
  ConvForm(
    lhs: [2, 6, 5, 3], rhs: [3, 2, 3, 4], strides: [2, 1], padding: [[1, 1], [0, 1]],
    rhsDilation: [1, 2], specs: [[0, 3, 1, 2], [3, 2, 0, 1], [0, 3, 1, 2]]),
  ConvForm(
    lhs: [4, 6, 2, 5], rhs: [2, 2, 4, 3], padding: [[2, 0], [1, -1]], lhsDilation: [1, 2],
    specs: [[2, 0, 1, 3], [2, 1, 0, 3], [3, 1, 0, 2]], groups: 2),
  ConvForm(
    lhs: [1, 2, 3, 4, 3], rhs: [2, 2, 2, 1, 2], strides: [1, 2, 1],
    padding: [[0, 1], [0, 0], [1, 0]]),
  ConvForm(lhs: [2, 3], rhs: [4, 3]),
]

private typealias WindowForm = (shape: [Int], parameters: String)

/// The parameters without dilation, which both kinds of selection have.
private func plain(
  _ dimensions: [Int], _ strides: [Int], _ padding: [[Int]], selection: Selection? = nil
) -> String {
  let choice = selection.map { "\"select_prim\":\"\($0.rawValue)\"," } ?? ""
  return """
    "padding":\(padding),\(choice)"window_dimensions":\(dimensions),"window_strides":\(strides)
    """
}

private func dilated(_ base: [Int], _ window: [Int], _ rest: String) -> String {
  "{\"base_dilation\":\(base),\"window_dilation\":\(window),\(rest)}"
}

/// Windows with a base dilation, and only where asked a dilated window: its maximum has no transpose.
private func windowForms(_ selection: Selection?, isDilated: Bool) -> [WindowForm] {
  func rest(_ dimensions: [Int], _ strides: [Int], _ padding: [[Int]]) -> String {
    plain(dimensions, strides, padding, selection: selection)
  }
  let forms: [WindowForm] = [
    ([7], dilated([1], [1], rest([3], [1], [[0, 0]]))),
    ([2, 7], dilated([1, 1], [1, 1], rest([1, 3], [1, 2], [[0, 0], [1, 1]]))),
    (
      [2, 5, 6],
      dilated([1, 1, 1], [1, 1, 1], rest([1, 2, 3], [1, 2, 1], [[0, 0], [1, 0], [0, 1]]))
    ),
    ([4, 5], dilated([2, 1], [1, 1], rest([2, 2], [1, 3], [[0, 1], [0, 0]]))),
    ([3, 2], dilated([1, 1], [1, 1], rest([3, 2], [1, 1], [[0, 0], [0, 0]]))),
    ([6, 3], dilated([1, 1], [1, 1], rest([2, 1], [2, 1], [[-1, -2], [0, 0]]))),
  ]
  guard isDilated else { return forms }
  return forms + [
    ([7, 3], dilated([1, 1], [2, 1], rest([3, 2], [1, 1], [[1, 0], [0, 0]]))),
    ([4], dilated([3], [2], rest([2], [2], [[1, -1]]))),
  ]
}

extension Catalogue {
  static func convolutionSamples(_ dtype: DType) -> [Sample] {
    convForms.map { form in
      let operands = [form.lhs, form.rhs].map {
        dtype.isInexact ? Operand(ShapedArray(dtype, $0)) : whole(dtype, $0)
      }
      return Sample(
        "conv_general_dilated", form.parameters,
        family: dtype.isInexact ? "convolution" : "integer", operands,
        dtype.isInexact ? .smooth : .none)
    }
  }

  static func windowSamples(_ op: WindowReduction, _ dtype: DType) -> [Sample] {
    guard dtype != .bool || op != .sum else { return [] }
    let forms = windowForms(nil, isDilated: op == .sum || !dtype.isInexact)
    return forms.map { shape, parameters in
      let operand =
        dtype.isInexact
        ? Operand(ShapedArray(dtype, shape), isDistinct: op != .sum) : whole(dtype, shape)
      return Sample(
        "reduce_window_\(op.rawValue)", parameters,
        family: dtype.isInexact ? "window" : "integer", [operand],
        dtype.isInexact ? .smooth : .none)
    }
  }

  static func gatherSelectedSamples(_ selection: Selection, _ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    return windowForms(selection, isDilated: false).map { shape, parameters in
      Sample(
        "select_and_gather_add", parameters, family: "window",
        [
          Operand(ShapedArray(dtype, shape)), Operand(ShapedArray(dtype, shape), isDistinct: true),
        ])
    }
  }

  /// Windows that overlap, that leave elements out, padded and cropped.
  static func scatterSelectedSamples(_ selection: Selection, _ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    let forms: [(source: [Int], shape: [Int], parameters: String)] = [
      ([5], [7], plain([3], [1], [[0, 0]], selection: selection)),
      ([2, 4], [2, 7], plain([1, 3], [1, 2], [[0, 0], [1, 1]], selection: selection)),
      ([3, 4], [4, 6], plain([2, 2], [1, 2], [[0, 0], [1, 1]], selection: selection)),
      ([2, 3], [6, 3], plain([1, 1], [2, 1], [[-1, -2], [0, 0]], selection: selection)),
    ]
    return forms.map { source, shape, parameters in
      Sample(
        "select_and_scatter_add", "{\(parameters)}", family: "window",
        [
          Operand(ShapedArray(dtype, source)),
          Operand(ShapedArray(dtype, shape), isDistinct: true),
        ])
    }
  }
}
