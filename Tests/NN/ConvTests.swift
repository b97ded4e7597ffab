// Convolutions against a loop over an input that goes on for ever, and against their transposes;
// on whole numbers, bit for bit.

import Core
import NN
import Random
import Testing

/// One line of numbers as `[1, n]`.
private func line(_ x: [Double]) -> Tensor { Tensor([x], .f64) }

/// Arguments of a one-dimensional convolution.
struct LineForm: Sendable, CustomTestStringConvertible {
  var extent = 6
  var kernel = 3
  var stride = 1
  var padding = WindowPadding.valid
  var dilation = 1
  var mode = PaddingMode.zeros

  var testDescription: String {
    "n \(extent) k \(kernel) s \(stride) d \(dilation) \(padding) \(mode)"
  }

  func geometry(in inputs: Int = 2, out outputs: Int = 3, groups: Int = 1) throws -> ConvGeometry {
    try ConvGeometry(
      spatialDims: 1, inChannels: inputs, outChannels: outputs, kernelSize: kernel, stride: stride,
      padding: padding, outputPadding: [0], dilation: dilation, groups: groups, paddingMode: mode)
  }

  func conv(in inputs: Int = 2, out outputs: Int = 3, groups: Int = 1) throws -> Conv1d {
    Conv1d(
      weight: wholes([outputs, inputs / groups, kernel], 1), bias: wholes([outputs, 1], 2),
      geometry: try geometry(in: inputs, out: outputs, groups: groups))
  }

  /// Rule LA-09: elements before and after.
  var edges: (low: Int, high: Int) {
    let places = (extent + stride - 1) / stride
    let total = max((places - 1) * stride + dilation * (kernel - 1) + 1 - extent, 0)
    switch padding {
    case .same: return (total / 2, total - total / 2)
    case .sameLower: return (total - total / 2, total / 2)
    case .valid: return (0, 0)
    case .explicit(let edges): return (edges[0].low, edges[0].high)
    }
  }

  static let all: [LineForm] = {
    let paddings: [WindowPadding] = [
      .same, .sameLower, .valid, .explicit([EdgePadding(1, 0)]), .explicit([EdgePadding(2, 5)]),
    ]
    return paddings.flatMap { padding in
      PaddingMode.allCases.flatMap { mode in
        [
          LineForm(padding: padding, mode: mode),
          LineForm(extent: 5, kernel: 2, stride: 2, padding: padding, mode: mode),
          LineForm(extent: 7, kernel: 4, stride: 3, padding: padding, dilation: 2, mode: mode),
        ]
      }
    } + [
      LineForm(extent: 3, padding: .explicit([EdgePadding(11, 9)]), mode: .reflect),
      LineForm(extent: 1, padding: .explicit([EdgePadding(4, 2)]), mode: .reflect),
      LineForm(extent: 2, padding: .explicit([EdgePadding(7, 6)]), mode: .circular),
      LineForm(padding: .explicit([EdgePadding(-1, -2)])),
    ]
  }()
}

/// x at `i` of an axis that goes on for ever.
private func endless(_ x: [Double], _ i: Int, _ mode: PaddingMode) -> Double {
  let n = x.count
  switch mode {
  case .zeros: return x.indices.contains(i) ? x[i] : 0
  case .replicate: return x[min(max(i, 0), n - 1)]
  case .circular: return x[((i % n) + n) % n]
  case .reflect:
    // To and fro between the ends; mirrored at 0, a walk to the left is one to the right.
    var (place, step) = (0, 1)
    for _ in 0..<abs(i) where n > 1 {
      if !x.indices.contains(place + step) { step = -step }
      place += step
    }
    return x[place]
  }
}

/// The convolution as a loop.
private func looped(_ layer: Conv1d, _ x: Tensor, _ form: LineForm) throws -> Tensor {
  let (low, high) = form.edges
  let rows = try (0..<2).map { try x[$0].scalars }
  let w = try layer.weight.scalars
  let reach = form.dilation * (form.kernel - 1) + 1
  let room = form.extent + low + high - reach
  let places = room < 0 ? 0 : room / form.stride + 1
  let values = try (0..<3).flatMap { out in
    try (0..<places).map { place in
      var total = try layer.bias?.scalars[out] ?? 0
      for channel in 0..<2 {
        for tap in 0..<form.kernel {
          let at = place * form.stride + tap * form.dilation - low
          total +=
            w[(out * 2 + channel) * form.kernel + tap] * endless(rows[channel], at, form.mode)
        }
      }
      return total
    }
  }
  return Tensor(shape: [3, places], .f64(values))
}

