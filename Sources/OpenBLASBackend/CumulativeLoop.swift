// Running reductions over a row-major array seen as [outer, n, inner]: whole rows at a time.
//
// Each line is combined in the reference's order, so the results are equal bit for bit.

internal import Core
internal import RealModule

/// A cumulative reduction ready to run.
struct CumulativeLoop: Sendable {
  private let op: Cumulative
  private let outer: Int
  private let n: Int
  private let inner: Int
  private let reverse: Bool

  init(_ op: Cumulative, _ shape: [Int], _ axis: Int, reverse: Bool) {
    (self.op, self.reverse) = (op, reverse)
    outer = shape[..<axis].reduce(1, *)
    n = shape[axis]
    inner = shape[(axis + 1)...].reduce(1, *)
  }

  func run(_ input: Buffer) -> Buffer {
    let storage: Storage =
      switch input.storage {
      case .f32(let x): .f32(running(x))
      case .f64(let x): .f64(running(x))
      case .i32(let x): .i32(running(x))
      case .u32(let x): .u32(running(x))
      case .bool: preconditionFailure("cum\(op.rawValue) of booleans passed the typing rule")
      }
    return Buffer(shape: input.shape, storage)
  }

  private func running<S: HardwareScalar>(_ x: [S]) -> [S] {
    switch op {
    case .sum: running(x) { $0 + $1 }
    case .prod: running(x) { $0 * $1 }
    case .max: running(x) { larger($0, $1) }
    case .min: running(x) { smaller($0, $1) }
    case .logsumexp: running(x) { logAddExp($0, $1) }
    }
  }

  private func running<T: FixedWidthInteger>(_ x: [T]) -> [T] {
    switch op {
    case .sum: running(x) { $0 &+ $1 }
    case .prod: running(x) { $0 &* $1 }
    case .max: running(x) { max($0, $1) }
    case .min: running(x) { min($0, $1) }
    case .logsumexp: preconditionFailure("cumlogsumexp of whole numbers passed the typing rule")
    }
  }

  /// y[r] = combine(y[r ∓ 1], x[r]), row after row.
  @inline(__always)
  private func running<T>(_ x: [T], _ combine: (T, T) -> T) -> [T] {
    var y = x
    let step = reverse ? -inner : inner
    y.withUnsafeMutableBufferPointer { y in
      for o in 0..<outer {
        let first = o * n * inner + (reverse ? (n - 1) * inner : 0)
        for r in 1..<max(n, 1) {
          let row = first + r * step
          for i in row..<row + inner { y[i] = combine(y[i - step], y[i]) }
        }
      }
    }
    return y
  }
}

extension CumulativeLoop: CustomStringConvertible {
  /// `cumsum [outer, n, inner]`.
  var description: String { "cum\(op.rawValue) [\(outer), \(n), \(inner)]" }
}

/// ln(eˣ + eʸ), each operation rounded.
@inline(__always)
private func logAddExp<S: HardwareScalar>(_ x: S, _ y: S) -> S {
  let difference = x - y
  if difference.isNaN { return x + y }
  return larger(x, y) + S.log(onePlus: S.exp(-S.absolute(difference)))
}
