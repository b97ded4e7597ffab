// Convolution is a cross-correlation: figures that can be read off, the padding that names stand
// for, and what it is the transpose of. Numbers marked JAX were printed by JAX 0.10.2.

import Core
import Testing

/// `[1, 1, n]`.
private func line(_ x: [Double]) throws -> Tensor {
  try reshape(Tensor(x, .f64), [1, 1, x.count])
}

private func numbers(_ x: Tensor) throws -> [Double] {
  try x.buffer.storage.exact.map { Double($0) }
}

@Suite struct ConvolutionTests {
  struct Figure: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var operand = [1.0, 2, 3, 4, 5, 6]
    var stride = 1
    var padding = WindowPadding.valid
    var holes: Int?
    var dilation: Int?
    let expected: [Double]
  }

  /// SEMANTICS LA-07 and LA-09: w = (1, 10, 100).
  static let figures = [
    Figure(testDescription: "plain", expected: [321, 432, 543, 654]),
    Figure(
      testDescription: "one on either side", padding: .explicit([EdgePadding(1, 1)]),
      expected: [210, 321, 432, 543, 654, 65]),
    Figure(
      testDescription: "leading only", padding: .explicit([EdgePadding(1, 0)]),
      expected: [210, 321, 432, 543, 654]),
    Figure(testDescription: "SAME, stride 2", stride: 2, padding: .same, expected: [321, 543, 65]),
    Figure(
      testDescription: "SAME_LOWER, stride 2", stride: 2, padding: .sameLower,
      expected: [210, 432, 654]),
    Figure(testDescription: "dilation 2", dilation: 2, expected: [531, 642]),
    Figure(
      testDescription: "dilation 2, SAME", padding: .same, dilation: 2,
      expected: [310, 420, 531, 642, 53, 64]),
    Figure(testDescription: "stride 3", stride: 3, expected: [321, 654]),
    Figure(
      testDescription: "cropped", padding: .explicit([EdgePadding(-1, -1)]), expected: [432, 543]),
    Figure(
      testDescription: "holes", operand: [1, 2], padding: .explicit([EdgePadding(2, 2)]), holes: 2,
      expected: [100, 10, 201, 20, 2]),
    Figure(testDescription: "too short", operand: [1, 2], expected: []),
  ]

  @Test(arguments: figures)
  func aWindowIsLaidOverTheOperandAsItStands(figure: Figure) throws {
    let y = try convGeneralDilated(
      line(figure.operand), line([1, 10, 100]), windowStrides: [figure.stride],
      padding: figure.padding, lhsDilation: figure.holes.map { [$0] },
      rhsDilation: figure.dilation.map { [$0] })
    #expect(try numbers(y) == figure.expected)
  }

  @Test func aWindowThatDoesNotFitHasAZeroGradient() throws {
    let (x, w) = try (line([1, 2]), line([1, 10, 100]))
    let (y, pullback) = try vjp(
      { [try conv($0[0], $0[1], windowStrides: [1], padding: .valid)] }, [x, w])
    #expect(y[0].shape == [1, 1, 0])
    let gradients = try pullback([zeros(like: y[0])])
    #expect(try gradients.map(numbers) == [[0, 0], [0, 0, 0]])
  }

  @Test func groupsAreConvolutionsOfTheirOwn() throws {
    let x = try reshape(arange(16, .f64), [1, 4, 4])
    let w = try reshape(arange(12, .f64), [2, 2, 3])
    let grouped = try convGeneralDilated(
      x, w, windowStrides: [1], padding: .valid, featureGroupCount: 2)
    let parts = try (0..<2).map { g in
      try conv(
        slice(x, axis: 1, from: 2 * g, to: 2 * g + 2), slice(w, axis: 0, from: g, to: g + 1),
        windowStrides: [1], padding: .valid)
    }
    #expect(try numbers(grouped) == numbers(concatenate(parts, axis: 1)))
  }

  @Test func namesStandForPadding() throws {
    #expect(try WindowPadding(named: "same") == .same)
    #expect(try WindowPadding(named: "SAME_LOWER") == .sameLower)
    #expect(try WindowPadding(named: "Valid") == .valid)
  }

  @Test func lettersNameTheAxes() throws {
    // JAX's own example of a crossed layout.
    let crossed = try ConvDimensionNumbers(lhs: "NHWC", rhs: "WOIH", out: "CWNH")
    #expect(
      crossed
        == ConvDimensionNumbers(
          lhsSpec: [0, 3, 2, 1], rhsSpec: [1, 2, 0, 3], outSpec: [2, 0, 1, 3])
    )
  }

  /// JAX's conv_transpose of x = 1…4 `[1, 2, 2]` and w = 1…12 `[3, 2, 2]`.
  static let transposed: [(WindowPadding, Int, Bool, [Double])] = [
    (.same, 1, false, [90, 100, 50, 60]),
    (.same, 2, false, [31, 34, 19, 22, 78, 88, 43, 50]),
    (.same, 2, true, [5, 11, 17, 23, 40, 60, 39, 53]),
    (.same, 4, true, [5, 11, 17, 23, 29, 35, 0, 0, 11, 25, 39, 53, 67, 81, 0, 0]),
    (.valid, 1, true, [5, 11, 28, 48, 68, 88, 67, 81]),
    (.valid, 2, false, [31, 34, 19, 22, 78, 88, 43, 50, 15, 22]),
    (.explicit([EdgePadding(1, 0)]), 3, false, [19, 22, 7, 10, 71, 78]),
    (.sameLower, 1, false, [90, 100, 50, 60]),
  ]

  @Test(arguments: transposed)
  func aTransposedConvolutionIsJAXs(
    padding: WindowPadding, stride: Int, flips: Bool, expected: [Double]
  ) throws {
    let x = try reshape(arange(4, .f64) + 1, [1, 2, 2])
    let w = try reshape(arange(12, .f64) + 1, [3, 2, 2])
    let y = try convTranspose(x, w, strides: [stride], padding: padding, transposeKernel: flips)
    #expect(try numbers(y) == expected)
  }

  @Test func aFlippedTransposedConvolutionIsTheGradient() throws {
    let dimensions = try ConvDimensionNumbers(lhs: "NHC", rhs: "HIO", out: "NHC")
    let kernel = try reshape(arange(12, .f64) - 5, [3, 2, 2])
    for (padding, stride) in [(WindowPadding.same, 2), (.valid, 2), (.same, 1), (.valid, 3)] {
      let y = try reshape(arange(6, .f64) - 2, [1, 3, 2])
      let direct = try convTranspose(
        y, kernel, strides: [stride], padding: padding, transposeKernel: true)
      let (out, pullback) = try vjp(
        {
          [
            try convGeneralDilated(
              $0[0], kernel, windowStrides: [stride], padding: padding, dimensionNumbers: dimensions
            )
          ]
        }, [zeros(like: direct)])
      #expect(out[0].shape == y.shape)
      #expect(try numbers(direct) == numbers(pullback([y])[0]))
    }
  }

  @Test func parametersPrintAsJAXPrintsThem() throws {
    let jaxpr = try makeJaxpr { x in
      [
        try convGeneralDilated(
          x[0], x[1], windowStrides: [2], padding: .explicit([EdgePadding(1, -1)]),
          lhsDilation: [2], featureGroupCount: 2)
      ]
    }([ShapedArray(.f32, [2, 4, 7]), ShapedArray(.f32, [6, 2, 3])])
    // JAX, without out_sharding=None.
    #expect(
      jaxpr.eqns[0].primitive.description
        == "conv_general_dilated[batch_group_count=1 "
        + "dimension_numbers=ConvDimensionNumbers(lhs_spec=(0, 1, 2), rhs_spec=(0, 1, 2), "
        + "out_spec=(0, 1, 2)) feature_group_count=2 lhs_dilation=(2,) padding=((1, -1),) "
        + "precision=None preferred_element_type=None rhs_dilation=(1,) window_strides=(2,)]")
  }

  @Test func noExampleAtAllGivesNoResult() throws {
    let x = try zeros([0, 2, 3, 7], .f64)
    let w = try ones([4, 3, 3], .f64)
    let y = try vmap(
      { [try conv($0[0], $0[1], windowStrides: [1], padding: .valid)] }, inAxes: [0, nil])(
        [x, w])
    #expect(y[0].shape == [0, 2, 4, 5])
  }

  @Test func batchGroupsMapLikeALoop() throws {
    let x = try reshape(arange(72, .f64), [2, 4, 3, 3])
    let w = try reshape(arange(36, .f64), [2, 6, 3, 1])
    let f: @Sendable ([Tensor]) throws -> [Tensor] = {
      [
        try convGeneralDilated(
          $0[0], $0[1], windowStrides: [2], padding: .same, batchGroupCount: 2)
      ]
    }
    func example(_ t: Tensor, _ i: Int) throws -> Tensor {
      try squeeze(slice(t, axis: 0, from: i, to: i + 1), [0])
    }
    for axes in [[0, nil], [nil, 0], [0, 0]] as [[Int?]] {
      let mapped = try vmap(f, inAxes: axes)(
        zip([x, w], axes).map { try $1 == nil ? example($0, 0) : $0 })
      let looped = try (0..<2).map { i in
        try f(zip([x, w], axes).map { try example($0, $1 == nil ? 0 : i) })[0]
      }
      #expect(try numbers(mapped[0]) == numbers(stack(looped)), "\(axes)")
    }
  }
}