@Suite struct ConvTests {
  @Test(arguments: LineForm.all)
  func `LA-07 LA-09 a convolution is a loop over the endless input`(form: LineForm) throws {
    let layer = try form.conv()
    let x = wholes([2, form.extent], 3)
    try expectAgree(layer(x), looped(layer, x, form), form.testDescription)
  }

  /// SEMANTICS LA-07: w = (1, 10, 100) over 1…6.
  @Test(arguments: [
    (LineForm(), [321.0, 432, 543, 654]),
    (LineForm(stride: 2, padding: .same), [321, 543, 65]),
    (LineForm(stride: 2, padding: .sameLower), [210, 432, 654]),
    (LineForm(padding: .same, dilation: 2), [310, 420, 531, 642, 53, 64]),
    (
      LineForm(padding: .explicit([EdgePadding(2, 2)]), mode: .reflect),
      [123, 212, 321, 432, 543, 654, 565, 456]
    ),
    (
      LineForm(padding: .explicit([EdgePadding(2, 2)]), mode: .replicate),
      [111, 211, 321, 432, 543, 654, 665, 666]
    ),
    (
      LineForm(padding: .explicit([EdgePadding(2, 2)]), mode: .circular),
      [165, 216, 321, 432, 543, 654, 165, 216]
    ),
    (LineForm(padding: .explicit([EdgePadding(-1, -1)])), [432, 543]),
    (LineForm(extent: 2), []),
  ])
  func `LA-07 LA-08 figures that can be read off`(form: LineForm, expected: [Double]) throws {
    let layer = Conv1d(
      weight: try reshape(line([1, 10, 100]), [1, 1, 3]), bias: nil,
      geometry: try form.geometry(in: 1, out: 1))
    let x = try counting([1, form.extent]) + 1
    #expect(try layer(x).scalars == expected)
    if expected.isEmpty {
      #expect(try layer(x).shape == [1, 0])
      #expect(try grad { try sum(layer($0)) }(x).scalars == [0, 0])
    }
  }

  @Test func `LA-07 what is circular turns with its input`() throws {
    let layer = try LineForm(padding: .same, dilation: 2, mode: .circular).conv()
    let x = wholes([2, 6], 4)
    func turned(_ x: Tensor) throws -> Tensor {
      try concatenate([x[Stride.all, 4..<6], x[Stride.all, 0..<4]], axis: 1)
    }
    try expectAgree(layer(turned(x)), turned(layer(x)))
  }

  @Test func `LA-07 groups are independent convolutions`() throws {
    let layer = try LineForm(padding: .same).conv(in: 4, out: 6, groups: 2)
    let x = wholes([4, 6], 5)
    let bias = try #require(layer.bias)
    let parts = try (0..<2).map { group in
      try Conv1d(
        weight: layer.weight[(3 * group)..<(3 * group + 3)],
        bias: bias[(3 * group)..<(3 * group + 3)], geometry: LineForm(padding: .same).geometry())(
          x[(2 * group)..<(2 * group + 2)])
    }
    try expectAgree(layer(x), concatenate(parts))
  }

  @Test func `axes are independent: a separable window is a window after a window`() throws {
    let (a, b) = (wholes([3], 6), wholes([2], 7))
    let x = wholes([1, 5, 6], 8)
    let plane = Conv2d(
      weight: try reshape(expandDims(a, 1) * expandDims(b, 0), [1, 1, 3, 2]), bias: nil,
      geometry: try ConvGeometry(
        spatialDims: 2, inChannels: 1, outChannels: 1, kernelSize: [3, 2], stride: [1, 2],
        padding: [EdgePadding(1, 0), EdgePadding(0, 3)], paddingMode: .circular))
    func along(_ w: Tensor, _ form: LineForm) throws -> (Tensor) throws -> Tensor {
      let layer = Conv1d(
        weight: try reshape(w, [1, 1, w.shape[0]]), bias: nil,
        geometry: try form.geometry(in: 1, out: 1))
      return { try layer($0) }
    }
    let down = try along(
      a, LineForm(kernel: 3, padding: .explicit([EdgePadding(1, 0)]), mode: .circular))
    let across = try along(
      b, LineForm(kernel: 2, stride: 2, padding: .explicit([EdgePadding(0, 3)]), mode: .circular))
    let half = try vmap({ [try down($0[0])] }, inAxes: [2], outAxes: [2])([x])
    let both = try vmap({ [try across($0[0])] }, inAxes: [1], outAxes: [1])(half)
    try expectAgree(plane(x), both[0])
  }

