// What the brackets mean: NumPy's indexing, with JAX's rules at the ends (SEMANTICS AD-2), and what a
// scatter does where indices meet.

import Core
import Testing

private let x = Tensor([10, 11, 12], .f64)
private let grid = Tensor(
  shape: [2, 3, 4], .f64((0..<24).map { Double($0) }))
private func whole(_ xs: [Double]) -> Tensor { Tensor(xs, .i32) }

@Suite struct IndexingTests {
  @Test(arguments: [(0, 10.0), (2, 12), (-1, 12), (-3, 10), (7, 12), (-4, 10), (-9, 10)])
  func anElementOutOfRangeIsTheNearestOne(index: Int, expected: Double) throws {
    #expect(try x[index].item == expected)
    #expect(try x[Tensor(Double(index), .i32)].item == expected)
    #expect(try jit { [try $0[0][$0[1]]] }([x, Tensor(Double(index), .i32)])[0].item == expected)
  }

  @Test func aSliceIsCutToWhatThereIs() throws {
    #expect(try x[1..<9].scalars == [11, 12])
    #expect(try x[(-9)..<2].scalars == [10, 11])
    #expect(try x[5..<9].scalars == [])
    #expect(try x[0...1].scalars == [10, 11])
    #expect(try x[(-2)...(-1)].scalars == [11, 12])
    #expect(try x[1...].scalars == [11, 12])
    #expect(try x[..<(-1)].scalars == [10, 11])
    #expect(try x[Stride(by: -1)].scalars == [12, 11, 10])
    #expect(try x[Stride(from: 2, to: 0, by: -2)].scalars == [12])
    #expect(try x[Stride(from: 0, to: 2, by: -1)].scalars == [])
    #expect(try x[Stride(by: 2)].scalars == [10, 12])
    #expect(try x[Stride.all].scalars == [10, 11, 12])
  }

  @Test func tensorsOfIndicesClampAndBroadcast() throws {
    #expect(try x[whole([7, -1, -3, -4, -9])].scalars == [12, 12, 10, 10, 10])
    let pairs = try grid[whole([0, 1]), Stride.all, whole([3, 0])]
    #expect(pairs.shape == [2, 3])
    #expect(try pairs.scalars == [3, 7, 11, 12, 16, 20])
    let outer = try grid[Tensor(shape: [2, 1], .i32([1, 0])), whole([2, 0, 1])]
    #expect(outer.shape == [2, 3, 4])
    #expect(try outer[0, 1].scalars == [12, 13, 14, 15])
  }

  /// The common axes stand in place of neighbouring indices, else in front.
  @Test func theAxesOfIndicesStandWhereNumPyPutsThem() throws {
    #expect(try grid[Stride.all, 0, whole([1, 2])].shape == [2, 2])
    #expect(try grid[0, Stride.all, whole([1, 2])].shape == [2, 3])
    #expect(try grid[Stride.all, whole([0, 1, 1, 0, 2])].shape == [2, 5, 4])
    #expect(try grid[whole([1]), 1...2, whole([0])].shape == [1, 2])
  }

  @Test func takeOutOfRangeIsNaNUnlessItClips() throws {
    let indices = whole([7, -1, -3, -4, -9])
    let filled = try take(x, indices, axis: 0).scalars
    #expect(filled[0].isNaN && filled[3].isNaN && filled[4].isNaN)
    #expect(filled[1...2] == [12, 10])
    #expect(try take(x, indices, axis: 0, mode: .clip).scalars == [12, 10, 10, 10, 10])
    #expect(try take(whole([1, 2]), whole([5]), axis: 0).scalars == [Double(Int32.min)])
    #expect(try grad { try sum(take($0, whole([1, 7, 1]), axis: 0)) }(x).scalars == [0, 2, 0])
  }

