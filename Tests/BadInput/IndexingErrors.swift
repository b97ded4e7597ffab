// Bad input: indices, windows and dimension numbers that do not fit are refused in JAX's words.

import Core
import Testing

private let x = Tensor(shape: [3, 4], .f32((0..<12).map { Float($0) }))
private let row = Tensor([1, 2, 3, 4])
private func whole(_ xs: [Double]) -> Tensor { Tensor(xs, .i32) }
private func column(_ xs: [Double]) throws -> Tensor { try expandDims(whole(xs), 1) }

private func message(_ body: () throws -> Tensor) -> String {
  do {
    return "no error, but \(try body().aval)"
  } catch {
    return "\(error)"
  }
}

@Suite struct IndexingErrors {
  @Test func bracketsSayWhatDoesNotFit() {
    #expect(
      message { try x[0, 0, 0] } == "Too many indices: array is 2-dimensional, but 3 were indexed")
    #expect(
      message { try x[Tensor([0.5])] }
        == "Indexer must have integer or boolean type, got indexer with type float32")
    #expect(message { try x[Stride(by: 0)] } == "slice step cannot be zero")
    #expect(
      message { try x[whole([0, 1]), whole([0, 1, 2])] }
        == "indexing got incompatible shapes for broadcasting: (2,), (3,).")
    #expect(message { try take(x, Tensor([0.5]), axis: 0) }.contains("an integer dtype"))
    #expect(
      message { try take(zeros([0]), whole([0]), axis: 0) }
        == "cannot do a non-empty jnp.take() from an empty axis.")
    #expect(
      message { try x.at[0].set(Tensor(1, .i32)) }
        == "lax.scatter requires arguments to have the same dtypes, got float32, int32.")
  }

  @Test func dynamicSlicesSayWhatDoesNotFit() {
    let (i, real) = (Tensor(1, .i32), Tensor(1))
    #expect(
      message { try dynamicSlice(x, [i], sizes: [1, 1]) }
        == "Length of slice indices must match number of operand dimensions (1 vs (3, 4))")
    #expect(
      message { try dynamicSlice(x, [i, i], sizes: [4, 1]) }
        == "slice slice_sizes must be less than or equal to operand shape, got slice_sizes (4, 1) "
        + "for operand shape (3, 4).")
    #expect(
      message { try dynamicSlice(x, [i, i], sizes: [-1, 1]) }
        == "slice slice_sizes must be greater than or equal to zero, got slice_sizes of (-1, 1).")
    #expect(
      message { try dynamicSlice(x, [real, real], sizes: [1, 1]) }
        == "index arguments to dynamic_slice must be integers of the same type, got: float32, "
        + "float32")
    #expect(
      message { try dynamicUpdateSlice(x, row, [i, i]) }
        == "dynamic_update_slice update must have the same rank as operand, got update shape (4,) "
        + "for operand shape (3, 4).")
    #expect(
      message { try dynamicUpdateSlice(x, zeros([4, 4]), [i, i]) }
        == "dynamic_update_slice update shape must be smaller than operand shape, got update shape "
        + "(4, 4) for operand shape (3, 4).")
  }

  private static let rows = GatherDimensionNumbers(
    offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0])

  /// `rows` with one thing changed, and how the refusal begins.
  struct Misfit: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let numbers: GatherDimensionNumbers

    init(
      offsetDims: [Int] = [1], collapsedSliceDims: [Int] = [0], startIndexMap: [Int] = [0],
      operandBatchingDims: [Int] = [], startIndicesBatchingDims: [Int] = [], _ start: String
    ) {
      testDescription = start
      numbers = GatherDimensionNumbers(
        offsetDims: offsetDims, collapsedSliceDims: collapsedSliceDims,
        startIndexMap: startIndexMap, operandBatchingDims: operandBatchingDims,
        startIndicesBatchingDims: startIndicesBatchingDims)
    }
  }

  @Test(arguments: [
    Misfit(offsetDims: [1, 1], "offset_dims in gather op must not repeat"),
    Misfit(offsetDims: [2], "Invalid offset_dims set in gather op; valid range is [0, 2); got: 2."),
    Misfit(offsetDims: [], "All components of the offset index in a gather op must either be"),
    Misfit(
      collapsedSliceDims: [1], "Gather op can only collapse slice dims with bound 1, but bound"),
    Misfit(collapsedSliceDims: [5], "Invalid collapsed_slice_dims set in gather op; valid range"),
    Misfit(startIndexMap: [2], "Invalid start_index_map; domain is [0, 2), got: 0->2."),
    Misfit(startIndexMap: [0, 1], "Gather op has 2 elements in start_index_map and the bound of"),
    Misfit(operandBatchingDims: [0], "collapsed_slice_dims and operand_batching_dims in gather op"),
    Misfit(
      startIndicesBatchingDims: [0], "Gather op requires equal numbers of operand_batching_dims"),
    Misfit(startIndicesBatchingDims: [1], "Gather op cannot have the index vector dimension as a"),
  ])
  func gathersSayWhatDoesNotFit(misfit: Misfit) throws {
    let indices = try column([0, 2])
    let said = message { try gather(x, indices, misfit.numbers, sliceSizes: [1, 4]) }
    #expect(said.hasPrefix(misfit.testDescription), "\(said)")
  }

  @Test func windowsAndIndicesMustFitTheOperand() throws {
    let indices = try column([0, 2])
    #expect(
      message { try gather(x, indices, Self.rows, sliceSizes: [1, 5]) }
        == "Slice size at index 1 in gather op is out of range, must be within [0, 4 + 1), got 5.")
    #expect(
      message { try gather(x, Tensor([[0.0]]), Self.rows, sliceSizes: [1, 4]) }
        == "indices must have an integer type")
    let rows = ScatterDimensionNumbers(
      updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0])
    #expect(
      message { try scatter(x, indices, row, rows) } == "Updates tensor must be of rank 2; got 1.")
    #expect(
      message { try scatter(x, indices, zeros([3, 4]), rows) }
        == "Bounds of the scatter dimensions of updates must be the same as the bounds of the "
        + "corresponding dimensions of scatter indices. For scatter dimension 0, updates bound is "
        + "3, indices bound is 2.")
    #expect(
      message { try scatter(x, indices, zeros([2, 5]), rows) }
        == "Bounds of the window dimensions of updates must not exceed the bounds of the "
        + "corresponding dimensions of operand. For dimension 1, updates bound is 5, operand bound "
        + "is 4.")
    #expect(
      message { try scatter(zeros([2], .bool), indices, zeros([2], .bool), rows, .add) }
        .hasPrefix("add does not accept dtype bool"))
  }
}
