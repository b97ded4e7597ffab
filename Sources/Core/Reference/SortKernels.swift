// Sorting: for each line the places in their new order, then every operand read in that order.

extension ReferenceInterpreter {
  /// Whether the element at one place stands before that at another.
  private typealias Order = (_ a: Int, _ b: Int) -> Bool

  /// out[i] = x[p(i)], p the stable order of the first `numKeys` operands along `dimension`.
  static func sortKernel(_ x: [Value], _ dimension: Int, numKeys: Int) -> [Value] {
    let keys = x.prefix(numKeys).map(rising)
    let sources = sorted(x[0].shape, dimension) { a, b in
      for isBefore in keys {
        if isBefore(a, b) { return true }
        if isBefore(b, a) { return false }
      }
      return a < b
    }
    return x.map { picked($0, sources.places, $0.shape) }
  }

  /// The first k of x in falling order, and their indices along `axis`.
  static func topKKernel(_ x: Value, _ k: Int, _ axis: Int) -> [Value] {
    let isBefore = falling(x)
    let order = sorted(x.shape, axis) { isBefore($0, $1) || !isBefore($1, $0) && $0 < $1 }
    var shape = x.shape
    shape[axis] = k
    let first = moveKernel(
      .slice(start: shape.map { _ in 0 }, limit: shape, strides: shape.map { _ in 1 }),
      picked(x, order.places, x.shape))
    let indices = DenseArray(shape: x.shape, scalars: order.indices.map { Int32($0) })
    return [
      first,
      moveKernel(
        .slice(start: shape.map { _ in 0 }, limit: shape, strides: shape.map { _ in 1 }),
        .i32(indices)),
    ]
  }

  /// For each element of the result the flat place that it comes from, and its index on `axis`.
  private static func sorted(
    _ shape: [Int], _ axis: Int, _ isBefore: Order
  ) -> (places: [Int], indices: [Int]) {
    let lines = AxisSplit(shape, reduced: [axis])
    var places = [Int](repeating: 0, count: shape.reduce(1, *))
    var indices = places
    for base in lines.outer {
      let order = lines.inner.indices.sorted {
        isBefore(base + lines.inner[$0], base + lines.inner[$1])
      }
      for (target, source) in Swift.zip(lines.inner, order) {
        places[base + target] = base + lines.inner[source]
        indices[base + target] = source
      }
    }
    return (places, indices)
  }

  /// Rising; NaN after every number, −0 equal to 0.
  private static func rising(_ x: Value) -> Order {
    switch x {
    case .inexact(let x):
      { a, b in
        let (a, b) = (x.scalars[a], x.scalars[b])
        return !a.isNaN && (b.isNaN || a < b)
      }
    case .i32(let x): { x.scalars[$0] < x.scalars[$1] }
    case .u32(let x): { x.scalars[$0] < x.scalars[$1] }
    case .bool(let x): { !x.scalars[$0] && x.scalars[$1] }
    }
  }

  /// Falling; NaN before every number, −0 after 0.
  private static func falling(_ x: Value) -> Order {
    switch x {
    case .inexact(let x):
      { a, b in
        let (a, b) = (x.scalars[a], x.scalars[b])
        if a.isNaN || b.isNaN { return a.isNaN && !b.isNaN }
        return a == b ? a.sign == .plus && b.sign == .minus : a > b
      }
    case .i32(let x): { x.scalars[$0] > x.scalars[$1] }
    case .u32(let x): { x.scalars[$0] > x.scalars[$1] }
    case .bool(let x): { x.scalars[$0] && !x.scalars[$1] }
    }
  }

  /// x[offset ..< offset + size] along `axis` for each of `sizes`.
  static func splitKernel(_ x: Value, _ sizes: [Int], _ axis: Int) -> [Value] {
    var offset = 0
    return sizes.map { size in
      var (start, limit) = (x.shape.map { _ in 0 }, x.shape)
      (start[axis], limit[axis]) = (offset, offset + size)
      offset += size
      return moveKernel(.slice(start: start, limit: limit, strides: start.map { _ in 1 }), x)
    }
  }
}

extension Scalar {
  /// The sign, that of a zero included.
  fileprivate var sign: FloatingPointSign { doubleDouble.hi.sign }
}