  @Test func `LA-02 the start is uniform within one over the root of a window's size`() throws {
    let layer = try Conv2d(4, 6, kernelSize: [2, 3], groups: 2, key: Key(3))
    let (first, second) = try Key(3).split()
    let limit = 1 / 12.0.squareRoot()
    try expectAgree(layer.weight, first.uniform([6, 2, 2, 3], from: -limit, to: limit))
    try expectAgree(#require(layer.bias), second.uniform([6, 1, 1], from: -limit, to: limit))
  }

  // The fields as Equinox 0.13.8 prints them, under the names that they have here.
  @Test func `LA-02 LA-12 geometries print the arguments that made them`() throws {
    let padded = try ConvGeometry(
      spatialDims: 1, inChannels: 4, outChannels: 8, kernelSize: 3, padding: 1,
      paddingMode: .reflect)
    #expect(
      "\(padded)" == "ConvGeometry(inChannels=4, outChannels=8, kernelSize=(3,), stride=(1,), "
        + "padding=((1, 1),), dilation=(1,), groups=1, paddingMode='REFLECT')")
    let same = try ConvGeometry(
      spatialDims: 2, inChannels: 4, outChannels: 2, kernelSize: [3, 2], stride: 2,
      padding: "SAME", outputPadding: [0, 1], dilation: [1, 3], groups: 2)
    #expect(
      "\(same)" == "ConvGeometry(inChannels=4, outChannels=2, kernelSize=(3, 2), stride=(2, 2), "
        + "padding='SAME', outputPadding=(0, 1), dilation=(1, 3), groups=2, paddingMode='ZEROS')")
    let pool = try PoolGeometry(
      spatialDims: 2, kernelSize: [3, 2], padding: [0, 1], useCeil: true)
    #expect(
      "\(pool)" == "PoolGeometry(kernelSize=(3, 2), stride=(1, 1), padding=((0, 0), (1, 1)), "
        + "useCeil=True)")
  }

  @Test func `LA-08 wrong arguments and inputs are named`() throws {
    let key = Key(0)
    let x = wholes([2, 4], 0)
    #expect(refuses("divisible") { try Conv1d(3, 2, kernelSize: 1, groups: 2, key: key) })
    #expect(
      refuses("must be a multiple of feature_group_count") {
        try Conv1d(2, 3, kernelSize: 1, groups: 2, dtype: .f64, key: key)(x)
      })
    #expect(
      refuses("needs to have rank 2, but input has shape (4,)") {
        try Conv1d(2, 3, kernelSize: 1, key: key)(Tensor([1, 2, 3, 4]))
      })
    #expect(
      refuses("input feature dimension") {
        try Conv1d(3, 3, kernelSize: 1, dtype: .f64, key: key)(x)
      })
    #expect(refuses("'SAME_LOWER'") { try Conv1d(2, 3, kernelSize: 1, padding: "foo", key: key) })
    #expect(
      refuses("ints or pairs") { try Conv1d(2, 3, kernelSize: 1, padding: [1, 2], key: key) })
    #expect(refuses("not equal to 1") { try Conv1d(2, 3, kernelSize: [1, 2], key: key) })
    #expect(refuses("REPLICATE") { try PaddingMode(named: "mirror") })
    #expect(try PaddingMode(named: "circular") == .circular)
    #expect(
      refuses("negative") {
        try Conv1d(2, 3, kernelSize: 1, padding: -1, paddingMode: .reflect, dtype: .f64, key: key)(
          x)
      })
    #expect(refuses("window that is not empty") { try Conv1d(2, 3, kernelSize: 0, key: key) })
  }
}

@Suite struct ConvTransposeTests {
  /// The transposed layer whose weights are reversed and whose channels are exchanged.
  private func adjoint(_ conv: Conv1d, _ g: ConvGeometry, extra: Int) throws -> ConvTranspose1d {
    let groups = g.groups
    let (outputs, inputs) = (g.outChannels, g.inChannels)
    let split = try reshape(
      conv.weight, [groups, outputs / groups, inputs / groups, g.kernelSize[0]])
    let swapped = try reshape(
      transpose(rev(split, [3]), [0, 2, 1, 3]), [inputs, outputs / groups, g.kernelSize[0]])
    return ConvTranspose1d(
      weight: swapped, bias: nil,
      geometry: try ConvGeometry(
        spatialDims: 1, inChannels: outputs, outChannels: inputs, kernelSize: g.kernelSize,
        stride: g.stride, padding: g.padding, outputPadding: [extra], dilation: g.dilation,
        groups: groups, paddingMode: g.paddingMode))
  }

