// The parameters of the programs of nn.h5: the arguments of the layers' initialisers under Equinox's
// names. `dtype` is that of the weights, for the programs that draw them.

import Core
import NN
import Tree

/// A size: a whole number, or "scalar".
struct FeatureSize: Decodable, FeatureCount {
  let features: Features

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let count = try? container.decode(Int.self) {
      features = .count(count)
    } else if try container.decode(String.self) == "scalar" {
      features = .single
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a size")
    }
  }
}

/// A padding: a name, or a pair for each axis.
struct PaddingParameter: Decodable, Sendable, PaddingArgument {
  let name: String?
  let pairs: [[Int]]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    name = try? container.decode(String.self)
    pairs = try name == nil ? container.decode([[Int]].self) : []
    guard pairs.allSatisfy({ $0.count == 2 }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a padding")
    }
  }

  func padding(_ count: Int) throws -> WindowPadding {
    try name?.padding(count) ?? pairs.map { EdgePadding($0[0], $0[1]) }.padding(count)
  }
}

/// An activation by its name in JAX, or `prelu`.
struct ActivationName: Decodable, Sendable {
  let function: Tree.Function?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let known: [Tree.Function] = [
      .relu, .gelu, .silu, .softplus, .sigmoid, .tanh, .identity,
    ]
    let name = try container.decode(String.self)
    function = known.first { $0.name == name }
    guard function != nil || name == "prelu" else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no activation")
    }
  }
}

struct LinearParameters: ParameterSet {
  static let keys: Set = ["dtype", "in_features", "out_features", "use_bias"]
  let dtype: DTypeName?
  let in_features: FeatureSize
  let out_features: FeatureSize
  let use_bias: Bool
}

struct MLPParameters: ParameterSet {
  static let keys: Set = [
    "activation", "depth", "dtype", "final_activation", "in_size", "out_size", "scan", "use_bias",
    "use_final_bias", "width_size",
  ]
  let activation: ActivationName
  let depth: Int
  let dtype: DTypeName?
  let final_activation: ActivationName
  let in_size: FeatureSize
  let out_size: FeatureSize
  /// Absent where the layers are a list.
  let scan: Bool?
  let use_bias: Bool
  let use_final_bias: Bool
  let width_size: Int
}

struct ConvLayerParameters: ParameterSet {
  static let keys: Set = [
    "dilation", "dtype", "groups", "in_channels", "kernel_size", "out_channels", "output_padding",
    "padding", "padding_mode", "stride", "use_bias",
  ]
  let dilation: [Int]
  let dtype: DTypeName?
  let groups: Int
  let in_channels: Int
  let kernel_size: [Int]
  let out_channels: Int
  /// Of a transposed convolution only.
  let output_padding: [Int]?
  let padding: PaddingParameter
  let padding_mode: String
  let stride: [Int]
  let use_bias: Bool
}

struct PoolParameters: ParameterSet {
  static let keys: Set = ["kernel_size", "padding", "stride", "use_ceil"]
  let kernel_size: [Int]
  let padding: PaddingParameter
  let stride: [Int]
  let use_ceil: Bool
}

struct TargetShape: ParameterSet {
  static let keys: Set = ["target_shape"]
  let target_shape: [Int]
}

struct LayerNormParameters: ParameterSet {
  static let keys: Set = ["eps", "shape", "use_bias", "use_weight"]
  let eps: Double
  let shape: [Int]
  let use_bias: Bool
  let use_weight: Bool
}

struct GroupNormParameters: ParameterSet {
  static let keys: Set = ["channels", "channelwise_affine", "eps", "groups"]
  let channels: Int?
  let channelwise_affine: Bool
  let eps: Double
  let groups: Int
}

struct WeightNormParameters: ParameterSet {
  static let keys: Set = ["axis", "in_features", "kernel_size", "out_features"]
  let axis: Int?
  let in_features: Int
  /// Empty for a Linear.
  let kernel_size: [Int]
  let out_features: Int
}

struct EmbeddingParameters: ParameterSet {
  static let keys: Set = ["dtype", "embedding_size", "num_embeddings"]
  let dtype: DTypeName?
  let embedding_size: Int
  let num_embeddings: Int
}

struct RotaryParameters: ParameterSet {
  static let keys: Set = ["dtype", "embedding_size", "theta"]
  /// That of the angles' cosines.
  let dtype: DTypeName
  let embedding_size: Int
  let theta: Double
}

struct CellParameters: ParameterSet {
  static let keys: Set = ["dtype", "hidden_size", "input_size", "use_bias"]
  let dtype: DTypeName?
  let hidden_size: Int
  let input_size: Int
  let use_bias: Bool
}

struct AttentionParameters: ParameterSet {
  static let keys: Set = [
    "dtype", "key_size", "num_heads", "output_size", "process_heads", "qk_size", "query_size",
    "use_key_bias", "use_output_bias", "use_query_bias", "use_value_bias", "value_size", "vo_size",
  ]
  let dtype: DTypeName?
  let key_size: Int?
  let num_heads: Int
  let output_size: Int?
  /// `rope`: rotary embeddings of queries and keys.
  let process_heads: String?
  let qk_size: Int?
  let query_size: Int
  let use_key_bias: Bool
  let use_output_bias: Bool
  let use_query_bias: Bool
  let use_value_bias: Bool
  let value_size: Int?
  let vo_size: Int?
}

struct SlopeShape: ParameterSet {
  static let keys: Set = ["shape"]
  let shape: [Int]
}

struct LambdaParameters: ParameterSet {
  static let keys: Set = ["fn"]
  let fn: ActivationName
}