  @Test func writingOutOfRangeChangesNothing() throws {
    let indices = whole([7, -1, -3, -4, -9])
    let values = Tensor([1, 2, 3, 4, 5], .f64)
    #expect(try x.at[indices].set(values).scalars == [3, 11, 2])
    #expect(try x.at[indices].add(values).scalars == [13, 11, 14])
    #expect(try x.at[indices].set(values, mode: .clip).scalars == [5, 11, 2])
    #expect(try x.at[indices].add(values, mode: .clip).scalars == [22, 11, 15])
    for index in [7, -4] { #expect(try x.at[index].set(Tensor(1, .f64)).scalars == [10, 11, 12]) }
  }

  @Test func ofSeveralUpdatesTheLastStaysAndHasTheTangent() throws {
    let twice = whole([0, 0])
    let write = { (v: Tensor) in try sum(x.at[twice].set(v)) }
    #expect(try x.at[twice].set(Tensor([1, 2], .f64)).scalars == [2, 11, 12])
    #expect(try grad(write)(Tensor([1, 2], .f64)).scalars == [0, 1])
    #expect(try grad { try sum($0.at[twice].set(Tensor([1, 2], .f64))) }(x).scalars == [0, 1, 1])
  }

  @Test func extremaShareTheTangentAmongAllThatAttainThem() throws {
    let place = whole([0, 0])
    let values = Tensor([10, 10], .f64)
    let inUpdates = try grad { try sum(x.at[place].max($0)) }(values)
    let inOperand = try grad { try sum($0.at[place].max(values)) }(x)
    // 10, 10 and the 10 that was there: a third each, rounded.
    for third in try inUpdates.scalars + [inOperand.scalars[0]] {
      #expect(Swift.abs(third - 1 / 3.0) <= 2 * (1 / 3.0).ulp)
    }
    #expect(try inOperand.scalars[1...] == [1, 1])
  }

  /// A dropped update equal to what an absent window might read as must not attain it.
  @Test func aDroppedUpdateHasNoTangent() throws {
    for value in [0.0, 1] {
      let gradient = try grad { try sum(x.at[whole([7])].max($0)) }(Tensor([value], .f64))
      #expect(try gradient.scalars == [0])
    }
  }

  @Test func aProductHasADerivativeInItsValuesOnlyWhereIndicesAreUnique() throws {
    let place = whole([0, 1])
    let ones = Tensor([1, 1], .f64)
    let error = #expect(throws: TraceError.self) {
      try grad { try sum(x.at[place].multiply($0)) }(ones)
    }
    #expect(
      error?.description
        == "scatter_mul gradients are only implemented if `unique_indices=True`")
    let promised = try grad { try sum(x.at[place].multiply($0, uniqueIndices: true)) }(ones)
    #expect(try promised.scalars == [10, 11])
    #expect(try grad { try sum(x.at[1...].multiply($0)) }(ones).scalars == [11, 12])
    let triple = Tensor([3, 3], .f64)
    let inOperand = try grad { try sum($0.at[whole([0, 0])].multiply(triple)) }(x)
    #expect(try inOperand.scalars == [9, 1, 1])
  }

  @Test func whatIsReadIsWhatIsWritten() throws {
    let places: [[any TensorIndex]] = [
      [1], [-1, 1..<3], [Stride(by: -2), 0], [whole([1, 0])], [1, Stride.all, whole([3, -4])],
      [Stride.all, whole([2, 0]), Stride(from: 3, to: 0, by: -2)],
    ]
    for place in places {
      let read = try grid.at[place].get()
      #expect(try zeros(like: grid).at[place].set(read).at[place].get().scalars == read.scalars)
      let negated = try grid.at[place].set(-read)
      #expect(try (negated + grid).at[place].get().scalars.allSatisfy { $0 == 0 })
      #expect(try grid.at[place].multiply(Tensor(-1, .f64)).scalars == negated.scalars)
    }
  }

  /// Differs from JAX, whose cotangent of a clamped element is lost: docs/Divergences.md.
  @Test func theCotangentOfAClampedElementArrives() throws {
    #expect(try grad { try sum($0[whole([7, -1, -9])]) }(x).scalars == [1, 0, 2])
  }

  @Test func aDynamicSliceMovesInsideAndCountsFromTheEnd() throws {
    func part(_ start: Double) throws -> [Double] {
      try dynamicSlice(x, [Tensor(start, .i32)], sizes: [2]).scalars
    }
    #expect(try part(1) == [11, 12])
    #expect(try part(9) == [11, 12])
    #expect(try part(-3) == [10, 11])
    #expect(try part(-9) == [10, 11])
    let update = Tensor([1, 2], .f64)
    #expect(try dynamicUpdateSlice(x, update, [Tensor(9, .i32)]).scalars == [10, 1, 2])
    #expect(try dynamicSlice(x, [Tensor(4e9, .u32)], sizes: [2]).scalars == [11, 12])
  }
}
