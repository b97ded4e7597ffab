// Keys: two words of state, and the keys that come from one.
//
// The generator is Threefry-2x32 (Salmon et al., 2011) used as JAX uses it with
// jax_threefry_partitionable: a word depends on the key and on its own position only. A key is a
// value, never advanced; whoever wants other numbers derives another key. Everything here is built
// from primitives, so that keys can be mapped, staged and closed over by a differentiated function.

public import Core

/// The state of the generator: a value from which keys and numbers are derived.
///
/// `data` holds a `u32[2]`. It may hold `u32[n, 2]` on its way through `vmap`; drawing from such a
/// key is an error.
public struct Key: Sendable {
  /// The two words, `u32[2]`.
  public let data: Tensor

  /// The key whose words are `data`.
  public init(data: Tensor) { self.data = data }

  /// The key of a seed, as `PRNGKey(seed)`.
  ///
  /// JAX keeps the lower 32 bits of a seed, so that 0 and 2³² are one key, unless 64-bit types are
  /// enabled: `x64` gives (upper half, lower half). For seeds in `0 ..< 2³²` both agree.
  public init(_ seed: Int, x64: Bool = false) {
    let bits = UInt64(bitPattern: Int64(seed))
    let upper = x64 ? UInt32(bits >> 32) : 0
    self.init(data: Tensor(shape: [2], .u32([upper, UInt32(truncatingIfNeeded: bits)])))
  }

  /// The key of a traced seed: a scalar `i32` or `u32`.
  public init(seed: Tensor) throws {
    guard seed.rank == 0, seed.dtype.isInteger else {
      throw TraceError.badArgument("PRNG key seed must be an integer scalar; got \(seed.aval)")
    }
    let word = try expandDims(bitcastConvertType(seed, .u32), 0)
    self.init(data: try concatenate([zeros([1], .u32), word]))
  }

  /// Two keys: the numbers drawn from either tell nothing of the other.
  public func split() throws -> (Key, Key) {
    let keys = try split(2)
    return (keys[0], keys[1])
  }

  /// `count` keys; the i-th is `foldIn(i)`, whatever the count.
  public func split(_ count: Int) throws -> [Key] {
    let all = try keys([count])
    return try (0..<count).map {
      Key(data: try squeeze(slice(all, axis: 0, from: $0, to: $0 + 1), [0]))
    }
  }

  /// The words of as many keys as `shape` has places, `u32[shape…, 2]`: what `vmap` takes.
  public func keys(_ shape: [Int]) throws -> Tensor {
    let (a, b) = try words(shape)
    return try stack([a, b], axis: shape.count)
  }

  /// The key that `number` selects, `0 ..< 2³²`.
  public func foldIn(_ number: Int) throws -> Key {
    guard let word = UInt32(exactly: number) else {
      throw TraceError.badArgument("integer \(number) out of bounds for uint32")
    }
    return try foldIn(Tensor(shape: [], .u32([word])))
  }

  /// The key that a scalar `i32` or `u32` selects: Threefry of the counter (0, number).
  public func foldIn(_ number: Tensor) throws -> Key {
    guard number.rank == 0, number.dtype.isInteger else {
      throw TraceError.badArgument(
        "fold_in accepts an integer scalar, but was given \(number.aval)")
    }
    let counter = (Tensor(0, .u32), try bitcastConvertType(number, .u32))
    let (a, b) = try threefry2x32(key: pair("fold_in"), counter: counter)
    return Key(data: try stack([a, b]))
  }
}
