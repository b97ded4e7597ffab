// The programs of nn.h5: a layer made by its initialiser, its tensors replaced by the first operands
// in the order of the leaves, and called with the others. `…_init` instead takes the words of a key
// and gives the tensors that the initialiser draws.

import Core
import NN
import Random
import Tree

extension Catalogue {
  static let layerEntries: [String: Entry] = {
    denseLayers.merging(convolutionLayers) { one, _ in one }
      .merging(normalisationLayers) { one, _ in one }
      .merging(sequenceLayers) { one, _ in one }
  }()

  private static var denseLayers: [String: Entry] {
    drawn("linear", LinearParameters.self, dtype: { $0.dtype }) { p, dtype, key in
      try Linear(p.in_features, p.out_features, useBias: p.use_bias, dtype: dtype, key: key)
    }.merging(
      drawn("mlp", MLPParameters.self, dtype: { $0.dtype }) { p, dtype, key in
        try perceptron(p, dtype, key)
      }
    ) { one, _ in one }.merging([
      "nn_identity": applied(NoParameters.self) { _ in Identity() },
      "nn_lambda": applied(LambdaParameters.self) { Lambda($0.fn.function ?? .identity) },
      "nn_prelu": applied(SlopeShape.self) { PReLU(try zeros($0.shape)) },
    ]) { one, _ in one }
  }

  private static var convolutionLayers: [String: Entry] {
    drawn("conv", ConvLayerParameters.self, dtype: { $0.dtype }) { p, dtype, key in
      try convolution(p, dtype, key)
    }.merging(
      drawn("conv_transpose", ConvLayerParameters.self, dtype: { $0.dtype }) { p, dtype, key in
        try transposedConvolution(p, dtype, key)
      }
    ) { one, _ in one }.merging([
      "nn_avg_pool": applied(PoolParameters.self) { try averagePool($0) },
      "nn_max_pool": applied(PoolParameters.self) { try maximumPool($0) },
      "nn_adaptive_avg_pool": applied(TargetShape.self) { try adaptiveAverage($0.target_shape) },
      "nn_adaptive_max_pool": applied(TargetShape.self) { try adaptiveMaximum($0.target_shape) },
    ]) { one, _ in one }
  }

  private static var normalisationLayers: [String: Entry] {
    [
      "nn_layer_norm": applied(LayerNormParameters.self) {
        try LayerNorm($0.shape, eps: $0.eps, useWeight: $0.use_weight, useBias: $0.use_bias)
      },
      "nn_rms_norm": applied(LayerNormParameters.self) {
        try RMSNorm($0.shape, eps: $0.eps, useWeight: $0.use_weight, useBias: $0.use_bias)
      },
      "nn_group_norm": applied(GroupNormParameters.self) {
        try GroupNorm(
          groups: $0.groups, channels: $0.channels, eps: $0.eps,
          channelwiseAffine: $0.channelwise_affine)
      },
      "nn_weight_norm": applied(WeightNormParameters.self) { try weightNorm($0) },
    ]
  }

  private static var sequenceLayers: [String: Entry] {
    var all = drawn("embedding", EmbeddingParameters.self, dtype: { $0.dtype }) { p, dtype, key in
      try Embedding(p.num_embeddings, p.embedding_size, dtype: dtype, key: key)
    }
    let cells: [[String: Entry]] = [
      drawn("gru_cell", CellParameters.self, dtype: { $0.dtype }, inputs: 2...2) {
        try GRUCell($0.input_size, $0.hidden_size, useBias: $0.use_bias, dtype: $1, key: $2)
      } call: {
        [try $1($2[0], $2[1])]
      },
      drawn("lstm_cell", CellParameters.self, dtype: { $0.dtype }, inputs: 3...3) {
        try LSTMCell($0.input_size, $0.hidden_size, useBias: $0.use_bias, dtype: $1, key: $2)
      } call: {
        let (h, c) = try $1($2[0], (h: $2[1], c: $2[2]))
        return [h, c]
      },
      drawn(
        "multihead_attention", AttentionParameters.self, dtype: { $0.dtype }, inputs: 3...4
      ) {
        try attention($0, $1, $2)
      } call: {
        [try attended($0, $1, $2)]
      },
    ]
    for cell in cells { all.merge(cell) { one, _ in one } }
    all["nn_rotary_positional_embedding"] = applied(RotaryParameters.self) {
      try RotaryPositionalEmbedding($0.embedding_size, theta: $0.theta, dtype: $0.dtype.dtype)
    }
    return all
  }

  /// A layer without random weights, called with one tensor.
  private static func applied<P: ParameterSet>(
    _: P.Type, _ build: @escaping @Sendable (P) throws -> some PlainLayer
  ) -> Entry {
    called(P.self, inputs: 1...1, build) { [try $1($2[0])] }
  }

  /// `nn_<name>`, called with one tensor, and `nn_<name>_init`.
  private static func drawn<P: ParameterSet>(
    _ name: String, _: P.Type, dtype: @escaping @Sendable (P) -> DTypeName?,
    _ build: @escaping @Sendable (P, DType, Key) throws -> some PlainLayer
  ) -> [String: Entry] {
    drawn(name, P.self, dtype: dtype, inputs: 1...1, build) { [try $1($2[0])] }
  }

  private static func drawn<P: ParameterSet, L: PyTree>(
    _ name: String, _: P.Type, dtype: @escaping @Sendable (P) -> DTypeName?,
    inputs: ClosedRange<Int>, _ build: @escaping @Sendable (P, DType, Key) throws -> L,
    call: @escaping @Sendable (P, L, [Tensor]) throws -> [Tensor]
  ) -> [String: Entry] {
    [
      "nn_\(name)": called(P.self, inputs: inputs, { try build($0, .f32, Key(0)) }, call),
      "nn_\(name)_init": Entry(1...1, P.self) { p in
        {
          try build(p, dtype(p)?.dtype ?? .f32, Key(data: $0[0])).leaves.compactMap(\.tensor)
        }
      },
    ]
  }

  /// The program of a layer: its tensors, then `inputs` operands.
  private static func called<P: ParameterSet, L: PyTree>(
    _: P.Type, inputs: ClosedRange<Int>, _ build: @escaping @Sendable (P) throws -> L,
    _ call: @escaping @Sendable (P, L, [Tensor]) throws -> [Tensor]
  ) -> Entry {
    Entry(inputs.lowerBound...Int.max, P.self) { p in
      let layer = try build(p)
      let count = layer.leaves.compactMap(\.tensor).count
      return { operands in
        guard inputs.contains(operands.count - count) else {
          throw TraceError.badArgument(
            "the layer takes \(count) weights and \(inputs.lowerBound) to \(inputs.upperBound) "
              + "inputs, got \(operands.count) operands")
        }
        var weights = operands.makeIterator()
        let filled = try treeMap(tensors: layer) { weights.next() ?? $0 }
        return try call(p, filled, Array(operands.dropFirst(count)))
      }
    }
  }
}
