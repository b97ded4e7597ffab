// Reductions over windows, one axis after another: [outer, n, inner] → [outer, places, inner].
//
// A sum passes through at most Σ(kₐ − 1) ≤ ∏kₐ − 1 additions: equal to the reference within
// γ_(K−1) Σ|x|, K = ∏kₐ. max, min, whole numbers and booleans do not depend on the order and are
// equal bit for bit.

internal import Core

/// A reduction over windows, ready to run.
struct WindowReductionLoop: Sendable {
  /// One axis over which the window slides.
  private struct Pass: Sendable {
    let outer: Int
    let n: Int
    let inner: Int
    /// For each place the indices along the axis that it reads.
    let sources: [[Int]]
  }

  private let op: WindowReduction
  private let window: Window
  private let out: ShapedArray
  private let passes: [Pass]

  init(_ op: WindowReduction, _ x: ShapedArray, _ window: Window, _ out: ShapedArray) {
    (self.op, self.window, self.out) = (op, window, out)
    var shape = x.shape
    passes = x.shape.indices.compactMap { axis in
      let sources = (0..<out.shape[axis]).map { place in
        (0..<window.dimensions[axis]).compactMap {
          window.source(axis, place, $0, extent: x.shape[axis])
        }
      }
      if sources == x.shape[axis].singletons { return nil }
      defer { shape[axis] = out.shape[axis] }
      return Pass(
        outer: shape[..<axis].reduce(1, *), n: shape[axis],
        inner: shape[(axis + 1)...].reduce(1, *), sources: sources)
    }
  }

  func run(_ x: Buffer) -> Buffer {
    let storage: Storage =
      switch x.storage {
      case .f32(let x): .f32(folded(x))
      case .f64(let x): .f64(folded(x))
      case .i32(let x): .i32(folded(x))
      case .u32(let x): .u32(folded(x))
      case .bool(let x): .bool(folded(x))
      }
    return Buffer(shape: out.shape, storage)
  }

  private func folded<S: HardwareScalar>(_ x: [S]) -> [S] {
    switch op {
    case .sum: folded(x, 0) { $0 + $1 }
    case .max: folded(x, -.infinity) { larger($0, $1) }
    case .min: folded(x, .infinity) { smaller($0, $1) }
    }
  }

  private func folded<T: FixedWidthInteger>(_ x: [T]) -> [T] {
    switch op {
    case .sum: folded(x, 0) { $0 &+ $1 }
    case .max: folded(x, .min) { max($0, $1) }
    case .min: folded(x, .max) { min($0, $1) }
    }
  }

  private func folded(_ x: [Bool]) -> [Bool] {
    switch op {
    case .max: folded(x, false) { $0 || $1 }
    case .min: folded(x, true) { $0 && $1 }
    case .sum: preconditionFailure("a sum of booleans passed the typing rule")
    }
  }

  @inline(__always)
  private func folded<T>(_ x: [T], _ neutral: T, _ combine: (T, T) -> T) -> [T] {
    passes.reduce(x) { values, pass in
      let size = pass.outer * pass.sources.count * pass.inner
      return values.withUnsafeBufferPointer { source in
        filledArray(size) { target in
          target.initialize(repeating: neutral, count: size)
          for o in 0..<pass.outer {
            for place in pass.sources.indices {
              let totals = target + (o * pass.sources.count + place) * pass.inner
              for index in pass.sources[place] {
                let row = (o * pass.n + index) * pass.inner
                for i in 0..<pass.inner { totals[i] = combine(totals[i], source[row + i]) }
              }
            }
          }
        }
      }
    }
  }
}

extension WindowReductionLoop: CustomStringConvertible {
  /// `windows (1, 2, 2)`.
  var description: String { "windows \(pythonTuple(window.dimensions))" }
}

extension Int {
  /// [0], [1], …: what a window reads that does not change its axis.
  fileprivate var singletons: [[Int]] { (0..<self).map { [$0] } }
}
