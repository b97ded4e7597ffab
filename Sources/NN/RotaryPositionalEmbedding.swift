// RoPE: pairs of features turn by an angle that grows with the position (Su et al., 2021).
//
// Feature i and feature i + d/2 of position t turn by t · theta^(−2i/d). The angles are computed in
// f64, whatever the dtype, as Equinox does in 64-bit mode, and rounded at the end. Corresponds to
// equinox/nn/_embedding.py.

public import Core
internal import Synchronization
public import Tree

/// Turned features: `x: [sequence, embedding]` → `[sequence, embedding]`.
public struct RotaryPositionalEmbedding: PlainLayer {
  /// The number of features, even.
  public let embeddingSize: Int
  /// The base of the wave lengths.
  public let theta: Double
  /// The dtype of the cosines and sines.
  public let dtype: DType
  /// A cache of angles shared with other layers; none unless upstream's behaviour is asked for.
  public let cache: RotaryCache?

  /// The layer for `embeddingSize` features.
  public init(
    _ embeddingSize: Int, theta: Double = 10_000, dtype: DType = .f32, cache: RotaryCache? = nil
  ) throws {
    try demand(embeddingSize >= 0, "`embedding_size` must not be negative.")
    try demand(embeddingSize % 2 == 0, "`embedding_size` must be even.")
    (self.embeddingSize, self.theta, self.dtype, self.cache) = (embeddingSize, theta, dtype, cache)
  }

  /// `x: [sequence, embedding]` → `[sequence, embedding]`, in the dtype of `x`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandInput(x.rank == 2, "x must have shape (sequence, embedding_size), got \(x.aval)")
    try demandInput(
      x.shape[1] == embeddingSize,
      "x.shape[-1] must match self.embedding_size, but \(x.shape[1]) != \(embeddingSize)")
    let angles = try angles(x.shape[0])
    let (wide, cosines) = try promoted(x, twice(cos(angles)))
    let (turned, sines) = try promoted(Self.rotateHalf(x), twice(sin(angles)))
    return try (wide * cosines + turned * sines).asType(x.dtype)
  }

  /// The features a quarter turn on: (−second half, first half). `x: […, d]` → `[…, d]`.
  public static func rotateHalf(_ x: Tensor) throws -> Tensor {
    let size = x.shape.last ?? 0
    return try concatenate(
      [
        -slice(x, axis: -1, from: size / 2, to: size), slice(x, axis: -1, from: 0, to: size / 2),
      ], axis: x.rank - 1)
  }

  /// t · theta^(−2i/d): `[length, d / 2]`, f64.
  private func angles(_ length: Int) throws -> Tensor {
    let base = cache?.theta(for: self, length: length) ?? theta
    let exponents = try arange(embeddingSize / 2, .f64) * 2 / Double(embeddingSize)
    let frequencies = try 1 / pow(full([embeddingSize / 2], base, .f64), exponents)
    return try expandDims(arange(length, .f64), 1) * expandDims(frequencies, 0)
  }

  /// A number for each pair, rounded and put at both of its features: `[length, d]`.
  private func twice(_ x: Tensor) throws -> Tensor {
    let rounded = try x.asType(dtype)
    return try concatenate([rounded, rounded], axis: 1)
  }

  /// No leaves.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("embeddingSize", embeddingSize)
    visitor.constant("theta", theta)
    visitor.constant("dtype", dtype)
    visitor.constant("cache", cache)
  }
}

/// Equinox's cache of angles (DV-42): the layers that share it and agree in size and dtype use the
/// theta of whichever asked first for the longest sequence so far.
public final class RotaryCache: Sendable, Hashable {
  private struct Kind: Hashable {
    let embeddingSize: Int
    let dtype: DType
  }

  private let held = Mutex<[Kind: (theta: Double, length: Int)]>([:])

  /// An empty cache.
  public init() {}

  /// The theta of the angles that the cache gives for `length` positions.
  func theta(for layer: RotaryPositionalEmbedding, length: Int) -> Double {
    held.withLock { held in
      let kind = Kind(embeddingSize: layer.embeddingSize, dtype: layer.dtype)
      if let found = held[kind], length <= found.length { return found.theta }
      held[kind] = (layer.theta, length)
      return layer.theta
    }
  }

  /// Whether both are the same cache.
  public static func == (a: RotaryCache, b: RotaryCache) -> Bool { a === b }

  /// Hashes the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