  static let forms: [LineForm] =
    LineForm.all.filter { form in
      let isCircular = form.mode == .circular && form.extent % form.stride == 0
      let isSame = form.padding == .same || form.padding == .sameLower
      return form.mode == .zeros || (isCircular && isSame)
    } + [
      LineForm(extent: 6, kernel: 2, stride: 3, padding: .same, mode: .circular),
      LineForm(extent: 8, kernel: 3, stride: 4, padding: .sameLower, dilation: 3, mode: .circular),
      LineForm(extent: 6, kernel: 2, stride: 3, padding: .same),
    ]

  @Test(arguments: forms, [1, 2])
  func `LA-10 a transposed convolution is the adjoint of the convolution`(
    form: LineForm, groups: Int
  ) throws {
    let (inputs, outputs) = (2 * groups, 3 * groups)
    var conv = try form.conv(in: inputs, out: outputs, groups: groups)
    conv.bias = nil
    let x = wholes([inputs, form.extent], 9)
    let y = try conv(x)
    let ct = wholes(y.shape, 10)
    // The extent that the transposed one gives without more, and how much is missing.
    let places = y.shape[1]
    let (low, high) = form.edges
    let extra: Int
    switch form.padding {
    case .same, .sameLower: extra = places * form.stride - form.extent
    case .valid, .explicit:
      extra =
        form.extent + low + high - form.dilation * (form.kernel - 1) - 1
        - (places - 1) * form.stride
    }
    let transposed = try adjoint(conv, conv.geometry, extra: extra)
    let back = try transposed(ct)
    #expect(back.shape == x.shape)
    try expectAgree(sum(y * ct), sum(x * back), form.testDescription)
    try expectAgree(back, vjp({ [try conv($0[0])] }, [x]).pullback([ct])[0])
  }

  @Test func `LA-09 two numbers under (1, 10, 100) in steps of two`() throws {
    let layer = ConvTranspose1d(
      weight: try reshape(line([1, 10, 100]), [1, 1, 3]), bias: nil,
      geometry: try ConvGeometry(
        spatialDims: 1, inChannels: 1, outChannels: 1, kernelSize: 3, stride: 2,
        outputPadding: [0]))
    #expect(try layer(line([1, 2])).scalars == [100, 10, 201, 20, 2])
  }

  @Test func `LA-09 outputPadding chooses among the extents that a stride leaves open`() throws {
    for extra in 0..<3 {
      let explicit = try ConvTranspose1d(
        1, 1, kernelSize: 2, stride: 3, padding: 1, outputPadding: extra, key: Key(0))
      let same = try ConvTranspose1d(
        1, 1, kernelSize: 5, stride: 3, padding: "SAME", outputPadding: extra, key: Key(0))
      let x = Tensor([[1, 2, 3, 4]])
      #expect(try explicit(x).shape == [1, 3 * 3 + 2 - 2 + extra])
      #expect(try same(x).shape == [1, 4 * 3 - extra])
    }
  }

  @Test func `LA-08 what has no transpose is refused`() throws {
    let key = Key(0)
    #expect(
      refuses("output_padding < stride") {
        try ConvTranspose1d(1, 1, kernelSize: 1, outputPadding: 1, key: key)
      })
    #expect(
      refuses("not implemented") {
        try ConvTranspose1d(1, 1, kernelSize: 1, paddingMode: .reflect, key: key)
      })
    #expect(
      refuses("only implemented for 'SAME'") {
        try ConvTranspose1d(1, 1, kernelSize: 1, paddingMode: .circular, key: key)
      })
    #expect(
      refuses("non-zero `output_padding`") {
        try ConvTranspose1d(
          1, 1, kernelSize: 1, stride: 2, padding: "SAME", outputPadding: 1, paddingMode: .circular,
          key: key)
      })
    #expect(
      refuses("needs to have rank 3") {
        try ConvTranspose2d(1, 1, kernelSize: 1, key: key)(Tensor([[1]]))
      })
  }
}
