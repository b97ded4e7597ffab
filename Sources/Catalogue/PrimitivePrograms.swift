// The programs of primitives.h5: one primitive each, parameters as lax names them.
//
// Two names are ours beside those of the table: `add_any` and `polygamma`, which only derivatives
// use.

import Core

extension Catalogue {
  static let primitiveEntries: [String: Entry] = {
    var all = elementwiseEntries
    for op in Reduction.allCases {
      all["reduce_\(op.rawValue)"] = Entry(AxesParameter.self) { .reduce(op, axes: $0.axes) }
    }
    for op in ArgReduction.allCases {
      all["arg\(op.rawValue)"] = Entry(ArgReduceParameters.self) {
        .argReduce(op, axis: $0.axis, indexDType: $0.index_dtype.dtype)
      }
    }
    all.merge(windowEntries) { one, _ in one }
    for op in Cumulative.allCases {
      all["cum\(op.rawValue)"] = Entry(CumulativeParameters.self) {
        .cumulative(op, axis: $0.axis, reverse: $0.reverse)
      }
    }
    return all.merging(structuralEntries) { one, _ in one }
      .merging(orderEntries) { one, _ in one }
  }()

  private static var elementwiseEntries: [String: Entry] {
    var all: [String: Entry] = [:]
    for op in Unary.allCases { all[op.rawValue] = Entry(1) { try bind1(.unary(op), $0) } }
    for rounding in [Unary.roundToEven, .roundAwayFromZero] { all[rounding.rawValue] = nil }
    for op in Binary.allCases { all[op.rawValue] = Entry(2) { try bind1(.binary(op), $0) } }
    for op in Comparison.allCases { all[op.rawValue] = Entry(2) { try bind1(.compare(op), $0) } }
    all["pow"] = Entry(2) { try pow($0[0], $0[1].asType($0[0].dtype)) }
    all["round"] = Entry(1...1, RoundingMethod.self) { parameters in
      let op: Unary = parameters.rounding_method == 0 ? .roundAwayFromZero : .roundToEven
      return { [try bind1(.unary(op), $0)] }
    }
    all["integer_pow"] = Entry(ExponentParameter.self) { .integerPow($0.y) }
    all["polygamma"] = Entry(OrderParameter.self) { .polygamma(order: $0.order) }
    all["reduce_precision"] = Entry(PrecisionParameters.self) {
      .reducePrecision(exponentBits: $0.exponent_bits, mantissaBits: $0.mantissa_bits)
    }
    all["convert_element_type"] = Entry(NewDType.self) { .convertElementType($0.new_dtype.dtype) }
    all["clamp"] = Entry(3) { try bind1(.clamp, $0) }
    all["select_n"] = Entry(2...Int.max, NoParameters.self) { _ in { try bind(.selectN, $0) } }
    return all
  }

  private static var structuralEntries: [String: Entry] {
    [
      "broadcast_in_dim": Entry(BroadcastParameters.self) {
        .broadcastInDim(shape: $0.shape, dims: $0.broadcast_dimensions)
      },
      "reshape": Entry(NewSizes.self) { .reshape($0.new_sizes) },
      "transpose": Entry(Permutation.self) { .transpose($0.permutation) },
      "squeeze": Entry(Dimensions.self) { .squeeze($0.dimensions) },
      "concatenate": Entry(Dimension.self, arity: 1...Int.max) { .concatenate($0.dimension) },
      "slice": Entry(SliceParameters.self) {
        .slice(start: $0.start_indices, limit: $0.limit_indices, strides: $0.strides)
      },
      "rev": Entry(Dimensions.self) { .rev($0.dimensions) },
      "pad": Entry(PaddingParameters.self, arity: 2...2) { .pad(try $0.configuration()) },
      "iota": Entry(IotaParameters.self, arity: 0...0) {
        .iota($0.dtype.dtype, shape: $0.shape, dim: $0.dimension)
      },
      "dot_general": Entry(DotParameters.self, arity: 2...2) { .dotGeneral(try $0.numbers()) },
    ]
  }
}

extension Catalogue {
  private static var orderEntries: [String: Entry] {
    [
      "sort": Entry(SortParameters.self, arity: 1...Int.max) {
        .sort(dimension: $0.dimension, numKeys: $0.num_keys)
      },
      "top_k": Entry(TopKParameters.self) { .topK($0.k, axis: $0.axis) },
      "split": Entry(SplitParameters.self) { .split(sizes: $0.sizes, axis: $0.axis) },
      "bitcast_convert_type": Entry(NewDType.self) { .bitcastConvertType($0.new_dtype.dtype) },
      "threefry2x32": Entry(NoParameters.self, arity: 4...4) { _ in .threefry2x32 },
    ]
  }
}

extension Entry {
  /// One primitive with its parameters.
  init<P: ParameterSet>(
    _: P.Type, arity: ClosedRange<Int> = 1...1,
    _ primitive: @escaping @Sendable (P) throws -> Primitive
  ) {
    self.init(arity, P.self) { parameters in
      let primitive = try primitive(parameters)
      return { try bind(primitive, $0) }
    }
  }
}

extension PaddingParameters {
  func configuration() throws -> [PaddingConfig] {
    try padding_config.map { axis in
      guard axis.count == 3 else {
        throw CatalogueError(
          program: "pad", message: "padding_config needs [low, high, interior], got \(axis)")
      }
      return PaddingConfig(axis[0], axis[1], axis[2])
    }
  }
}

extension DotParameters {
  func numbers() throws -> DotDimensionNumbers {
    guard dimension_numbers.count == 2, dimension_numbers.allSatisfy({ $0.count == 2 }) else {
      throw CatalogueError(
        program: "dot_general",
        message: "dimension_numbers needs [[[…],[…]],[[…],[…]]], got \(dimension_numbers)")
    }
    let (contracting, batch) = (dimension_numbers[0], dimension_numbers[1])
    return DotDimensionNumbers(
      contracting: (contracting[0], contracting[1]), batch: (batch[0], batch[1]))
  }
}
