// Windows: which element an extremum selects, where the cotangent lands, and what is refused.
//
// Numbers marked JAX were printed by JAX 0.10.2; more of them are goldens (windows.h5, LA-12).

import Core
import Testing

private func numbers(_ x: Tensor) throws -> [Double] {
  try x.buffer.storage.exact.map { Double($0) }
}

private let directions = [1.0, 2, 3, 4, 5]
private let cotangents = [1.0, 10, 100, 1000, 10000]

/// The extremum of three neighbours, one padded on either side.
private func pool(_ op: WindowReduction, _ x: Tensor) throws -> Tensor {
  try reduceWindow(
    op, x, windowDimensions: [3], padding: .explicit([EdgePadding(1, 1)]))
}

@Suite struct WindowTests {
  struct Choice: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let op: WindowReduction
    let x: [Double]
    let tangent: [Double]
    let cotangent: [Double]
  }

  /// JAX.
  static let choices = [
    Choice(
      testDescription: "the first of equals", op: .max, x: [1, 1, 0, 2, 2],
      tangent: [1, 1, 4, 4, 4], cotangent: [11, 0, 0, 11100, 0]),
    Choice(
      testDescription: "the first of equals, smallest", op: .min, x: [1, 1, 0, 2, 2],
      tangent: [1, 3, 3, 3, 4], cotangent: [1, 0, 1110, 10000, 0]),
    Choice(
      testDescription: "a NaN goes on to the next", op: .max, x: [.nan, 1, 2, 3, 0],
      tangent: [2, 3, 4, 4, 4], cotangent: [0, 1, 10, 11100, 0]),
    Choice(
      testDescription: "nothing beats −∞", op: .max, x: [Double](repeating: -.infinity, count: 5),
      tangent: [0, 0, 0, 0, 0], cotangent: [10, 100, 1000, 10000, 0]),
    Choice(
      testDescription: "zeros of either sign are equal", op: .max, x: [0, -0.0, 0, -0.0, 0],
      tangent: [1, 1, 2, 3, 4], cotangent: [11, 100, 1000, 10000, 0]),
  ]

  @Test(arguments: choices)
  func anExtremumHasTheDerivativeOfWhatItSelects(choice: Choice) throws {
    let x = Tensor(choice.x, .f64)
    let tangent = try jvp({ try pool(choice.op, $0) }, x, Tensor(directions, .f64)).tangent
    #expect(try numbers(tangent) == choice.tangent)
    let back = try vjp({ [try pool(choice.op, $0[0])] }, [x]).pullback([Tensor(cotangents, .f64)])
    #expect(try numbers(back[0]) == choice.cotangent)
  }

  @Test func aCroppedMaximumHasAGradient() throws {
    // JAX raises here: it slices from a negative index (docs/Divergences.md, DV-11).
    let f: @Sendable ([Tensor]) throws -> [Tensor] = {
      [
        try reduceWindow(
          .max, $0[0], windowDimensions: [2], padding: .explicit([EdgePadding(-1, 1)]))
      ]
    }
    let back = try vjp(f, [Tensor([3, 1, 2], .f64)]).pullback([Tensor([1, 10], .f64)])
    #expect(try numbers(back[0]) == [0, 0, 11])
  }

  @Test func aDilatedMaximumHasATangentAndNoTranspose() throws {
    let f: @Sendable (Tensor) throws -> Tensor = {
      try reduceWindow(
        .max, $0, windowDimensions: [2], padding: .explicit([EdgePadding(1, 1)]),
        windowDilation: [2])
    }
    let x = Tensor([3, 1, 2], .f64)
    #expect(try numbers(f(x)) == [1, 3, 1])
    #expect(try numbers(jvp(f, x, Tensor([1, 2, 3], .f64)).tangent) == [2, 1, 2])
    let error = #expect(throws: TraceError.self) { try grad { try sum(f($0)) }(x) }
    #expect(
      error?.description
        == "VJP not implemented for select_and_gather (MaxPool) with window dilation, got "
        + "window_dilation=(2,).")
  }

  @Test func windowsOfHolesAloneAreNeutral() throws {
    let x = Tensor([3, 1, 2], .f64)
    func reduced(_ op: WindowReduction) throws -> [Double] {
      try numbers(
        reduceWindow(op, x, windowDimensions: [2], padding: .explicit([EdgePadding(2, 2)])))
    }
    #expect(try reduced(.max) == [-.infinity, 3, 3, 2, 2, -.infinity])
    #expect(try reduced(.min) == [.infinity, 3, 1, 1, 2, .infinity])
    #expect(try reduced(.sum) == [0, 3, 4, 3, 2, 0])
    let whole = try reduceWindow(
      .max, Tensor([3, 1], .i32), windowDimensions: [1],
      padding: .explicit([EdgePadding(1, 0)]))
    #expect(try numbers(whole) == [Double(Int32.min), 3, 1])
  }

  @Test func namedPaddingIgnoresTheHolesOfTheOperand() throws {
    // JAX: three elements, SAME of a window of two pads one, whatever the base dilation.
    let y = try reduceWindow(
      .sum, Tensor([1, 2, 3], .f64), windowDimensions: [2], padding: .same, baseDilation: [2])
    #expect(try numbers(y) == [1, 2, 2, 3, 3])
  }

  @Test func parametersPrintAsJAXPrintsThem() throws {
    let f: @Sendable ([Tensor]) throws -> [Tensor] = {
      [
        try reduceWindow(
          .max, $0[0], windowDimensions: [1, 3], windowStrides: [1, 2],
          padding: .explicit([EdgePadding(0, 0), EdgePadding(1, 1)]))
      ]
    }
    let avals = [ShapedArray(.f32, [2, 7]), ShapedArray(.f32, [2, 4])]
    let forward = try makeJaxpr { try jvp(f, [$0[0]], [$0[0]]).tangents }([avals[0]])
    let reverse = try makeJaxpr { try vjp(f, [$0[0]]).pullback([$0[1]]) }(avals)
    let lines = (forward.eqns + reverse.eqns).map(\.primitive.description)
    // JAX.
    let window = "window_dimensions=(1, 3) window_strides=(1, 2)]"
    let padding = "padding=((0, 0), (1, 1)) "
    #expect(
      lines.contains(
        "reduce_window_max[base_dilation=(1, 1) \(padding)window_dilation=(1, 1) \(window)"))
    #expect(
      lines.contains(
        "select_and_gather_add[base_dilation=(1, 1) \(padding)select_prim=ge "
          + "window_dilation=(1, 1) \(window)"))
    #expect(lines.contains("select_and_scatter_add[\(padding)select_prim=ge \(window)"))
  }
}
