// At least one sample of every primitive: a new case of `Primitive`, `Unary`, `Binary`, … stops
// the build here until it has one.
//
// Extents are unequal, so that a transposed result does not fit; domains keep away from kinks,
// poles and edges, so that the derivative is the limit of differences.

import Core

extension Primitive {
  /// One primitive of each kind that has samples of `dtype`.
  static func representatives(_ dtype: DType) -> [Primitive] {
    let elementwise =
      Unary.allCases.map(Primitive.unary) + Binary.allCases.map(Primitive.binary)
      + Comparison.allCases.map(Primitive.compare)
    let window = Window([])
    let windowed =
      [Primitive.convGeneralDilated(.empty)]
      + WindowReduction.allCases.map { Primitive.reduceWindow($0, window) }
      + Selection.allCases.flatMap {
        [Primitive.selectAndScatterAdd($0, window), .selectAndGatherAdd($0, window)]
      }
    let reductions =
      Reduction.allCases.map { Primitive.reduce($0, axes: []) }
      + ArgReduction.allCases.map { Primitive.argReduce($0, axis: 0, indexDType: .i32) }
    let cumulative = Cumulative.allCases.map { Primitive.cumulative($0, axis: 0, reverse: false) }
    return elementwise + reductions + windowed + cumulative + [
      .integerPow(2), .polygamma(order: 1), .reducePrecision(exponentBits: 8, mantissaBits: 7),
      .selectN, .clamp, .convertElementType(dtype),
      .broadcastInDim(shape: [], dims: []), .reshape([]), .transpose([]), .squeeze([]),
      .concatenate(0), .slice(start: [], limit: [], strides: []), .rev([]), .pad([]),
      .iota(dtype, shape: [1], dim: 0), .dotGeneral(DotDimensionNumbers(contracting: ([], []))),
      .sort(dimension: 0, numKeys: 1), .topK(1, axis: 0), .split(sizes: [], axis: 0), .threefry2x32,
      .bitcastConvertType(dtype), .higherOrder(.cond(branches: [])),
      .collective(.psum, axisName: ""), .collective(.pmax, axisName: ""),
      .collective(.pmin, axisName: ""), .axisIndex(axisName: ""),
      .collective(.allGather(axis: 0, size: 1, tiled: false), axisName: ""),
      .collective(.reduceScatter(axis: 0, size: 1, tiled: false), axisName: ""),
      .collective(.ppermute([]), axisName: ""),
      .dynamicSlice(sizes: []), .dynamicUpdateSlice,
      .gather(
        GatherParameters(
          GatherDimensionNumbers(offsetDims: [], collapsedSliceDims: [], startIndexMap: []),
          sliceSizes: [], mode: .clip)),
    ] + ScatterCombination.allCases.map { .scatter($0, .singleElement) }
  }
}

extension Catalogue {
  /// The samples of the kind of `primitive`, whatever its parameters.
  static func primitiveSamples(_ primitive: Primitive, _ dtype: DType) -> [Sample] {
    switch primitive {
    case .unary(let op): unarySamples(op, dtype)
    case .binary(let op): binarySamples(op, dtype)
    case .compare(let op): comparisonSamples(op, dtype)
    case .integerPow: integerPowSamples(dtype)
    case .polygamma: polygammaSamples(dtype)
    case .reducePrecision: precisionSamples(dtype)
    case .selectN: selectSamples(dtype)
    case .clamp: clampSamples(dtype)
    case .convertElementType: conversionSamples(dtype)
    case .broadcastInDim, .reshape, .transpose, .squeeze, .concatenate, .slice, .rev, .pad, .iota:
      structuralSamples(primitive, dtype)
    case .reduce(let op, _): reductionSamples(op, dtype)
    case .argReduce(let op, _, _): argReductionSamples(op, dtype)
    case .dotGeneral: contractionSamples(dtype)
    case .convGeneralDilated: convolutionSamples(dtype)
    case .reduceWindow(let op, _): windowSamples(op, dtype)
    case .selectAndScatterAdd(let selection, _): scatterSelectedSamples(selection, dtype)
    case .selectAndGatherAdd(let selection, _): gatherSelectedSamples(selection, dtype)
    case .collective(.psum, _): collectiveSamples(["center", "psum_square", "size_scale"], dtype)
    case .collective(.pmax, _): collectiveSamples(["axis_softmax"], dtype)
    case .collective(.pmin, _):
      collectiveSamples(["pmin_shift"], dtype, [[5], [4, 3]], .convention)
    case .collective(.allGather, _):
      collectiveSamples(["gather_weighted", "gather_last", "gather_constant"], dtype)
        + collectiveSamples(["gather_tiled", "nested_gather"], dtype, [[4, 3]])
    case .collective(.reduceScatter, _):
      collectiveSamples(["scatter"], dtype) + collectiveSamples(["scatter_tiled"], dtype, [[4, 3]])
    case .collective(.ppermute, _):
      collectiveSamples(["rotate"], dtype) + collectiveSamples(["nested_rotate"], dtype, [[4, 3]])
    case .axisIndex: collectiveSamples(["index_scale"], dtype)
    case .cumulative(let op, _, _): cumulativeSamples(op, dtype)
    case .bitcastConvertType: bitcastSamples(dtype)
    case .sort: sortSamples(dtype)
    case .topK: topKSamples(dtype)
    case .split: splitSamples(dtype)
    case .threefry2x32: threefrySamples(dtype)
    case .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter: indexingSamples(primitive, dtype)
    case .higherOrder: controlSamples(dtype)
    }
  }

