// Law: OpenBLASBackend reads and writes windows bit for bit as the reference does, special numbers,
// empty windows and indices far outside included.

import Catalogue
import Core
import OpenBLASBackend
import Testing

/// Equations on an operand `[4,3,5]`, every kind of window.
private func samples(_ dtype: DType, _ index: DType) -> [BackendSample] {
  let x = ShapedArray(dtype, [4, 3, 5])
  func starts(_ n: Int) -> [ShapedArray] { Array(repeating: ShapedArray(index), count: n) }
  let slices = [[4, 3, 5], [2, 3, 5], [1, 2, 4], [2, 0, 3], [1, 1, 1]].flatMap { sizes in
    [
      BackendSample(.dynamicSlice(sizes: sizes), [x] + starts(3)),
      BackendSample(.dynamicUpdateSlice, [x, ShapedArray(dtype, sizes)] + starts(3)),
    ]
  }
  let forms: [(numbers: GatherDimensionNumbers, indices: [Int], windows: [Int], sizes: [Int])] = [
    (numbers([1, 2], [0], [0]), [6, 1], [6, 3, 5], [1, 3, 5]),
    (numbers([0], [1, 2], [2, 1]), [2, 3, 2], [2, 2, 3], [2, 1, 1]),
    (numbers([], [0, 1, 2], [1, 0, 2]), [7, 3], [7], [1, 1, 1]),
    (numbers([0, 2, 3], [], [1]), [3, 1], [2, 3, 2, 4], [2, 2, 4]),
    (numbers([2], [2], [2], ([0], [0])), [4, 2, 1], [4, 2, 3], [1, 3, 1]),
    (numbers([1, 2], [0], [0]), [0, 1], [0, 3, 5], [1, 3, 5]),
  ]
  return slices
    + forms.flatMap { form in
      let indices = ShapedArray(index, form.indices)
      let gathers = [GatherMode.clip, .promiseInBounds, .fill(FillValue(of: dtype))].map {
        BackendSample(
          .gather(GatherParameters(form.numbers, sliceSizes: form.sizes, mode: $0)), [x, indices])
      }
      let scatters = [ScatterMode.clip, .drop, .promiseInBounds].flatMap { mode in
        ScatterCombination.allCases.map { op in
          BackendSample(
            .scatter(op, ScatterParameters(scatterNumbers(form.numbers), mode: mode)),
            [x, indices, ShapedArray(dtype, form.windows)])
        }
      }
      return gathers + scatters
    }
}

private func numbers(
  _ offsets: [Int], _ collapsed: [Int], _ map: [Int], _ batching: ([Int], [Int]) = ([], [])
) -> GatherDimensionNumbers {
  GatherDimensionNumbers(
    offsetDims: offsets, collapsedSliceDims: collapsed, startIndexMap: map,
    operandBatchingDims: batching.0, startIndicesBatchingDims: batching.1)
}

private func scatterNumbers(_ d: GatherDimensionNumbers) -> ScatterDimensionNumbers {
  ScatterDimensionNumbers(
    updateWindowDims: d.offsetDims, insertedWindowDims: d.collapsedSliceDims,
    scatterDimsToOperandDims: d.startIndexMap, operandBatchingDims: d.operandBatchingDims,
    scatterIndicesBatchingDims: d.startIndicesBatchingDims)
}

@Suite struct BackendIndexing {
  @Test(arguments: DType.allCases, [DType.i32, .u32])
  func `windows are read and written as in the reference`(dtype: DType, index: DType) throws {
    var count = 0
    for sample in samples(dtype, index) where (try? typingRule(sample.primitive, sample.ins)) != nil
    {
      for seed in 1...3 as ClosedRange<UInt64> {
        var random = SeededGenerator(seed: seed)
        let inputs = sample.ins.map { aval in
          aval.dtype == index ? ordinaryBuffer(aval, &random) : specialBuffer(aval, &random)
        }
        let ours = try OpenBLASBackend().evaluate(sample.primitive, inputs)[0]
        let expected = try ReferenceBackend().evaluate(sample.primitive, inputs)[0]
        #expect(ours.aval == expected.aval)
        #expect(
          sameNumbers(ours.storage, expected.storage), "\(sample), seed \(seed): \(inputs)")
        count += 1
      }
    }
    // Truth values can be neither added nor multiplied.
    #expect(count == 3 * (dtype == .bool ? 10 + 6 * 12 : 10 + 6 * 18))
  }

  @Test func `a plan names the windows and their runs`() throws {
    let plan = try OpenBLASBackend().plan(
      makeJaxpr { x in
        [try grad { try sum(square($0.at[x[1]].add(take($0, x[1], axis: 0)))) }(x[0])]
      }([ShapedArray(.f32, [5, 3]), ShapedArray(.i32, [4])]))
    #expect(plan.description.contains("movement gather of 4 windows, runs of 3"), "\(plan)")
  }
}
