// Embedding: row i of a table.
//
// Rule LA-04: standard normal numbers from the key itself; an index out of range reads the nearest
// row, a negative one counts from the end. Corresponds to equinox/nn/_embedding.py.

public import Core
public import Random
public import Tree

/// A table of vectors: `i: []` → `[embedding]`.
public struct Embedding: PlainLayer {
  /// `[count, embedding]`
  public var weight: Tensor
  /// The number of vectors.
  public let numEmbeddings: Int
  /// The length of a vector.
  public let embeddingSize: Int

  /// `count` vectors of standard normal numbers, drawn from `key`.
  public init(
    _ numEmbeddings: Int, _ embeddingSize: Int, dtype: DType = .f32, key: Key
  ) throws {
    try demand(numEmbeddings >= 0, "num_embeddings must not be negative.")
    try demand(embeddingSize >= 0, "embedding_size must not be negative.")
    try self.init(weight: key.normal([numEmbeddings, embeddingSize], dtype))
  }

  /// The vectors that are the rows of `weight`.
  public init(weight: Tensor) throws {
    try demand(
      weight.rank == 2, "weight must have shape (num_embeddings, embedding_size).")
    self.weight = weight
    (numEmbeddings, embeddingSize) = (weight.shape[0], weight.shape[1])
  }

  /// The vector of the scalar index `x`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandInput(
      x.rank == 0,
      "`Embedding()(x)` should be called with a scalar index `x`. Use `vmap` if you would like to "
        + "index with multiple values.")
    return try weight[x]
  }

  /// The vector of the index `i`.
  public func callAsFunction(_ i: Int) throws -> Tensor {
    try self(Tensor(Double(i), .i32))
  }

  /// One leaf, the table.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("numEmbeddings", numEmbeddings)
    visitor.constant("embeddingSize", embeddingSize)
    visitor.field("weight", &weight)
  }
}
