// The programs of windows.h5: convolutions and windows, parameters as lax names them.

import Core

extension Catalogue {
  static var windowEntries: [String: Entry] {
    var all: [String: Entry] = [
      "conv_general_dilated": Entry(ConvParameters.self, arity: 2...2) {
        .convGeneralDilated(try $0.convolution())
      },
      "select_and_scatter_add": Entry(ScatterSelectedParameters.self, arity: 2...2) {
        .selectAndScatterAdd(
          try selection($0.select_prim, "select_and_scatter_add"),
          Window(
            $0.window_dimensions, strides: $0.window_strides,
            padding: try edges($0.padding, "select_and_scatter_add")))
      },
      "select_and_gather_add": Entry(GatherSelectedParameters.self, arity: 2...2) {
        .selectAndGatherAdd(
          try selection($0.select_prim, "select_and_gather_add"),
          Window(
            $0.window_dimensions, strides: $0.window_strides,
            padding: try edges($0.padding, "select_and_gather_add"),
            baseDilation: $0.base_dilation, windowDilation: $0.window_dilation))
      },
    ]
    for op in WindowReduction.allCases {
      let name = "reduce_window_\(op.rawValue)"
      all[name] = Entry(WindowParameters.self) {
        .reduceWindow(
          op,
          Window(
            $0.window_dimensions, strides: $0.window_strides, padding: try edges($0.padding, name),
            baseDilation: $0.base_dilation, windowDilation: $0.window_dilation))
      }
    }
    return all
  }
}

/// Pairs (low, high).
private func edges(_ padding: [[Int]], _ program: String) throws -> [EdgePadding] {
  try padding.map { pair in
    guard pair.count == 2 else {
      throw CatalogueError(program: program, message: "padding needs [low, high], got \(pair)")
    }
    return EdgePadding(pair[0], pair[1])
  }
}

private func selection(_ name: String, _ program: String) throws -> Selection {
  guard let selection = Selection(rawValue: name) else {
    throw CatalogueError(program: program, message: "select_prim is ge or le, got \(name)")
  }
  return selection
}

struct ConvParameters: ParameterSet {
  static let keys: Set = [
    "batch_group_count", "dimension_numbers", "feature_group_count", "lhs_dilation", "padding",
    "rhs_dilation", "window_strides",
  ]
  let batch_group_count: Int
  let dimension_numbers: [[Int]]
  let feature_group_count: Int
  let lhs_dilation: [Int]
  let padding: [[Int]]
  let rhs_dilation: [Int]
  let window_strides: [Int]

  func convolution() throws -> Convolution {
    guard dimension_numbers.count == 3 else {
      throw CatalogueError(
        program: "conv_general_dilated",
        message: "dimension_numbers needs [lhs_spec, rhs_spec, out_spec], got \(dimension_numbers)")
    }
    return Convolution(
      windowStrides: window_strides, padding: try edges(padding, "conv_general_dilated"),
      lhsDilation: lhs_dilation, rhsDilation: rhs_dilation,
      dimensionNumbers: ConvDimensionNumbers(
        lhsSpec: dimension_numbers[0], rhsSpec: dimension_numbers[1],
        outSpec: dimension_numbers[2]),
      featureGroupCount: feature_group_count, batchGroupCount: batch_group_count)
  }
}

struct WindowParameters: ParameterSet {
  static let keys: Set = [
    "base_dilation", "padding", "window_dilation", "window_dimensions", "window_strides",
  ]
  let base_dilation: [Int]
  let padding: [[Int]]
  let window_dilation: [Int]
  let window_dimensions: [Int]
  let window_strides: [Int]
}

struct GatherSelectedParameters: ParameterSet {
  static let keys: Set = [
    "base_dilation", "padding", "select_prim", "window_dilation", "window_dimensions",
    "window_strides",
  ]
  let base_dilation: [Int]
  let padding: [[Int]]
  let select_prim: String
  let window_dilation: [Int]
  let window_dimensions: [Int]
  let window_strides: [Int]
}

struct ScatterSelectedParameters: ParameterSet {
  static let keys: Set = ["padding", "select_prim", "window_dimensions", "window_strides"]
  let padding: [[Int]]
  let select_prim: String
  let window_dimensions: [Int]
  let window_strides: [Int]
}