  private static func collectiveSamples(
    _ functions: [String], _ dtype: DType, _ shapes: [[Int]] = [[5], [4, 3]],
    _ derivative: Sample.Derivative = .smooth
  ) -> [Sample] {
    guard dtype.isInexact else { return [] }
    return functions.flatMap { function in
      shapes.map { shape in
        Sample(
          "vmap_axis", #"{"function":"\#(function)"}"#, family: "collective",
          [Operand(ShapedArray(dtype, shape))], derivative)
      }
    }
  }

  private static func integerPowSamples(_ dtype: DType) -> [Sample] {
    switch dtype {
    case .f32, .f64:
      [-3, -1, 0, 1, 2, 3, 7].map { n in
        let domain = n < 0 ? 0.5...2 : -1.5...1.5
        return Sample(
          "integer_pow", #"{"y":\#(n)}"#, family: "unary",
          [Operand(ShapedArray(dtype, [3, 2]), in: domain)], n == 0 ? .zero : .smooth)
      }
    case .i32, .u32:
      [Sample("integer_pow", #"{"y":3}"#, family: "integer", [whole(dtype, [3, 2])], .none)]
    case .bool: []
    }
  }

  private static func polygammaSamples(_ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    return [1, 2].map { order in
      Sample(
        "polygamma", #"{"order":\#(order)}"#, family: "unary",
        [Operand(ShapedArray(dtype, [2, 3]), in: 0.4...5)])
    }
  }

  /// The directions of the laws have ten bits behind the point, and their sums one more: sixteen hold
  /// them, where rounding is linear.
  private static func precisionSamples(_ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    return [(8, 16), (5, 17)].map { exponentBits, mantissaBits in
      Sample(
        "reduce_precision",
        #"{"exponent_bits":\#(exponentBits),"mantissa_bits":\#(mantissaBits)}"#, family: "unary",
        [Operand(ShapedArray(dtype, [3, 4]))], .convention)
    }
  }

  private static func argReductionSamples(_ op: ArgReduction, _ dtype: DType) -> [Sample] {
    [0, 1].map { axis in
      Sample(
        "arg\(op.rawValue)", #"{"axis":\#(axis),"index_dtype":"i32"}"#, family: "reduction",
        [dtype.isInexact ? Operand(ShapedArray(dtype, [4, 3])) : whole(dtype, [4, 3])], .none)
    }
  }

  private static func comparisonSamples(_ op: Comparison, _ dtype: DType) -> [Sample] {
    switch dtype {
    case .f32, .f64:
      // The domain holds 21 decimals, so that some pairs are equal.
      return [[2, 40], []].map { shape in
        let x = Operand(ShapedArray(dtype, [2, 40]), in: 0...0.02)
        let y = Operand(ShapedArray(dtype, shape), in: 0...0.02)
        return Sample(op.rawValue, family: "comparison", [x, y], .none)
      }
    case .i32, .u32, .bool:
      return [
        Sample(
          op.rawValue, family: "integer", [whole(dtype, [3, 4]), whole(dtype, [3, 4])], .none)
      ]
    }
  }
}

/// Small whole numbers, or truth values.
func whole(_ dtype: DType, _ shape: [Int]) -> Operand {
  switch dtype {
  case .f32, .f64, .i32: Operand(ShapedArray(dtype, shape), in: -4...4)
  case .u32: Operand(ShapedArray(dtype, shape), in: 0...7)
  case .bool: Operand(ShapedArray(dtype, shape), in: 0...1)
  }
}
