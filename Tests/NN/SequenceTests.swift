// Attention, rotary embeddings and recurrent cells. Where a law needs softmax or a gate, the numbers
// are so far apart that each is exactly 0 or 1.

import Core
import NN
import Random
import TestSupport
import Testing

@Suite struct AttentionTests {
  /// Two heads over four features, no bias, every projection the identity.
  private func identity() throws -> MultiheadAttention {
    let eye = try equal(iota(.i32, [4, 4], dim: 0), iota(.i32, [4, 4], dim: 1)).asType(.f64)
    let layer = try Linear(weight: eye)
    return try MultiheadAttention(
      numHeads: 2, query: layer, key: layer, value: layer, output: layer)
  }

  /// Keys of which each head prefers another for the query (1, 0, 1, 0) by e^700 and more.
  private let keys = Tensor([[1000, 0, 0, 0], [0, 0, 3000, 0], [2000, 0, 1500, 0]], .f64)
  private let query = Tensor([[1, 0, 1, 0], [-1, 0, -1, 0]], .f64)

  @Test func `each head looks by itself, and takes the value it prefers`() throws {
    let values = wholes([3, 4], 0)
    let y = try identity()(query, keys, values)
    try expectAgree(y[0], concatenate([values[2][0..<2], values[1][2..<4]]))
    try expectAgree(y[1], concatenate([values[1][0..<2], values[0][2..<4]]))
  }

  @Test func `the order of keys does not matter and that of queries is that of the results`() throws
  {
    let values = wholes([3, 4], 1)
    let layer = try identity()
    let y = try layer(query, keys, values)
    let order = Tensor([2, 0, 1], .i32)
    try expectAgree(layer(query, keys[order], values[order]), y)
    try expectAgree(layer(rev(query, [0]), keys, values), rev(y, [0]))
    try expectAgree(layer(query, keys, values * 3), y * 3)
  }

  @Test func `what is masked has no influence, for all heads or for one`() throws {
    let values = wholes([3, 4], 2)
    let layer = try identity()
    let mask = Tensor(shape: [2, 3], .bool([true, true, false, true, false, true]))
    let y = try layer(query, keys, values, mask: mask)
    try expectAgree(y[0], concatenate([values[0][0..<2], values[1][2..<4]]))
    try expectAgree(y[1], values[0])
    let masks = try stack([mask, ones([2, 3], .bool)])
    let mixed = try layer(query, keys, values, mask: masks)
    try expectAgree(mixed[Stride.all, 0..<2], y[Stride.all, 0..<2])
    let free = try layer(query, keys, values)
    try expectAgree(mixed[Stride.all, 2..<4], free[Stride.all, 2..<4])
    let nothing = try layer(query, keys[0..<2], values[0..<2], mask: zeros([2, 2], .bool))
    try expectAgree(nothing[0], (values[0] + values[1]) / 2)
  }

  @Test func `logits are divided by the root of a head's size`() throws {
    // Heads of four features: the root is 2, and weights of e^(ln 3 · 2 / 2) = 3 to 1.
    let weights = try dotProductAttentionWeights(
      Tensor([[2, 0, 0, 0]], .f64), Tensor([[1.0986122886681098, 0, 0, 0], [0, 0, 0, 0]], .f64))
    // ln 3, the exponential, the sum and the quotient: five roundings, the first times ln 3 < 2.
    #expect(
      zip(try weights.scalars, [0.75, 0.25]).allSatisfy { abs($0 - $1) <= 8 * roundoff(.f64) })
  }

  @Test func `heads are processed after the projections and keep their shapes`() throws {
    let layer = try identity()
    let values = wholes([3, 4], 3)
    let swapped = try layer(query, keys, values) { query, key, value in
      (query, key, try rev(value, [1]))
    }
    let y = try layer(
      query, keys, concatenate([values[Stride.all, 2..<4], values[Stride.all, 0..<2]], axis: 1))
    try expectAgree(swapped, y)
    #expect(
      refuses("must not change the shape") {
        try layer(query, keys, values) { query, key, value in (try query[0..<1], key, value) }
      })
  }

  @Test func `DO-06 each head drops with a key of its own, split from the layer's`() throws {
    var layer = try identity()
    layer.dropout = Dropout(0.5)
    // All weights 1/4, divided by q = 1/2 where kept; the values tell them apart.
    let values = try equal(iota(.i32, [4, 4], dim: 0), iota(.i32, [4, 4], dim: 1)).asType(.f64)
    let nothing = try zeros([3, 4], .f64)
    let y = try layer(nothing, zeros([4, 4], .f64), values, randomKey: Key(9))
    let heads = try Key(9).split(2).map { try $0.bernoulli(0.5, [3, 4]).asType(.f64) / 2 }
    try expectAgree(y[Stride.all, 0..<2], heads[0][Stride.all, 0..<2])
    try expectAgree(y[Stride.all, 2..<4], heads[1][Stride.all, 2..<4])
    #expect(refuses("requires a key") { try layer(nothing, nothing, nothing) })
    let still = try layer(nothing, zeros([4, 4], .f64), values, inference: true)
    #expect(try still.scalars == Array(repeating: 0.25, count: 12))
  }

  @Test func `sizes have their defaults, and arguments are checked`() throws {
    let layer = try MultiheadAttention(
      numHeads: 2, querySize: 5, keySize: 3, outputSize: 7, voSize: 4, useValueBias: true,
      key: Key(2))
    let keys = try Key(2).split(4)
    try expectAgree(
      layer.queryProjection.weight, Linear(5, 4, useBias: false, key: keys[0]).weight)
    try expectAgree(layer.keyProjection.weight, Linear(3, 4, useBias: false, key: keys[1]).weight)
    try expectAgree(layer.valueProjection.weight, Linear(5, 8, key: keys[2]).weight)
    try expectAgree(
      layer.outputProjection.weight, Linear(8, 7, useBias: false, key: keys[3]).weight)
    let (q, k, v) = (try ones([2, 5]), try ones([3, 3]), try ones([3, 5]))
    #expect(try layer(q, k, v).shape == [2, 7])
    #expect(refuses("equal length") { try layer(q, k, ones([2, 5])) })
    #expect(
      refuses("(query_seq_length, kv_seq_length)=(2, 3)") {
        try layer(q, k, v, mask: ones([2, 2], .bool))
      })
    #expect(
      refuses("at least one head") {
        try MultiheadAttention(numHeads: 0, querySize: 2, key: Key(0))
      })
  }
}

