// Reductions over windows, one axis after another: [outer, n, inner] → [outer, places, inner].
//
// A sum passes through at most Σ(kₐ − 1) ≤ ∏kₐ − 1 additions: equal to the reference within
// γ_(K−1) Σ|x|, K = ∏kₐ. max, min, whole numbers and booleans do not depend on the order and are
// equal bit for bit. No window is divided between threads.

internal import Core

/// A reduction over windows, ready to run.
struct WindowReductionLoop: Sendable {
  /// One axis over which the window slides.
  fileprivate struct Pass: Sendable {
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

  func run(_ x: Buffer, _ workers: Workers) -> Buffer {
    let storage: Storage =
      switch x.storage {
      case .f32(let x): .f32(folded(x, workers))
      case .f64(let x): .f64(folded(x, workers))
      case .i32(let x): .i32(folded(x, workers))
      case .u32(let x): .u32(folded(x, workers))
      case .bool(let x): .bool(folded(x, workers))
      }
    return Buffer(shape: out.shape, storage)
  }

  private func folded<S: HardwareScalar>(_ x: [S], _ workers: Workers) -> [S] {
    switch op {
    case .sum: folded(x, 0, workers) { $0 + $1 }
    case .max: folded(x, -.infinity, workers) { larger($0, $1) }
    case .min: folded(x, .infinity, workers) { smaller($0, $1) }
    }
  }

  private func folded<T: FixedWidthInteger>(_ x: [T], _ workers: Workers) -> [T] {
    switch op {
    case .sum: folded(x, 0, workers) { $0 &+ $1 }
    case .max: folded(x, .min, workers) { max($0, $1) }
    case .min: folded(x, .max, workers) { min($0, $1) }
    }
  }

  private func folded(_ x: [Bool], _ workers: Workers) -> [Bool] {
    switch op {
    case .max: folded(x, false, workers) { $0 || $1 }
    case .min: folded(x, true, workers) { $0 && $1 }
    case .sum: preconditionFailure("a sum of booleans passed the typing rule")
    }
  }

  @inline(__always)
  private func folded<T>(
    _ x: [T], _ neutral: T, _ workers: Workers, _ combine: (T, T) -> T
  ) -> [T] {
    passes.reduce(x) { values, pass in
      values.withUnsafeBufferPointer { source in
        filledArray(pass.outer * pass.sources.count * pass.inner) { target in
          pass.split(workers) { outer, places in
            for o in outer {
              for place in places { pass.fold(source, target, o, place, neutral, combine) }
            }
          }
        }
      }
    }
  }
}

extension WindowReductionLoop.Pass {
  /// Runs `body` on all results, in parts that are whole outer indices or, if there is one, places.
  fileprivate func split(
    _ workers: Workers, _ body: (_ outer: Range<Int>, _ places: Range<Int>) -> Void
  ) {
    let elements = sources.reduce(0) { $0 + $1.count } * inner
    if outer > 1 {
      workers.split(outer, by: 1, worth: elements) { body($0, sources.indices) }
    } else {
      workers.split(sources.count, by: 1, worth: elements / max(sources.count, 1)) {
        body(0..<outer, $0)
      }
    }
  }

  /// The results of one place.
  @inline(__always)
  fileprivate func fold<T>(
    _ source: UnsafeBufferPointer<T>, _ target: UnsafeMutablePointer<T>, _ o: Int, _ place: Int,
    _ neutral: T, _ combine: (T, T) -> T
  ) {
    let totals = target + (o * sources.count + place) * inner
    totals.initialize(repeating: neutral, count: inner)
    for index in sources[place] {
      let row = (o * n + index) * inner
      for i in 0..<inner { totals[i] = combine(totals[i], source[row + i]) }
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
