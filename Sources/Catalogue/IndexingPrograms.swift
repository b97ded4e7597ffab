// The programs of indexing.h5: reading and writing at computed places, by primitive and by brackets.
//
// Operands of primitives: x, then the updates of `dynamic_update_slice`, then the starts or indices,
// then the updates of a scatter. Of the bracket programs: x, then the values, then the tensors that
// the index names as "t", in order.

import Core

extension Catalogue {
  static let indexingEntries: [String: Entry] = {
    var all: [String: Entry] = [
      "dynamic_slice": Entry(SliceSizes.self, arity: 1...Int.max) {
        .dynamicSlice(sizes: $0.slice_sizes)
      },
      "dynamic_update_slice": Entry(NoParameters.self, arity: 2...Int.max) { _ in
        .dynamicUpdateSlice
      },
      "getitem": Entry(1...Int.max, IndexParameters.self) { p in
        { operands in
          let index = try p.resolved(operands.dropFirst())
          return [try operands[0].element(index)]
        }
      },
    ]
    all.merge(surfaceEntries) { one, _ in one }
    all["gather"] = Entry(2...2, GatherParameterSet.self) { p in
      { [try bind1(.gather(p.parameters($0[0].dtype)), $0)] }
    }
    for op in ScatterCombination.allCases {
      all[scatterName(op)] = Entry(ScatterParameterSet.self, arity: 3...3) {
        .scatter(op, $0.parameters)
      }
      all["at_\(op.rawValue)"] = Entry(2...Int.max, IndexParameters.self) { p in
        { operands in
          let index = try p.resolved(operands.dropFirst(2))
          return [try operands[0].changed(op, index, operands[1])]
        }
      }
    }
    return all
  }()
}

/// The name in `jax.lax`.
func scatterName(_ op: ScatterCombination) -> String {
  Primitive.scatter(op, .singleElement).name
}

extension ScatterParameters {
  /// The parameters of a scatter into a scalar, for a primitive whose name alone matters.
  static let singleElement = ScatterParameters(
    ScatterDimensionNumbers(
      updateWindowDims: [], insertedWindowDims: [], scatterDimsToOperandDims: []), mode: .drop)
}

extension Tensor {
  /// `x[…]` for a list of indices; brackets take them one by one.
  func element(_ index: [any TensorIndex]) throws -> Tensor {
    try at[index].get(mode: .clip)
  }

  fileprivate func changed(
    _ op: ScatterCombination, _ index: [any TensorIndex], _ values: Tensor
  ) throws -> Tensor {
    let place = at[index]
    return switch op {
    case .set: try place.set(values)
    case .add: try place.add(values)
    case .mul: try place.multiply(values)
    case .min: try place.min(values)
    case .max: try place.max(values)
    }
  }
}

private struct SliceSizes: ParameterSet {
  static let keys: Set = ["slice_sizes"]
  let slice_sizes: [Int]
}

/// The modes under the names that `jax.lax` takes.
private enum ModeName: String, Decodable, Sendable {
  case clip, fill, drop
  case promiseInBounds = "promise_in_bounds"
}

private struct GatherParameterSet: ParameterSet {
  static let keys: Set = [
    "dimension_numbers", "fill_value", "indices_are_sorted", "mode", "slice_sizes",
    "unique_indices",
  ]

  struct Numbers: Decodable, Sendable {
    let offset_dims: [Int]
    let collapsed_slice_dims: [Int]
    let start_index_map: [Int]
    let operand_batching_dims: [Int]
    let start_indices_batching_dims: [Int]
  }

  let dimension_numbers: Numbers
  let fill_value: Double?
  let indices_are_sorted: Bool
  let mode: ModeName
  let slice_sizes: [Int]
  let unique_indices: Bool

  func parameters(_ dtype: DType) -> GatherParameters {
    let d = dimension_numbers
    let outside: GatherMode =
      switch mode {
      case .clip: .clip
      case .promiseInBounds: .promiseInBounds
      case .fill, .drop: .fill(fill_value.map { FillValue($0) } ?? FillValue(of: dtype))
      }
    return GatherParameters(
      GatherDimensionNumbers(
        offsetDims: d.offset_dims, collapsedSliceDims: d.collapsed_slice_dims,
        startIndexMap: d.start_index_map, operandBatchingDims: d.operand_batching_dims,
        startIndicesBatchingDims: d.start_indices_batching_dims),
      sliceSizes: slice_sizes, mode: outside, indicesAreSorted: indices_are_sorted,
      uniqueIndices: unique_indices)
  }
}

private struct ScatterParameterSet: ParameterSet {
  static let keys: Set = ["dimension_numbers", "indices_are_sorted", "mode", "unique_indices"]

  struct Numbers: Decodable, Sendable {
    let update_window_dims: [Int]
    let inserted_window_dims: [Int]
    let scatter_dims_to_operand_dims: [Int]
    let operand_batching_dims: [Int]
    let scatter_indices_batching_dims: [Int]
  }

  let dimension_numbers: Numbers
  let indices_are_sorted: Bool
  let mode: ModeName
  let unique_indices: Bool

  var parameters: ScatterParameters {
    let d = dimension_numbers
    let outside: ScatterMode =
      switch mode {
      case .clip: .clip
      case .promiseInBounds: .promiseInBounds
      case .fill, .drop: .drop
      }
    return ScatterParameters(
      ScatterDimensionNumbers(
        updateWindowDims: d.update_window_dims, insertedWindowDims: d.inserted_window_dims,
        scatterDimsToOperandDims: d.scatter_dims_to_operand_dims,
        operandBatchingDims: d.operand_batching_dims,
        scatterIndicesBatchingDims: d.scatter_indices_batching_dims),
      mode: outside, indicesAreSorted: indices_are_sorted, uniqueIndices: unique_indices)
  }
}

/// What stands between the brackets.
struct IndexParameters: ParameterSet {
  static let keys: Set = ["index"]
  let index: [String]

  func resolved(_ tensors: ArraySlice<Tensor>) throws -> [any TensorIndex] {
    try IndexText(index).resolved(tensors)
  }
}
