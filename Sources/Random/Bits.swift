// Random words: one Threefry block per place of the result.
//
// Invariant: the block of a place is that of its flat index, so that a word does not depend on the
// shape, and a shorter draw is a prefix of a longer one.

public import Core

extension Key {
  /// Random words, `u32[shape…]`: both words of each block, combined by xor.
  public func bits(_ shape: [Int] = []) throws -> Tensor {
    let (a, b) = try words(shape)
    return try logicalXor(a, b)
  }

  /// The upper and the lower half of random words of 64 bits, each `u32[shape…]`.
  public func bits64(_ shape: [Int] = []) throws -> (upper: Tensor, lower: Tensor) {
    let (upper, lower) = try words(shape)
    return (upper, lower)
  }

  /// The two words of each block, in the shape of the places.
  func words(_ shape: [Int]) throws -> (Tensor, Tensor) {
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw TraceError.badArgument(
        "Shapes must be 1D sequences of non-negative integers, got \(pythonTuple(shape)).")
    }
    let count = shape.reduce(1, *)
    guard UInt32(exactly: count) != nil else {
      throw TraceError.unsupported(
        "random words for more than 2³² places, got \(pythonTuple(shape))")
    }
    let places = try shape.isEmpty ? Tensor(0, .u32) : arange(count, .u32)
    let blocks = try threefry2x32(key: pair("random bits"), counter: (Tensor(0, .u32), places))
    return (try reshape(blocks.0, shape), try reshape(blocks.1, shape))
  }

  /// The two words of this key, scalars.
  func pair(_ name: String) throws -> (Tensor, Tensor) {
    guard data.shape == [2], data.dtype == .u32 else {
      throw TraceError.badArgument(
        "\(name) accepts a single key, uint32 of shape (2,), but was given \(data.aval); "
          + "use vmap for batching")
    }
    return (
      try squeeze(slice(data, axis: 0, from: 0, to: 1), [0]),
      try squeeze(slice(data, axis: 0, from: 1, to: 2), [0])
    )
  }
}
