// Layers from the parameters of nn.h5: the type with the number of axes in its name, where there is
// one, so that goldens reach all of them.

import Core
import NN
import Random
import Tree

/// A unary module of a type known when it is made.
struct BuiltLayer: PlainLayer {
  var activation: AnyActivation

  init(_ module: some PlainLayer) { activation = AnyActivation(module) }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try activation.module(x) }

  mutating func visitFields(_ visitor: FieldVisitor) { activation.visitFields(visitor) }
}

func perceptron(_ p: MLPParameters, _ dtype: DType, _ key: Key) throws -> MLP {
  let activations = [p.activation, p.final_activation].map {
    $0.function.map { BuiltLayer($0) } ?? BuiltLayer(PReLU())
  }
  return try MLP(
    p.in_size, p.out_size, widthSize: p.width_size, depth: p.depth, activation: activations[0],
    finalActivation: activations[1], useBias: p.use_bias, useFinalBias: p.use_final_bias,
    dtype: dtype, scan: p.scan ?? false, atDepthZero: .appliesFinalActivation, key: key)
}

func convolution(_ p: ConvLayerParameters, _ dtype: DType, _ key: Key) throws -> BuiltLayer {
  let mode = try PaddingMode(named: p.padding_mode)
  switch p.kernel_size.count {
  case 1:
    return BuiltLayer(
      try Conv1d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, dilation: p.dilation, groups: p.groups, useBias: p.use_bias,
        paddingMode: mode, dtype: dtype, key: key))
  case 2:
    return BuiltLayer(
      try Conv2d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, dilation: p.dilation, groups: p.groups, useBias: p.use_bias,
        paddingMode: mode, dtype: dtype, key: key))
  case 3:
    return BuiltLayer(
      try Conv3d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, dilation: p.dilation, groups: p.groups, useBias: p.use_bias,
        paddingMode: mode, dtype: dtype, key: key))
  case let dims:
    return BuiltLayer(
      try Conv(
        dims, p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, dilation: p.dilation, groups: p.groups, useBias: p.use_bias,
        paddingMode: mode, dtype: dtype, key: key))
  }
}

func transposedConvolution(
  _ p: ConvLayerParameters, _ dtype: DType, _ key: Key
) throws -> BuiltLayer {
  let mode = try PaddingMode(named: p.padding_mode)
  let extra = p.output_padding ?? p.kernel_size.map { _ in 0 }
  switch p.kernel_size.count {
  case 1:
    return BuiltLayer(
      try ConvTranspose1d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, outputPadding: extra, dilation: p.dilation, groups: p.groups,
        useBias: p.use_bias, paddingMode: mode, dtype: dtype, key: key))
  case 2:
    return BuiltLayer(
      try ConvTranspose2d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, outputPadding: extra, dilation: p.dilation, groups: p.groups,
        useBias: p.use_bias, paddingMode: mode, dtype: dtype, key: key))
  case 3:
    return BuiltLayer(
      try ConvTranspose3d(
        p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, outputPadding: extra, dilation: p.dilation, groups: p.groups,
        useBias: p.use_bias, paddingMode: mode, dtype: dtype, key: key))
  case let dims:
    return BuiltLayer(
      try ConvTranspose(
        dims, p.in_channels, p.out_channels, kernelSize: p.kernel_size, stride: p.stride,
        padding: p.padding, outputPadding: extra, dilation: p.dilation, groups: p.groups,
        useBias: p.use_bias, paddingMode: mode, dtype: dtype, key: key))
  }
}

private func unsupportedRank(_ dims: Int) -> TraceError {
  .badArgument("a pool has one to three spatial axes, got \(dims)")
}

func averagePool(_ p: PoolParameters) throws -> BuiltLayer {
  let geometry = try poolGeometry(p)
  switch p.kernel_size.count {
  case 1: return BuiltLayer(AvgPool1d(geometry: geometry))
  case 2: return BuiltLayer(AvgPool2d(geometry: geometry))
  case 3: return BuiltLayer(AvgPool3d(geometry: geometry))
  case let dims: throw unsupportedRank(dims)
  }
}

func maximumPool(_ p: PoolParameters) throws -> BuiltLayer {
  let geometry = try poolGeometry(p)
  switch p.kernel_size.count {
  case 1: return BuiltLayer(MaxPool1d(geometry: geometry))
  case 2: return BuiltLayer(MaxPool2d(geometry: geometry))
  case 3: return BuiltLayer(MaxPool3d(geometry: geometry))
  case let dims: throw unsupportedRank(dims)
  }
}

private func poolGeometry(_ p: PoolParameters) throws -> PoolGeometry {
  try PoolGeometry(
    spatialDims: p.kernel_size.count, kernelSize: p.kernel_size, stride: p.stride,
    padding: p.padding, useCeil: p.use_ceil)
}

func adaptiveAverage(_ target: [Int]) throws -> BuiltLayer {
  switch target.count {
  case 1: return BuiltLayer(try AdaptiveAvgPool1d(target))
  case 2: return BuiltLayer(try AdaptiveAvgPool2d(target))
  case 3: return BuiltLayer(try AdaptiveAvgPool3d(target))
  case let dims: throw unsupportedRank(dims)
  }
}

func adaptiveMaximum(_ target: [Int]) throws -> BuiltLayer {
  switch target.count {
  case 1: return BuiltLayer(try AdaptiveMaxPool1d(target))
  case 2: return BuiltLayer(try AdaptiveMaxPool2d(target))
  case 3: return BuiltLayer(try AdaptiveMaxPool3d(target))
  case let dims: throw unsupportedRank(dims)
  }
}

func weightNorm(_ p: WeightNormParameters) throws -> BuiltLayer {
  if p.kernel_size.isEmpty {
    return BuiltLayer(
      try WeightNorm(Linear(p.in_features, p.out_features, key: Key(0)), axis: p.axis))
  }
  return BuiltLayer(
    try WeightNorm(
      Conv(
        p.kernel_size.count, p.in_features, p.out_features, kernelSize: p.kernel_size, key: Key(0)),
      axis: p.axis))
}

func attention(
  _ p: AttentionParameters, _ dtype: DType, _ key: Key
) throws -> MultiheadAttention {
  try MultiheadAttention(
    numHeads: p.num_heads, querySize: p.query_size, keySize: p.key_size, valueSize: p.value_size,
    outputSize: p.output_size, qkSize: p.qk_size, voSize: p.vo_size, useQueryBias: p.use_query_bias,
    useKeyBias: p.use_key_bias, useValueBias: p.use_value_bias, useOutputBias: p.use_output_bias,
    dtype: dtype, key: key)
}

/// Attention to query, key, value and, as a fourth operand, a mask.
func attended(
  _ p: AttentionParameters, _ layer: MultiheadAttention, _ x: [Tensor]
) throws -> Tensor {
  guard let name = p.process_heads else {
    return try layer(x[0], x[1], x[2], mask: x.dropFirst(3).first)
  }
  guard name == "rope" else {
    throw TraceError.badArgument("no processing of heads is named \(name)")
  }
  return try layer(
    x[0], x[1], x[2], mask: x.dropFirst(3).first,
    processHeads: { query, key, value in
      let size = query.shape[2]
      let turn = try RotaryPositionalEmbedding(size, dtype: query.dtype)
      let each = vmap({ [try turn($0[0])] }, inAxes: [1], outAxes: [1])
      return (try each([query])[0], try each([key])[0], value)
    })
}
