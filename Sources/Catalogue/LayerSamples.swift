// Samples of the layers: every argument away from its default at least once, activations without
// kinks, maxima without ties.

import Core

extension Catalogue {
  /// Layers whose weights and inputs are of `dtype`; under u32 the draws of their weights.
  static func statelessSamples(_ dtype: DType) -> [Sample] {
    switch dtype {
    case .f32, .f64: LayerSamples(dtype: dtype).all
    case .u32: startSamples
    case .i32, .bool: []
    }
  }

  private static var startSamples: [Sample] {
    let key = Operand(ShapedArray(.u32, [2]), in: 0...4_294_967_295)
    let conv = """
      {"dilation":[1],"dtype":"f32","groups":2,"in_channels":4,"kernel_size":[3],"out_channels":2,\
      "padding":"SAME","padding_mode":"ZEROS","stride":[1],"use_bias":true}
      """
    let cell = #"{"dtype":"f64","hidden_size":3,"input_size":2,"use_bias":true}"#
    let starts = [
      ("linear", #"{"dtype":"f32","in_features":3,"out_features":2,"use_bias":true}"#),
      (
        "mlp",
        mlp(#""in_size":2,"out_size":"scalar""#, "relu", "identity", extra: #","dtype":"f64""#)
      ),
      ("conv", conv), ("conv_transpose", conv),
      ("embedding", #"{"dtype":"f64","embedding_size":3,"num_embeddings":2}"#),
      ("gru_cell", cell), ("lstm_cell", cell),
      ("multihead_attention", attention(extra: #","dtype":"f32""#)),
    ]
    return starts.map { name, parameters in
      Sample("nn_\(name)_init", parameters, family: "layers", [key], .none)
    }
  }

  fileprivate static func mlp(
    _ sizes: String, _ activation: String, _ final: String, depth: Int = 2, extra: String = ""
  ) -> String {
    """
    {"activation":"\(activation)","depth":\(depth),"final_activation":"\(final)",\(sizes),\
    "use_bias":true,"use_final_bias":false,"width_size":3\(extra)}
    """
  }

  fileprivate static func attention(
    process: String = "null", keySize: String = "null", bias: Bool = false, extra: String = ""
  ) -> String {
    """
    {"key_size":\(keySize),"num_heads":2,"output_size":null,"process_heads":\(process),\
    "qk_size":null,"query_size":4,"use_key_bias":\(bias),"use_output_bias":\(bias),\
    "use_query_bias":\(bias),"use_value_bias":\(bias),"value_size":null,"vo_size":3\(extra)}
    """
  }
}

/// The samples of one floating-point dtype.
private struct LayerSamples {
  let dtype: DType

  var all: [Sample] {
    dense + convolutions + transposed + pools + normalisations + sequences
  }

  private func operand(_ shape: [Int], in domain: ClosedRange<Double> = -2...2) -> Operand {
    Operand(ShapedArray(dtype, shape), in: domain)
  }

  /// Weights, then an input.
  private func sample(
    _ name: String, _ parameters: String, _ weights: [[Int]], _ inputs: [[Int]],
    weightsIn domain: ClosedRange<Double> = -1...1
  ) -> Sample {
    Sample(
      "nn_\(name)", parameters, family: "layers",
      weights.map { operand($0, in: domain) } + inputs.map { operand($0) })
  }

  private var dense: [Sample] {
    [
      sample(
        "linear", #"{"in_features":3,"out_features":2,"use_bias":true}"#, [[2, 3], [2]], [[3]]),
      sample(
        "linear", #"{"in_features":"scalar","out_features":"scalar","use_bias":false}"#, [[1, 1]],
        [[]]),
      sample(
        "mlp", Catalogue.mlp(#""in_size":2,"out_size":2"#, "tanh", "gelu"),
        [[3, 2], [3], [3, 3], [3], [2, 3]], [[2]]),
      sample(
        "mlp", Catalogue.mlp(#""in_size":"scalar","out_size":2"#, "tanh", "sigmoid", depth: 0),
        [[2, 1]], [[]]),
      sample(
        "mlp",
        Catalogue.mlp(#""in_size":2,"out_size":2,"scan":true"#, "tanh", "gelu", depth: 3),
        [[3, 2], [3], [2, 3, 3], [2, 3], [2, 3]], [[2]]),
      sample("lambda", #"{"fn":"silu"}"#, [], [[2, 3]]),
      Sample(
        "nn_prelu", #"{"shape":[3]}"#, family: "layers",
        [operand([3], in: 0.1...1), operand([2, 3], in: -2...(-0.3))]),
      Sample(
        "nn_mlp", Catalogue.mlp(#""in_size":2,"out_size":"scalar""#, "prelu", "prelu", depth: 1),
        family: "layers",
        // Positive weights and inputs: every PReLU sees a positive number.
        [[3, 2], [3], [1, 3]].map { operand($0, in: 0.2...1) }
          + [operand([1, 3]), operand([]), operand([2], in: 0.3...2)], .convention),
    ]
  }

  private func conv(
    _ channels: (Int, Int), _ kernel: [Int], stride: [Int], padding: String, dilation: [Int],
    groups: Int = 1, mode: String = "ZEROS", extra: [Int]? = nil
  ) -> String {
    let output = extra.map { ",\"output_padding\":\($0)" } ?? ""
    return """
      {"dilation":\(dilation),"groups":\(groups),"in_channels":\(channels.0),\
      "kernel_size":\(kernel),"out_channels":\(channels.1)\(output),"padding":\(padding),\
      "padding_mode":"\(mode)","stride":\(stride),"use_bias":true}
      """
  }

  private var convolutions: [Sample] {
    let modes = ["REFLECT", "REPLICATE", "CIRCULAR"].map { mode in
      sample(
        "conv",
        conv((2, 1), [3], stride: [2], padding: "[[4,3]]", dilation: [1], mode: mode),
        [[1, 2, 3], [1, 1]], [[2, 4]])
    }
    return modes + [
      sample(
        "conv", conv((2, 3), [3], stride: [2], padding: "\"SAME\"", dilation: [2]),
        [[3, 2, 3], [3, 1]], [[2, 6]]),
      sample(
        "conv",
        conv(
          (2, 4), [2, 3], stride: [1, 2], padding: "[[1,0],[0,2]]", dilation: [1, 1], groups: 2),
        [[4, 1, 2, 3], [4, 1, 1]], [[2, 3, 4]]),
      sample(
        "conv",
        conv((1, 2), [2, 1, 2], stride: [1, 1, 1], padding: "\"VALID\"", dilation: [1, 1, 2]),
        [[2, 1, 2, 1, 2], [2, 1, 1, 1]], [[1, 3, 2, 4]]),
    ]
  }

  private var transposed: [Sample] {
    [
      sample(
        "conv_transpose",
        conv((2, 3), [3], stride: [3], padding: "[[1,0]]", dilation: [1], extra: [2]),
        [[3, 2, 3], [3, 1]], [[2, 4]]),
      sample(
        "conv_transpose",
        conv(
          (2, 1), [3], stride: [2], padding: "\"SAME_LOWER\"", dilation: [2], mode: "CIRCULAR",
          extra: [0]), [[1, 2, 3], [1, 1]], [[2, 4]]),
      sample(
        "conv_transpose",
        conv(
          (2, 4), [2, 3], stride: [1, 2], padding: "\"SAME\"", dilation: [2, 1], groups: 2,
          extra: [0, 1]), [[4, 1, 2, 3], [4, 1, 1]], [[2, 3, 2]]),
      sample(
        "conv_transpose",
        conv(
          (1, 2), [2, 1, 2], stride: [1, 2, 1], padding: "\"VALID\"", dilation: [1, 1, 2],
          extra: [0, 1, 0]), [[2, 1, 2, 1, 2], [2, 1, 1, 1]], [[1, 2, 2, 2]]),
    ]
  }

  private var pools: [Sample] {
    let windows: [(String, [Int])] = [
      (#"{"kernel_size":[3],"padding":[[1,0]],"stride":[2],"use_ceil":true}"#, [2, 6]),
      (
        #"{"kernel_size":[2,3],"padding":[[1,0],[0,1]],"stride":[2,1],"use_ceil":false}"#,
        [1, 4, 5]
      ),
      (
        #"{"kernel_size":[2,1,2],"padding":[[0,0],[0,0],[0,1]],"stride":[1,2,2],"use_ceil":false}"#,
        [1, 3, 3, 3]
      ),
    ]
    let targets: [(String, [Int])] = [
      (#"{"target_shape":[4]}"#, [2, 6]), (#"{"target_shape":[2,3]}"#, [1, 5, 3]),
      (#"{"target_shape":[2,1,2]}"#, [1, 3, 2, 2]),
    ]
    return [
      ("avg_pool", windows), ("max_pool", windows), ("adaptive_avg_pool", targets),
      ("adaptive_max_pool", targets),
    ].flatMap { name, forms in
      forms.map { parameters, shape in
        Sample(
          "nn_\(name)", parameters, family: "layers",
          [Operand(ShapedArray(dtype, shape), isDistinct: true)])
      }
    }
  }

  private var normalisations: [Sample] {
    let whole = #"{"eps":0.01,"shape":[2,3],"use_bias":true,"use_weight":true}"#
    return [
      sample("layer_norm", whole, [[2, 3], [2, 3]], [[2, 3]]),
      sample("rms_norm", whole, [[2, 3], [2, 3]], [[2, 3]]),
      sample(
        "group_norm", #"{"channels":4,"channelwise_affine":true,"eps":0.01,"groups":2}"#,
        [[4], [4]], [[4, 3]]),
      sample(
        "weight_norm", #"{"axis":0,"in_features":3,"kernel_size":[],"out_features":2}"#,
        [[2, 3], [2], [2, 1]], [[3]], weightsIn: 0.2...1.5),
      sample(
        "weight_norm", #"{"axis":null,"in_features":1,"kernel_size":[2],"out_features":2}"#,
        [[2, 1, 2], [2, 1], [1, 1, 1]], [[1, 3]], weightsIn: 0.2...1.5),
    ]
  }

  private var sequences: [Sample] {
    let cell = #"{"hidden_size":3,"input_size":2,"use_bias":true}"#
    let mask = Operand(ShapedArray(.bool, [2, 2, 3]), in: 0...1)
    return [
      Sample(
        "nn_embedding", #"{"embedding_size":3,"num_embeddings":4}"#, family: "layers",
        [operand([4, 3]), Operand(ShapedArray(.i32), in: -6...6)]),
      sample(
        "rotary_positional_embedding", #"{"dtype":"f64","embedding_size":4,"theta":100}"#, [],
        [[3, 4]]),
      sample("gru_cell", cell, [[9, 2], [9, 3], [9], [3]], [[2], [3]]),
      sample("lstm_cell", cell, [[12, 2], [12, 3], [12]], [[2], [3], [3]]),
      sample(
        "multihead_attention", Catalogue.attention(process: "\"rope\"", keySize: "3", bias: true),
        [[4, 4], [4], [4, 3], [4], [6, 4], [6], [4, 6], [4]], [[2, 4], [3, 3], [3, 4]]),
      Sample(
        "nn_multihead_attention", Catalogue.attention(), family: "layers",
        [[4, 4], [4, 4], [6, 4], [4, 6]].map { operand($0, in: -1...1) }
          + [[2, 4], [3, 4], [3, 4]].map { operand($0) } + [mask]),
    ]
  }
}
