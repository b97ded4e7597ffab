// Linear: y = W x + b, for one example; `vmap` makes it a batch.
//
// Rules LA-01 and LA-06. Corresponds to equinox/nn/_linear.py.

public import Core
public import Random
public import Tree

/// How many features a vector has, or that there is no vector but a scalar.
public enum Features: Hashable, Sendable {
  /// A tensor of rank 0.
  case single
  /// A vector of this length.
  case count(Int)

  /// The length of the vector that stands for it.
  public var width: Int {
    switch self {
    case .single: 1
    case .count(let n): n
    }
  }

  /// Shows it as structure.
  func show(_ name: String, to visitor: FieldVisitor) {
    switch self {
    case .single: visitor.constant(name, "scalar")
    case .count(let n): visitor.constant(name, n)
    }
  }
}

/// A size that an initialiser takes: a whole number, or `.scalar`.
public protocol FeatureCount {
  /// The size.
  var features: Features { get }
}

extension Int: FeatureCount {
  /// A vector of this length.
  public var features: Features { .count(self) }
}

extension Features: FeatureCount {
  /// Itself.
  public var features: Features { self }
}

extension FeatureCount where Self == Features {
  /// A tensor of rank 0 instead of a vector.
  public static var scalar: Features { .single }
}

/// An affine map: `x: [in]` → `[out]`.
public struct Linear: PlainLayer {
  /// `[out, in]`
  public var weight: Tensor
  /// `[out]`
  public var bias: Tensor?
  /// The size of the input.
  public let inFeatures: Features
  /// The size of the result.
  public let outFeatures: Features
  /// Whether there is a bias.
  public var useBias: Bool { bias != nil }

  /// Weight and bias uniform in ±1/√in, drawn from the two halves of `key` (±1 if in = 0).
  public init(
    _ inFeatures: some FeatureCount, _ outFeatures: some FeatureCount, useBias: Bool = true,
    dtype: DType = .f32, key: Key
  ) throws {
    let (inputs, outputs) = (inFeatures.features, outFeatures.features)
    try demand(
      inputs.width >= 0 && outputs.width >= 0,
      "Linear needs sizes that are not negative, got \(inputs.width) and \(outputs.width)")
    let limit = inputs.width == 0 ? 1 : 1 / Double(inputs.width).squareRoot()
    let (weightKey, biasKey) = try key.split()
    weight = try initial(weightKey, [outputs.width, inputs.width], dtype, limit: limit)
    bias = try useBias ? initial(biasKey, [outputs.width], dtype, limit: limit) : nil
    self.inFeatures = inputs
    self.outFeatures = outputs
  }

  /// The layer of these numbers: `weight: [out, in]`, `bias: [out]`.
  public init(
    weight: Tensor, bias: Tensor? = nil, hasScalarInput: Bool = false,
    hasScalarOutput: Bool = false
  ) throws {
    try demand(weight.rank == 2, "weight must have shape (out, in), got \(weight.aval)")
    self.weight = weight
    self.bias = bias
    inFeatures = hasScalarInput ? .single : .count(weight.shape[1])
    outFeatures = hasScalarOutput ? .single : .count(weight.shape[0])
  }

  /// `x: [in]` → `[out]`; scalars where the sizes say so.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    var operand = x
    if inFeatures == .single {
      try demandInput(x.rank == 0, "x must have scalar shape, got \(pythonTuple(x.shape))")
      operand = try broadcast(x, to: [1])
    }
    let (w, v) = try promoted(weight, operand)
    var y = try matmul(w, v)
    if let bias {
      let (sum, b) = try promoted(y, bias)
      y = try sum + b
    }
    guard outFeatures == .single else { return y }
    try demandInput(y.shape == [1], "a scalar result needs one number, got \(pythonTuple(y.shape))")
    return try squeeze(y, [0])
  }

  /// Leaves: weight, bias.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    inFeatures.show("inFeatures", to: visitor)
    outFeatures.show("outFeatures", to: visitor)
    visitor.constant("useBias", useBias)
  }
}