@Suite struct RotaryTests {
  @Test func `position 0 stays, and pairs turn without mixing`() throws {
    let layer = try RotaryPositionalEmbedding(4, dtype: .f64)
    let x = wholes([5, 4], 0)
    try expectAgree(layer(x)[0], x[0])
    let pair = Tensor([1, 0, 1, 0], .f64)
    let y = try layer(x * pair)
    try expectAgree(y * pair, y)
    try expectAgree(layer(x) * pair, y)
    try expectAgree(layer(x * 2), layer(x) * 2)
  }

  /// With d = 2 the angle of position t is t itself, exactly.
  ///
  /// A turned component is x cos t ± y sin t: cosine and sine within an ulp (2u), two products, a
  /// sum: off by at most 4u(|x| + |y|). Two such components in a product of four terms and a sum:
  /// 2 · 2 · 4u |q|₁|k|₁ + 2u · 2|q|₁|k|₁ = 20u |q|₁|k|₁, on either side of the equation.
  @Test func `products of turned features depend on the distance of their positions alone`() throws
  {
    let layer = try RotaryPositionalEmbedding(2, dtype: .f64)
    let (q, k) = (wholes([2], 1), wholes([2], 2))
    func turned(_ x: Tensor) throws -> Tensor { try layer(broadcast(x, to: [9, 2])) }
    let (qs, ks) = (try turned(q), try turned(k))
    let sizes = try sum(abs(q)).item * sum(abs(k)).item
    func product(_ m: Int, _ n: Int) throws -> Double { try matmul(qs[m], ks[n]).item }
    for distance in 0..<6 {
      let near = try product(0, distance)
      for m in 1..<(9 - distance) {
        #expect(abs(try product(m, m + distance) - near) <= 40 * roundoff(.f64) * sizes)
      }
    }
    let norm = try matmul(q, q).item
    #expect(abs(try matmul(qs[7], qs[7]).item - norm) <= 40 * roundoff(.f64) * norm * 2)
    // A quarter turn and more at position 2: not the identity, and in the sense of the rule.
    let (cosine, sine) = (-0.4161468365471424, 0.9092974268256817)
    let turn = try qs[2][0].item - q[0].item * cosine + q[1].item * sine
    #expect(try abs(turn) <= 40 * roundoff(.f64) * sum(abs(q)).item)
  }

  @Test func `DV-42 a layer's angles are those of its own theta, in Equinox of whoever came first`()
    throws
  {
    let x = wholes([3, 4], 3)
    let own = try RotaryPositionalEmbedding(4, theta: 100, dtype: .f64)
    let first = try RotaryPositionalEmbedding(4, dtype: .f64)
    let (ours, other) = (try own(x), try first(x))
    let distinct = try agree(ours, other)
    #expect(!distinct)
    let cache = RotaryCache()
    let early = try RotaryPositionalEmbedding(4, dtype: .f64, cache: cache)
    let late = try RotaryPositionalEmbedding(4, theta: 100, dtype: .f64, cache: cache)
    try expectAgree(early(x), other)
    try expectAgree(late(x), other, "the cache's theta")
    try expectAgree(late(wholes([4, 4], 4)), own(wholes([4, 4], 4)), "longer than the cache")
    try expectAgree(early(x), ours, "the cache has changed hands")
  }

