// The printed parameters of gather and scatter, as JAX's jaxprs show them.
//
// JAX also prints the combining function of a scatter as a jaxpr of two scalars; the primitive's name
// says the same, so it is left out here.

extension GatherParameters {
  var printed: [(name: String, value: String)] {
    let fill: String =
      if case .fill(let value) = mode { value.printed } else { "None" }
    return [
      ("dimension_numbers", numbers.printed), ("fill_value", fill),
      ("indices_are_sorted", printedFlag(indicesAreSorted)),
      ("mode", "GatherScatterMode.\(mode.printed)"), ("slice_sizes", pythonTuple(sliceSizes)),
      ("unique_indices", printedFlag(uniqueIndices)),
    ]
  }
}

extension ScatterParameters {
  var printed: [(name: String, value: String)] {
    [
      ("dimension_numbers", numbers.printed),
      ("indices_are_sorted", printedFlag(indicesAreSorted)),
      ("mode", "GatherScatterMode.\(mode.printed)"),
      ("unique_indices", printedFlag(uniqueIndices)),
    ]
  }
}

extension GatherDimensionNumbers {
  fileprivate var printed: String {
    "GatherDimensionNumbers(offset_dims=\(pythonTuple(offsetDims)), "
      + "collapsed_slice_dims=\(pythonTuple(collapsedSliceDims)), "
      + "start_index_map=\(pythonTuple(startIndexMap)), "
      + "operand_batching_dims=\(pythonTuple(operandBatchingDims)), "
      + "start_indices_batching_dims=\(pythonTuple(startIndicesBatchingDims)))"
  }
}

extension ScatterDimensionNumbers {
  fileprivate var printed: String {
    "ScatterDimensionNumbers(update_window_dims=\(pythonTuple(updateWindowDims)), "
      + "inserted_window_dims=\(pythonTuple(insertedWindowDims)), "
      + "scatter_dims_to_operand_dims=\(pythonTuple(scatterDimsToOperandDims)), "
      + "operand_batching_dims=\(pythonTuple(operandBatchingDims)), "
      + "scatter_indices_batching_dims=\(pythonTuple(scatterIndicesBatchingDims)))"
  }
}

extension GatherMode {
  fileprivate var printed: String {
    switch self {
    case .clip: "CLIP"
    case .fill: "FILL_OR_DROP"
    case .promiseInBounds: "PROMISE_IN_BOUNDS"
    }
  }
}

extension ScatterMode {
  fileprivate var printed: String {
    switch self {
    case .clip: "CLIP"
    case .drop: "FILL_OR_DROP"
    case .promiseInBounds: "PROMISE_IN_BOUNDS"
    }
  }
}

extension FillValue {
  fileprivate var printed: String {
    guard !number.isNaN else { return "nan" }
    return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}

private func printedFlag(_ flag: Bool) -> String { flag ? "True" : "False" }
