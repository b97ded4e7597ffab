// Spectral normalisation: W / σ(W), σ the largest singular value by power iteration.
//
// A training call moves u and v on (u ← W v, v ← Wᵀ u, each to norm 1) and stores them; inference uses those
// that are stored. σ = uᵀ W v is differentiated through W alone, which is the gradient of a simple
// singular value once u and v have converged. Laws: c·W gives the same as W for c > 0; σ never exceeds
// the largest singular value and never falls from call to call.

public import Core
public import Random
public import Tree

/// Calls a layer with one of its parameters divided by its largest singular value.
public struct SpectralNorm<L: Layer>: StatefulLayer {
  /// Where the parameter is in the layer.
  public typealias Place = any WritableKeyPath<L, Tensor> & Sendable

  /// The layer.
  public var layer: L
  /// u: `[rows]` and v: `[columns]` of the parameter as a matrix: axis 0 against all others.
  public var uvIndex: StateIndex<Tuple<Tensor, Tensor>>
  /// Whether u and v stay as they are.
  public var inference: Bool
  /// Which parameter is divided.
  public let weight: Place
  /// Power iterations of a training call.
  public let numPowerIterations: Int
  /// The least divisor of u and v.
  public let eps: Double

  /// The layer with its parameter at `weight` normalised; u and v start with 15 iterations.
  /// - Throws: `LayerError.badArgument` for a parameter of fewer than two axes.
  public init(
    _ layer: L, weight: Place, numPowerIterations: Int = 1, eps: Double = 1e-12,
    inference: Bool = false, key: Key
  ) throws {
    let parameter = layer[keyPath: weight]
    guard parameter.rank >= 2 else {
      throw LayerError.badArgument(
        "the weight of a SpectralNorm must be at least two-dimensional, got \(parameter.aval)")
    }
    let matrix = try reshape(parameter, [parameter.shape[0], -1])
    let (uKey, vKey) = try key.split()
    var pair = try (
      uKey.normal([matrix.shape[0]], matrix.dtype), vKey.normal([matrix.shape[1]], matrix.dtype)
    )
    for _ in 0..<15 { pair = try powerIteration(matrix, pair.1, eps) }
    self.layer = layer
    uvIndex = StateIndex(Tuple(pair.0, pair.1))
    self.inference = inference
    self.weight = weight
    self.numPowerIterations = numPowerIterations
    self.eps = eps
  }

  /// Shows the layer, the place of u and v, and the switch.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layer", &layer)
    visitor.field("uvIndex", &uvIndex)
    visitor.field("inference", &inference)
    visitor.constant("weight", PlaceName(weight))
    visitor.constant("numPowerIterations", numPowerIterations)
    visitor.constant("eps", eps)
  }

  /// The layer's result.
  public func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try self(x, key: nil, state: &state)
  }

  /// The layer's result; the key goes to the layer.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    var (u, v) = try state.get(uvIndex).elements
    let parameter = layer[keyPath: weight]
    let matrix = try reshape(parameter, [parameter.shape[0], -1])
    if !inference {
      let fixed = try stopGradient(matrix)
      for _ in 0..<numPowerIterations { (u, v) = try powerIteration(fixed, v, eps) }
      try state.set(uvIndex, to: Tuple(u, v))
    }
    let sigma = try matmul(u, matmul(matrix, v))
    var normalised = layer
    normalised[keyPath: weight] = try parameter / sigma
    return try normalised(x, key: key, state: &state)
  }
}

/// u = W v and v = Wᵀ u, each divided by its norm, or by `eps` if that is more.
private func powerIteration(
  _ matrix: Tensor, _ v: Tensor, _ eps: Double
) throws -> (Tensor, Tensor) {
  func unit(_ x: Tensor) throws -> Tensor {
    try x / maximum(Tensor(eps, x.dtype), sqrt(sum(square(x))))
  }
  let u = try unit(matmul(matrix, v))
  return (u, try unit(matmul(transpose(matrix), u)))
}
