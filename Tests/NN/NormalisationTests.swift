// Normalisations: what must not change the result, on numbers for which it does not change a bit.

import Core
import NN
import TestSupport
import Testing

@Suite struct NormalisationTests {
  /// Sixteen whole numbers: their mean is exact.
  private let x = wholes([2, 8], 0)

  @Test func `LA-11 LayerNorm forgets a shift and, with eps scaled along, a scale`() throws {
    let layer = try LayerNorm([2, 8], eps: 0.25, dtype: .f64)
    let wide = try LayerNorm([2, 8], eps: 0.25 * 16, dtype: .f64)
    try expectAgree(layer(x + 64), layer(x))
    try expectAgree(wide(x * 4), layer(x))
    try expectAgree(layer(-x), -layer(x))
    try expectAgree(
      reshape(layer(x), [16]), LayerNorm(16, eps: 0.25, dtype: .f64)(reshape(x, [16])))
  }

  @Test func `LA-11 the variance is biased and eps stands under the root`() throws {
    // Mean 0, variance 3: 3 + 1 has the root 2.
    let line = Tensor([-3, -1, -1, 1, 1, 3, -1, 1], .f64)
    let layer = try LayerNorm(8, eps: 1, useWeight: false, useBias: false)
    try expectAgree(layer(line), line / 2)
    try expectAgree(RMSNorm(8, eps: 1, useWeight: false, useBias: false)(line), line / 2)
    let constant = try full([4], 7, .f64)
    #expect(try LayerNorm(4, dtype: .f64)(constant).scalars == [0, 0, 0, 0])
    #expect(
      try RMSNorm(4, eps: 0, dtype: .f64)(constant).scalars.allSatisfy {
        // Mean and root are exact; the reciprocal and the product round once each.
        abs($0 - 1) <= 2 * roundoff(.f64)
      })
    let figures = try LayerNorm(4, useWeight: false, useBias: false)(Tensor([1, 2, 3, 4]))
    #expect(
      try figures.scalars.map { ($0 * 1e6).rounded() } == [
        -1_341_635, -447_212, 447_212, 1_341_635,
      ])
  }

  @Test func `LA-11 RMSNorm forgets a scale and the sign, and knows no mean`() throws {
    let layer = try RMSNorm([2, 8], eps: 0.25, dtype: .f64)
    let wide = try RMSNorm([2, 8], eps: 0.25 * 16, dtype: .f64)
    try expectAgree(wide(x * -4), -layer(x))
    let balanced = try concatenate([x, -x])
    let bare = (
      try RMSNorm([4, 8], useWeight: false, useBias: false),
      try LayerNorm([4, 8], useWeight: false, useBias: false)
    )
    try expectAgree(bare.0(balanced), bare.1(balanced))
    let same = try agree(bare.0(balanced + 1), bare.1(balanced + 1))
    #expect(!same)
  }

  @Test func `LA-11 GroupNorm is LayerNorm of each group, then an affine map of each channel`()
    throws
  {
    let x = wholes([4, 2, 4], 1)
    var group = try GroupNorm(groups: 2, channels: 4, dtype: .f64)
    let bare = try LayerNorm([2, 2, 4], useWeight: false, useBias: false)
    let parts = try concatenate([bare(x[0..<2]), bare(x[2..<4])])
    try expectAgree(group(x), parts)
    try expectAgree(GroupNorm(groups: 2, channelwiseAffine: false)(x), parts)
    group.weight = Tensor([1, 2, 4, 8], .f64)
    group.bias = Tensor([1, 0, -1, 3], .f64)
    for channel in 0..<4 {
      try expectAgree(
        group(x)[channel], parts[channel] * [1.0, 2, 4, 8][channel] + [1.0, 0, -1, 3][channel])
    }
  }

  @Test func `LA-11 weights and biases stand place by place`() throws {
    var layer = try LayerNorm([2, 8], dtype: .f64)
    let plain = try layer(x)
    (layer.weight, layer.bias) = (wholes([2, 8], 2), wholes([2, 8], 3))
    try expectAgree(layer(x), wholes([2, 8], 2) * plain + wholes([2, 8], 3))
    var rms = try RMSNorm([2, 8], useBias: false, dtype: .f64)
    let normal = try rms(x)
    rms.weight = wholes([2, 8], 4)
    try expectAgree(rms(x), wholes([2, 8], 4) * normal)
  }

  @Test func `LA-11 the result has the dtype of the input, whatever the weights`() throws {
    let layer = try LayerNorm(4, dtype: .f64)
    #expect(try layer(Tensor([1, 2, 3, 4])).dtype == .f32)
    // f32 results between −2 and 2, cut towards zero.
    let whole = try layer(Tensor([1, 2, 3, 4], .i32))
    #expect(try whole.dtype == .i32 && whole.scalars == [-1, 0, 0, 1])
  }

  @Test func `LA-11 LA-08 another shape or division is refused`() throws {
    #expect(refuses("shape == x.shape") { try LayerNorm(4)(Tensor([[1, 2, 3, 4]])) })
    #expect(refuses("`shape=(4,)") { try RMSNorm(4)(Tensor([1, 2])) })
    #expect(refuses("must divide") { try GroupNorm(groups: 2, channels: 3) })
    #expect(refuses("should be specified") { try GroupNorm(groups: 2) })
    #expect(
      refuses("reshape") {
        try GroupNorm(groups: 2, channelwiseAffine: false)(wholes([3, 4], 0))
      })
  }
}
