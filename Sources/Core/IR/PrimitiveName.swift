// A primitive's printed name and parameters: JAX's, as `makeJaxpr` shows them.

extension Primitive {
  /// The name in `jax.lax`.
  public var name: String {
    switch self {
    case .unary(let op): op.printedName
    case .integerPow: "integer_pow"
    case .polygamma: "polygamma"
    case .reducePrecision: "reduce_precision"
    case .binary(let op): op.rawValue
    case .compare(let op): op.rawValue
    case .selectN: "select_n"
    case .clamp: "clamp"
    case .convertElementType: "convert_element_type"
    case .broadcastInDim: "broadcast_in_dim"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .squeeze: "squeeze"
    case .concatenate: "concatenate"
    case .slice: "slice"
    case .rev: "rev"
    case .pad: "pad"
    case .iota: "iota"
    case .reduce(let op, _): "reduce_\(op.rawValue)"
    case .argReduce(let op, _, _): "arg\(op.rawValue)"
    case .dotGeneral: "dot_general"
    case .convGeneralDilated: "conv_general_dilated"
    case .reduceWindow(let op, _): "reduce_window_\(op.rawValue)"
    case .selectAndScatterAdd: "select_and_scatter_add"
    case .selectAndGatherAdd: "select_and_gather_add"
    case .cumulative(let op, _, _): "cum\(op.rawValue)"
    case .bitcastConvertType: "bitcast_convert_type"
    case .sort: "sort"
    case .topK: "top_k"
    case .split: "split"
    case .threefry2x32: "threefry2x32"
    case .collective(let op, _): op.name
    case .axisIndex: "axis_index"
    case .dynamicSlice: "dynamic_slice"
    case .dynamicUpdateSlice: "dynamic_update_slice"
    case .gather: "gather"
    case .scatter(.set, _): "scatter"
    case .scatter(let op, _): "scatter-\(op.rawValue)"
    case .higherOrder(let op): op.name
    }
  }

  /// The parameters in JAX's order (alphabetical) and notation; empty when there are none.
  public var parameters: [(name: String, value: String)] {
    switch self {
    case .unary(.roundAwayFromZero): [("rounding_method", "0")]
    case .unary(.roundToEven): [("rounding_method", "1")]
    case .unary, .binary, .compare, .selectN, .clamp: []
    case .integerPow(let n): [("y", "\(n)")]
    case .polygamma(let order): [("order", "\(order)")]
    case .reducePrecision(let exponentBits, let mantissaBits):
      [("exponent_bits", "\(exponentBits)"), ("mantissa_bits", "\(mantissaBits)")]
    case .convertElementType(let dtype): [("new_dtype", dtype.longName), ("weak_type", "False")]
    case .broadcastInDim(let shape, let dims):
      [("broadcast_dimensions", pythonTuple(dims)), ("shape", pythonTuple(shape))]
    case .reshape(let shape): [("dimensions", "None"), ("new_sizes", pythonTuple(shape))]
    case .transpose(let permutation): [("permutation", pythonTuple(permutation))]
    case .squeeze(let dims): [("dimensions", pythonTuple(dims))]
    case .concatenate(let dim): [("dimension", "\(dim)")]
    case .slice(let start, let limit, let strides):
      [
        ("limit_indices", pythonTuple(limit)), ("start_indices", pythonTuple(start)),
        ("strides", strides.allSatisfy { $0 == 1 } ? "None" : pythonTuple(strides)),
      ]
    case .rev(let dims): [("dimensions", pythonTuple(dims))]
    case .pad(let config):
      [("padding_config", "(" + config.map(\.printed).joined(separator: ", ") + trailing(config))]
    case .iota(let dtype, let shape, let dim):
      [("dimension", "\(dim)"), ("dtype", dtype.longName), ("shape", pythonTuple(shape))]
    case .reduce(_, let axes): [("axes", pythonTuple(axes))]
    case .argReduce(_, let axis, let dtype):
      [("axes", pythonTuple([axis])), ("index_dtype", dtype.longName)]
    case .dotGeneral(let numbers): [("dimension_numbers", numbers.printed)]
    case .convGeneralDilated(let c): c.parameters
    case .reduceWindow(_, let window): window.parameters(selection: nil, isDilated: true)
    case .selectAndScatterAdd(let selection, let window):
      window.parameters(selection: selection, isDilated: false)
    case .selectAndGatherAdd(let selection, let window):
      window.parameters(selection: selection, isDilated: true)
    case .cumulative(_, let axis, let reverse):
      [("axis", "\(axis)"), ("reverse", reverse ? "True" : "False")]
    case .bitcastConvertType(let dtype): [("new_dtype", dtype.longName)]
    case .sort(let dimension, let keys):
      [("dimension", "\(dimension)"), ("is_stable", "True"), ("num_keys", "\(keys)")]
    case .topK(let k, let axis): [("axis", "\(axis)"), ("k", "\(k)")]
    case .split(let sizes, let axis): [("axis", "\(axis)"), ("sizes", pythonTuple(sizes))]
    case .threefry2x32: []
    case .collective(let op, let axisName): op.parameters(axisName)
    case .axisIndex(let axisName): [("axis_name", axisName)]
    case .dynamicSlice(let sizes): [("slice_sizes", pythonTuple(sizes))]
    case .dynamicUpdateSlice: []
    case .gather(let parameters): parameters.printed
    case .scatter(_, let parameters): parameters.printed
    case .higherOrder(let op): op.parameters { "\($0)" }
    }
  }
}

extension Primitive: CustomStringConvertible {
  /// `name[parameter=value …]`.
  public var description: String {
    let parameters = parameters.map { "\($0.name)=\($0.value)" }
    return parameters.isEmpty ? name : "\(name)[\(parameters.joined(separator: " "))]"
  }
}

extension Unary {
  /// The name in `jax.lax`; both roundings share one.
  var printedName: String {
    switch self {
    case .roundAwayFromZero, .roundToEven: "round"
    case .neg, .sign, .floor, .ceil, .abs, .square, .sqrt, .rsqrt, .cbrt, .exp, .exp2, .expm1,
      .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
      .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite, .not, .copy,
      .stopGradient, .populationCount, .clz:
      rawValue
    }
  }
}

extension PaddingConfig {
  fileprivate var printed: String { "(\(low), \(high), \(interior))" }
}

extension DotDimensionNumbers {
  /// `(([lhs contracting], [rhs contracting]), ([lhs batch], [rhs batch]))`.
  var printed: String {
    "((\(lhsContracting), \(rhsContracting)), (\(lhsBatch), \(rhsBatch)))"
  }
}

private func trailing(_ config: [PaddingConfig]) -> String { config.count == 1 ? ",)" : ")" }
