// sort and top_k: keys become whole numbers of the same order, each line of them is sorted, and
// every operand is read in the order found. Bit for bit what the reference gives.

internal import Core

/// A sort ready to run: lines of n elements, `inner` apart.
struct SortLoop: Sendable {
  private let shape: [Int]
  private let axis: Int
  private let numKeys: Int
  /// How many of each line top_k keeps, with their indices; nil for a sort.
  private let largest: Int?

  init(_ shape: [Int], _ axis: Int, numKeys: Int) {
    (self.shape, self.axis, self.numKeys, largest) = (shape, axis, numKeys, nil)
  }

  init(_ shape: [Int], _ axis: Int, largest: Int) {
    (self.shape, self.axis, numKeys, self.largest) = (shape, axis, 1, largest)
  }

  private var n: Int { shape[axis] }
  private var inner: Int { shape[(axis + 1)...].reduce(1, *) }

  func run(_ inputs: [Buffer]) -> [Buffer] {
    let keys = inputs.prefix(numKeys).map { codes($0.storage, isFalling: largest != nil) }
    let order = order(of: keys, keeping: largest ?? n)
    var shape = shape
    shape[axis] = largest ?? n
    let sorted = inputs.map { Buffer(shape: shape, picked($0.storage, order.sources)) }
    return largest == nil ? sorted : sorted + [Buffer(shape: shape, .i32(order.indices))]
  }

  /// For the first `count` of each line, row-major: the flat place and the index on the axis.
  private func order(
    of keys: [[UInt64]], keeping count: Int
  ) -> (sources: [Int], indices: [Int32]) {
    let inner = inner
    let lines = shape[..<axis].reduce(1, *)
    var sources = [Int](repeating: 0, count: lines * count * inner)
    var indices = [Int32](repeating: 0, count: sources.count)
    for o in 0..<lines {
      for i in 0..<inner {
        let start = o * n * inner + i
        let sorted = (0..<n).sorted { a, b in
          let (a, b) = (start + a * inner, start + b * inner)
          for key in keys where key[a] != key[b] { return key[a] < key[b] }
          return a < b
        }
        for (rank, index) in sorted.prefix(count).enumerated() {
          let target = (o * count + rank) * inner + i
          (sources[target], indices[target]) = (start + index * inner, Int32(index))
        }
      }
    }
    return (sources, indices)
  }
}

/// The elements at `sources`.
private func picked(_ x: Storage, _ sources: [Int]) -> Storage {
  switch x {
  case .f32(let x): .f32(mapped(sources) { x[$0] })
  case .f64(let x): .f64(mapped(sources) { x[$0] })
  case .i32(let x): .i32(mapped(sources) { x[$0] })
  case .u32(let x): .u32(mapped(sources) { x[$0] })
  case .bool(let x): .bool(mapped(sources) { x[$0] })
  }
}

/// Whole numbers in the order of `x`: rising with NaN last and −0 equal to 0, or falling with NaN
/// first and −0 after 0.
private func codes(_ x: Storage, isFalling: Bool) -> [UInt64] {
  let rising: [UInt64] =
    switch x {
    case .f32(let x): mapped(x) { code($0, Double($0).bitPattern, merging: !isFalling) }
    case .f64(let x): mapped(x) { code($0, $0.bitPattern, merging: !isFalling) }
    case .i32(let x): mapped(x) { UInt64(UInt32(bitPattern: $0) ^ 0x8000_0000) }
    case .u32(let x): mapped(x) { UInt64($0) }
    case .bool(let x): mapped(x) { $0 ? 1 : 0 }
    }
  return isFalling ? mapped(rising) { ~$0 } : rising
}

/// The bits of a double as a rising whole number: those of a negative one are inverted.
@inline(__always)
private func code<T: BinaryFloatingPoint>(_ x: T, _ bits: UInt64, merging: Bool) -> UInt64 {
  if x.isNaN { return .max }
  let sign: UInt64 = 1 << 63
  if merging && x == 0 { return sign }
  return bits & sign == 0 ? bits | sign : ~bits
}
