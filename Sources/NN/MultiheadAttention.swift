// MultiheadAttention: softmax(Q Kᵀ / √d) V, head by head.
//
// Where a mask is false the logit is the dtype's lowest number, not −∞: a query that may look at
// nothing looks at everything alike. Weights of a head are dropped, not its result. Corresponds to
// equinox/nn/_attention.py.

public import Core
public import Random
public import Tree

/// Attention of `query: [q, querySize]` to `key: [kv, keySize]` and `value: [kv, valueSize]`:
/// `[q, outputSize]`.
public struct MultiheadAttention: Module {
  /// Takes the heads of queries, keys and values, each `[sequence, heads, size]`, and gives them back
  /// changed, with the same shapes: a rotary embedding, say.
  public typealias ProcessHeads = (Tensor, Tensor, Tensor) throws -> (Tensor, Tensor, Tensor)

  /// `querySize` → heads · `qkSize`
  public var queryProjection: Linear
  /// `keySize` → heads · `qkSize`
  public var keyProjection: Linear
  /// `valueSize` → heads · `voSize`
  public var valueProjection: Linear
  /// heads · `voSize` → `outputSize`
  public var outputProjection: Linear
  /// What drops weights in training.
  public var dropout: Dropout
  /// The number of heads.
  public let numHeads: Int

  /// Projections drawn from four parts of `key`; sizes left out are `querySize`, or its share of a head.
  public init(
    numHeads: Int, querySize: Int, keySize: Int? = nil, valueSize: Int? = nil,
    outputSize: Int? = nil, qkSize: Int? = nil, voSize: Int? = nil, useQueryBias: Bool = false,
    useKeyBias: Bool = false, useValueBias: Bool = false, useOutputBias: Bool = false,
    dropoutP: Double = 0, inference: Bool = false, dtype: DType = .f32, key: Key
  ) throws {
    try demand(numHeads > 0, "attention needs at least one head, got \(numHeads)")
    let keys = try key.split(4)
    let share = querySize / numHeads
    let (qk, vo) = (numHeads * (qkSize ?? share), numHeads * (voSize ?? share))
    try self.init(
      numHeads: numHeads,
      query: Linear(querySize, qk, useBias: useQueryBias, dtype: dtype, key: keys[0]),
      key: Linear(keySize ?? querySize, qk, useBias: useKeyBias, dtype: dtype, key: keys[1]),
      value: Linear(valueSize ?? querySize, vo, useBias: useValueBias, dtype: dtype, key: keys[2]),
      output: Linear(
        vo, outputSize ?? querySize, useBias: useOutputBias, dtype: dtype, key: keys[3]),
      dropout: Dropout(.number(dropoutP), inference: inference))
  }

  /// The layer of these projections.
  public init(
    numHeads: Int, query: Linear, key: Linear, value: Linear, output: Linear,
    dropout: Dropout = Dropout(0)
  ) throws {
    try demand(
      numHeads > 0
        && [query, key, value].allSatisfy { $0.outFeatures.width % numHeads == 0 },
      "the projections of attention must divide into \(numHeads) heads")
    (queryProjection, keyProjection) = (query, key)
    (valueProjection, outputProjection) = (value, output)
    (self.dropout, self.numHeads) = (dropout, numHeads)
  }

