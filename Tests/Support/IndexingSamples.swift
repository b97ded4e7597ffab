// A smooth sample of every primitive that reads or writes at computed places, for the tests of the
// oracle. Indices are constants of the function; some lie outside, some name an element twice.

import Core

extension PrimitiveSamples {
  static let indexing = [
    sample("dynamic_slice", [[5, 4]], isLinear: true) {
      [try dynamicSlice($0[0], [Tensor(4, .i32), Tensor(1, .i32)], sizes: [2, 3])]
    },
    sample("dynamic_update_slice", [[5, 4], [2, 3]], isLinear: true) {
      [try dynamicUpdateSlice($0[0], $0[1], [Tensor(4, .i32), Tensor(1, .i32)])]
    },
    sample("gather", [[4, 3]], isLinear: true) { [try take($0[0], indices, axis: 0, mode: .clip)] },
    sample("scatter", [[4, 3], [3, 3]], isLinear: true) {
      [try scatter($0[0], vectors(distinct), $0[1], rows, .set, uniqueIndices: true)]
    },
    // Without the promise the tangent is a scatter-add.
    sample("scatter", [[4, 3], [4, 3]]) {
      [try scatter($0[0], vectors(indices), $0[1], rows, .set)]
    },
    sample("scatter-add", [[4, 3], [4, 3]], isLinear: true) {
      [try scatter($0[0], vectors(indices), $0[1], rows, .add)]
    },
    sample("scatter-mul", [[4, 3], [3, 3]], isLinear: true) {
      [try scatter($0[0], vectors(distinct), $0[1], rows, .mul, uniqueIndices: true)]
    },
    sample("scatter-min", [[4, 3], [4, 3]], in: [0.5...2, -2...0.4], isDistinct: true) {
      [try scatter($0[0], vectors(indices), $0[1], rows, .min)]
    },
    sample("scatter-max", [[4, 3], [4, 3]], in: [0.5...2, -2...0.4], isDistinct: true) {
      [try scatter($0[0], vectors(indices), $0[1], rows, .max)]
    },
  ]
}

/// Whole rows of a matrix.
private let rows = ScatterDimensionNumbers(
  updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0])

private let indices = Tensor([2, 0, 7, 2], .i32)
private let distinct = Tensor([2, 9, 1], .i32)

/// Whole numbers as index vectors of one component.
private func vectors(_ x: Tensor) throws -> Tensor { try expandDims(x, 1) }
