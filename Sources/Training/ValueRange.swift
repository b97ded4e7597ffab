// What a tensor holds, in one line: its type, the range of its finite numbers, and how many are none.

internal import Core

/// A summary of the numbers of a buffer.
struct ValueRange: Sendable, CustomStringConvertible {
  let aval: ShapedArray
  private(set) var low = Double.infinity
  private(set) var high = -Double.infinity
  private(set) var infinite = 0
  private(set) var undefined = 0

  init(_ buffer: Buffer) {
    aval = buffer.aval
    switch buffer.storage {
    case .f32(let values): for x in values { add(Double(x)) }
    case .f64(let values): for x in values { add(x) }
    case .i32(let values): for x in values { add(Double(x)) }
    case .u32(let values): for x in values { add(Double(x)) }
    case .bool(let values): for x in values { add(x ? 1 : 0) }
    }
  }

  private mutating func add(_ x: Double) {
    if x.isNaN {
      undefined += 1
    } else if x.isInfinite {
      infinite += 1
    } else {
      (low, high) = (min(low, x), max(high, x))
    }
  }

  var isFinite: Bool { infinite == 0 && undefined == 0 }

  /// `f32[4] in [-0.5, 2.0], 1 nan`.
  var description: String {
    let range = low <= high ? " in [\(short(low)), \(short(high))]" : ""
    let others = [(infinite, "inf"), (undefined, "nan")].filter { $0.0 > 0 }
    return "\(aval)\(range)" + others.map { ", \($0.0) \($0.1)" }.joined()
  }

  /// As many digits as the dtype has.
  private func short(_ x: Double) -> String {
    switch aval.dtype {
    case .f32: "\(Float(x))"
    case .f64: "\(x)"
    case .i32, .u32, .bool: "\(Int(x))"
    }
  }
}

extension Storage {
  /// Whether every number is one. Whole numbers always are.
  var isFinite: Bool {
    switch self {
    // x − x is 0 for a finite x and NaN for all others, and the sum keeps a NaN: a loop without
    // branches, as this runs after every step of a training.
    case .f32(let values): values.reduce(0) { $0 + ($1 - $1) } == 0
    case .f64(let values): values.reduce(0) { $0 + ($1 - $1) } == 0
    case .i32, .u32, .bool: true
    }
  }
}