  /// `query: [q, querySize]`, `key: [kv, keySize]`, `value: [kv, valueSize]` → `[q, outputSize]`.
  ///
  /// - Parameters:
  ///   - mask: `bool[q, kv]`, or `bool[heads, q, kv]`: true where a query may look.
  ///   - randomKey: where the dropped weights come from; needed in training if any are dropped.
  ///   - inference: in the place of the field, if given.
  ///   - processHeads: a function of the heads after the projections.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, randomKey: Key? = nil,
    inference: Bool? = nil, processHeads: ProcessHeads? = nil
  ) throws -> Tensor {
    try demandInput(
      [query, key, value].allSatisfy { $0.rank == 2 },
      "attention takes matrices (sequence, size), got \(query.aval), \(key.aval), \(value.aval)")
    try demandInput(
      key.shape[0] == value.shape[0],
      "key and value must both be sequences of equal length.")
    var heads = (
      try heads(queryProjection, query), try heads(keyProjection, key),
      try heads(valueProjection, value)
    )
    if let processHeads { heads = try processed(heads, processHeads) }
    let attended = try attend(heads, mask, randomKey, inference)
    let joined = try reshape(attended, [query.shape[0], attended.shape[1] * attended.shape[2]])
    return try vmap(outputProjection.callAsFunction)(joined)
  }

  /// `x: [sequence, size]` → `[sequence, heads, size of a head]`.
  private func heads(_ projection: Linear, _ x: Tensor) throws -> Tensor {
    try reshape(
      vmap(projection.callAsFunction)(x),
      [x.shape[0], numHeads, projection.outFeatures.width / numHeads])
  }

  private func processed(
    _ heads: (Tensor, Tensor, Tensor), _ process: ProcessHeads
  ) throws -> (Tensor, Tensor, Tensor) {
    let new = try process(heads.0, heads.1, heads.2)
    try demandInput(
      new.0.shape == heads.0.shape && new.1.shape == heads.1.shape && new.2.shape == heads.2.shape,
      "process_heads must not change the shape of the heads.")
    return new
  }

  /// Every head by itself, with a mask and a key of its own where they are given so.
  private func attend(
    _ heads: (Tensor, Tensor, Tensor), _ mask: Tensor?, _ key: Key?, _ inference: Bool?
  ) throws -> Tensor {
    var (operands, axes) = ([heads.0, heads.1, heads.2], [1, 1, 1])
    let maskIsMapped = mask?.rank == 3
    if let mask, maskIsMapped {
      operands.append(mask)
      axes.append(0)
    }
    if let words = try key?.keys([numHeads]) {
      operands.append(words)
      axes.append(0)
    }
    return try vmap(
      { [dropout] x in
        let one = key == nil ? nil : Key(data: x[x.count - 1])
        return [
          try dotProductAttention(
            x[0], x[1], x[2], mask: maskIsMapped ? x[3] : mask,
            dropping: { try dropout($0, key: one, inference: inference) })
        ]
      }, inAxes: axes, outAxes: [1])(operands)[0]
  }

  /// Leaves: those of the projections, then those of the dropout.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("queryProjection", &queryProjection)
    visitor.field("keyProjection", &keyProjection)
    visitor.field("valueProjection", &valueProjection)
    visitor.field("outputProjection", &outputProjection)
    visitor.field("dropout", &dropout)
    visitor.constant("numHeads", numHeads)
  }
}

/// softmax(Q Kᵀ / √d), masked: `query: [q, d]`, `key: [kv, d]` → `[q, kv]`.
public func dotProductAttentionWeights(
  _ query: Tensor, _ key: Tensor, mask: Tensor? = nil
) throws -> Tensor {
  let scaled = try query / Double(query.shape[query.rank - 1]).squareRoot()
  var logits = try dotGeneral(scaled, key, DotDimensionNumbers(contracting: ([1], [1])))
  if let mask {
    try demandInput(
      mask.shape == logits.shape,
      "mask must have shape (query_seq_length, kv_seq_length)=\(pythonTuple(logits.shape)). Got "
        + "\(pythonTuple(mask.shape)).")
    logits = try `where`(mask, logits, Tensor(logits.dtype.lowest, logits.dtype))
  }
  return try softmax(logits)
}

/// softmax(Q Kᵀ / √d) V: `query: [q, d]`, `key: [kv, d]`, `value: [kv, v]` → `[q, v]`.
public func dotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil,
  dropping: (Tensor) throws -> Tensor = { $0 }
) throws -> Tensor {
  let weights = try dropping(dotProductAttentionWeights(query, key, mask: mask))
  return try matmul(weights, value)
}

extension DType {
  /// The lowest finite number.
  fileprivate var lowest: Double {
    switch self {
    case .f32: -Double(Float.greatestFiniteMagnitude)
    case .f64, .i32, .u32, .bool: -Double.greatestFiniteMagnitude
    }
  }
}
