// Samples of cumulative reductions, sorts, sections and operations on bits.

import Core

extension Catalogue {
  /// From both ends, on the first and the last axis, and a long line; extrema of numbers that keep
  /// apart, products of numbers that are not 0.
  static func cumulativeSamples(_ op: Cumulative, _ dtype: DType) -> [Sample] {
    guard dtype.isInexact || dtype.isInteger && op != .logsumexp else { return [] }
    let forms: [(shape: [Int], axis: Int, reverse: Bool)] = [
      ([3, 4], 0, false), ([2, 5], 1, true), ([2, 3, 2], 1, false), ([1, 2], 0, true),
      ([40], 0, false),
    ]
    return forms.map { shape, axis, reverse in
      Sample(
        "cum\(op.rawValue)", "{\"axis\":\(axis),\"reverse\":\(reverse)}",
        family: dtype.isInexact ? "cumulative" : "integer",
        [dtype.isInexact ? running(op, ShapedArray(dtype, shape)) : whole(dtype, shape)],
        dtype.isInexact ? .smooth : .none)
    }
  }

  private static func running(_ op: Cumulative, _ aval: ShapedArray) -> Operand {
    switch op {
    case .sum, .logsumexp: Operand(aval)
    case .max, .min: Operand(aval, isDistinct: true)
    case .prod: Operand(aval, in: 0.7...1.4)
    }
  }

  /// One key, a key and two others, a tying whole number before a key, all keys.
  static func sortSamples(_ dtype: DType) -> [Sample] {
    func key(_ shape: [Int]) -> Operand {
      dtype.isInexact
        ? Operand(ShapedArray(dtype, shape), isDistinct: true) : whole(dtype, shape)
    }
    let ties = Operand(ShapedArray(.i32, [6, 3]), in: 0...1)
    let forms: [([Operand], dimension: Int, keys: Int)] = [
      ([key([5, 3])], 0, 1), ([key([2, 5]), key([2, 5]), key([2, 5])], 1, 1),
      ([ties, key([6, 3]), key([6, 3])], 0, 2), ([key([2, 4, 3]), key([2, 4, 3])], 1, 2),
    ]
    return forms.map { operands, dimension, keys in
      Sample(
        "sort", "{\"dimension\":\(dimension),\"num_keys\":\(keys)}", family: "order", operands,
        dtype.isInexact ? .smooth : .none)
    }
  }

  /// Some and all of a line.
  static func topKSamples(_ dtype: DType) -> [Sample] {
    let forms: [(shape: [Int], k: Int, axis: Int)] = [([2, 5], 3, 1), ([4, 3], 4, 0)]
    return forms.map { shape, k, axis in
      Sample(
        "top_k", "{\"axis\":\(axis),\"k\":\(k)}", family: "order",
        [
          dtype.isInexact
            ? Operand(ShapedArray(dtype, shape), isDistinct: true) : whole(dtype, shape)
        ], dtype.isInexact ? .smooth : .none)
    }
  }

  /// Sections of unequal extent, one of them empty.
  static func splitSamples(_ dtype: DType) -> [Sample] {
    let forms: [(shape: [Int], sizes: [Int], axis: Int)] = [
      ([2, 6], [1, 3, 2], 1), ([3, 4], [0, 3], 0),
    ]
    return forms.map { shape, sizes, axis in
      Sample(
        "split", "{\"axis\":\(axis),\"sizes\":\(sizes)}", family: "structural",
        [dtype.isInexact ? Operand(ShapedArray(dtype, shape)) : whole(dtype, shape)],
        dtype.isInexact ? .smooth : .none)
    }
  }

  /// Between all dtypes of equal width; whole numbers are bits of floats near 1.
  static func bitcastSamples(_ dtype: DType) -> [Sample] {
    let targets: [DType] =
      switch dtype {
      case .f32: [.f32, .i32, .u32]
      case .f64: [.f64]
      case .i32, .u32: [.f32, .i32, .u32]
      case .bool: [.bool]
      }
    let bits = 1_060_000_000.0...1_070_000_000.0
    return targets.map { target in
      Sample(
        "bitcast_convert_type", #"{"new_dtype":"\#(target)"}"#, family: "conversion",
        [
          dtype.isInteger
            ? Operand(ShapedArray(dtype, [2, 3]), in: bits)
            : dtype.isInexact ? Operand(ShapedArray(dtype, [2, 3])) : whole(dtype, [2, 3])
        ], dtype.isInexact && target.isInexact ? .convention : .none)
    }
  }

  /// Keys of the counters' shape, and one key for all.
  static func threefrySamples(_ dtype: DType) -> [Sample] {
    guard dtype == .u32 else { return [] }
    return [[3], []].map { shape in
      let key = Operand(ShapedArray(.u32, shape), in: 0...4_294_967_295)
      let counter = Operand(ShapedArray(.u32, [3]), in: 0...4_294_967_295)
      return Sample(
        "threefry2x32", family: "integer", [key, key, counter, counter], .none)
    }
  }
}