  @Test func `the dtype of the input is that of the result, and arguments are checked`() throws {
    #expect(try RotaryPositionalEmbedding(2, dtype: .f64)(ones([3, 2])).dtype == .f32)
    #expect(try RotaryPositionalEmbedding(2)(ones([3, 2], .f64)).dtype == .f64)
    #expect(try RotaryPositionalEmbedding(0)(ones([3, 0])).shape == [3, 0])
    #expect(refuses("even") { try RotaryPositionalEmbedding(3) })
    #expect(refuses("negative") { try RotaryPositionalEmbedding(-2) })
    #expect(refuses("4 != 2") { try RotaryPositionalEmbedding(2)(ones([3, 4])) })
    #expect(refuses("(sequence, embedding_size)") { try RotaryPositionalEmbedding(2)(ones([2])) })
  }
}

@Suite struct RecurrentTests {
  private let x = wholes([2], 0)
  private let h = wholes([3], 1)
  private let c = wholes([3], 2)

  /// Gates of `count` parts of three, each wide open (1), shut (0) or as the weights have it (nil).
  private func gates(_ open: [Bool?]) -> Tensor {
    Tensor(open.flatMap { Array(repeating: $0.map { $0 ? 2000.0 : -2000 } ?? 0, count: 3) }, .f64)
  }

  private func gru(_ open: [Bool?], _ w: Tensor, _ u: Tensor, _ n: Tensor) throws -> GRUCell {
    try GRUCell(weightIH: w, weightHH: u, bias: gates(open), biasN: n)
  }

  @Test func `LA-04 the gates of a GRU: reset, update, new`() throws {
    let (w, u, n) = (try wholes([9, 2], 3) / 16, try wholes([9, 3], 4) / 16, wholes([3], 5))
    let fresh = try tanh(matmul(w[6..<9], x))
    let kept = try gru([false, true, nil], zeros([9, 2], .f64), zeros([9, 3], .f64), n)(x, h)
    try expectAgree(kept, h, "update open, new 0")
    let shut = try gru([false, false, nil], w, u, n)
    try expectAgree(shut(x, h), fresh, "both shut")
    let reset = try gru([true, false, nil], w, u, n)
    try expectAgree(reset(x, h), tanh(matmul(w[6..<9], x) + (matmul(u[6..<9], h) + n)))
    let bare = try GRUCell(weightIH: w, weightHH: u)
    try expectAgree(bare(x, h), gru([nil, nil, nil], w, u, zeros([3], .f64))(x, h))
  }

  @Test func `LA-04 the gates of an LSTM: input, forget, cell, output`() throws {
    let (w, u) = (try wholes([12, 2], 6) / 16, try wholes([12, 3], 7) / 16)
    func cell(_ open: [Bool?]) throws -> (h: Tensor, c: Tensor) {
      try LSTMCell(weightIH: w, weightHH: u, bias: gates(open))(x, (h: h, c: c))
    }
    let candidate = try tanh(matmul(w[6..<9], x) + matmul(u[6..<9], h))
    try expectAgree(cell([false, true, nil, true]).c, c, "kept")
    try expectAgree(cell([false, true, nil, true]).h, tanh(c), "shown")
    try expectAgree(cell([true, false, nil, true]).c, candidate, "replaced")
    try expectAgree(cell([true, true, nil, false]).c, c + candidate, "added")
    #expect(try cell([true, true, nil, false]).h.scalars == [0, 0, 0])
    let bare = try LSTMCell(weightIH: w, weightHH: u)(x, (h: h, c: c))
    try expectAgree(bare.c, cell([nil, nil, nil, nil]).c)
  }

  @Test func `LA-04 weights are uniform within one over the root of the hidden size`() throws {
    let limit = (1.0 / 3).squareRoot()
    let keys = try Key(4).split(4)
    let gru = try GRUCell(2, 3, key: Key(4))
    try expectAgree(gru.weightIH, keys[0].uniform([9, 2], from: -limit, to: limit))
    try expectAgree(gru.weightHH, keys[1].uniform([9, 3], from: -limit, to: limit))
    try expectAgree(#require(gru.bias), keys[2].uniform([9], from: -limit, to: limit))
    try expectAgree(#require(gru.biasN), keys[3].uniform([3], from: -limit, to: limit))
    let lstm = try LSTMCell(2, 3, dtype: .f64, key: Key(4))
    let parts = try Key(4).split(3)
    try expectAgree(lstm.weightIH, parts[0].uniform([12, 2], .f64, from: -limit, to: limit))
    try expectAgree(lstm.weightHH, parts[1].uniform([12, 3], .f64, from: -limit, to: limit))
    try expectAgree(#require(lstm.bias), parts[2].uniform([12], .f64, from: -limit, to: limit))
    let bare = try GRUCell(2, 3, useBias: false, key: Key(4))
    try expectAgree(bare.weightHH, gru.weightHH)
    #expect(bare.bias == nil && bare.biasN == nil)
    #expect(refuses("hidden size 0") { try GRUCell(2, 0, key: Key(0)) })
    #expect(refuses("contracting") { try gru(Tensor([1, 2, 3]), Tensor([1, 2, 3])) })
  }
}
