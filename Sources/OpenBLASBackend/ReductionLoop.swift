// Reductions as passes over a row-major array seen as [outer, n, inner], n reduced.
//
// Adjacent reduced axes are one axis; separate groups of them are reduced one after another, the
// last first. A contiguous line is summed in interleaved parts (those of CKernels, or eight where it
// has no kernel), a long one in sections, so a sum's order is not the reference's: equal within
// γ_{n−1} Σ|x|, the same bits for any number of threads. max, min, whole
// numbers and booleans do not depend on the order and are equal bit for bit. As in the reference, every
// fold starts from the neutral element.

internal import Core

/// A reduction ready to run.
struct ReductionLoop: Sendable {
  /// One pass: [outer, n, inner] → [outer, inner].
  struct Pass: Sendable {
    let outer: Int
    let n: Int
    let inner: Int
  }

  private enum Action: Sendable {
    case fold(Reduction)
    case find(ArgReduction)
  }

  private let action: Action
  private let out: ShapedArray
  private let passes: [Pass]

  /// Each kept index's elements, combined.
  init(_ op: Reduction, _ x: ShapedArray, _ axes: [Int], _ out: ShapedArray) {
    (action, self.out) = (.fold(op), out)
    passes = reductionPasses(x.shape, Set(axes))
  }

  /// The index along `axis` of each line's extremum.
  init(_ op: ArgReduction, _ x: ShapedArray, _ axis: Int, _ out: ShapedArray) {
    (action, self.out) = (.find(op), out)
    passes = reductionPasses(x.shape, [axis])
  }

  func run(_ input: Buffer, _ workers: Workers) -> Buffer {
    let storage: Storage =
      switch (action, input.storage) {
      case (.fold(let op), .f32(let x)): .f32(folded(op, x, workers))
      case (.fold(let op), .f64(let x)): .f64(folded(op, x, workers))
      case (.fold(let op), .i32(let x)): .i32(folded(op, x))
      case (.fold(let op), .u32(let x)): .u32(folded(op, x))
      case (.fold(let op), .bool(let x)): .bool(folded(op, x))
      case (.find(let op), .f32(let x)): positions(x) { isBetter(op, $0, $1) }
      case (.find(let op), .f64(let x)): positions(x) { isBetter(op, $0, $1) }
      case (.find(let op), .i32(let x)): positions(x) { op == .max ? $0 > $1 : $0 < $1 }
      case (.find(let op), .u32(let x)): positions(x) { op == .max ? $0 > $1 : $0 < $1 }
      case (.find(let op), .bool(let x)): positions(x) { op == .max ? $0 && !$1 : !$0 && $1 }
      }
    return Buffer(shape: out.shape, storage)
  }

  private func folded<S: BLASScalar>(_ op: Reduction, _ x: [S], _ workers: Workers) -> [S] {
    if let kernel = S.vectorReduction(op) { return folded(x, by: kernel, workers) }
    return switch op {
    case .prod: folded(x, 1) { $0 * $1 }
    case .sum, .max, .min: preconditionFailure("reduce_\(op.rawValue) has a kernel")
    case .and, .or, .xor: preconditionFailure("reduce_\(op.rawValue) of floats has no loop")
    }
  }

  private func folded<S>(
    _ x: [S], by kernel: VectorReduction<S>, _ workers: Workers
  ) -> [S] {
    passes.reduce(x) { values, pass in
      values.withUnsafeBufferPointer { source in
        // An empty array may have no address, but its sums are zeros all the same.
        withUnsafeTemporaryAllocation(of: S.self, capacity: 1) { nothing in
          filledArray(pass.outer * pass.inner) { target in
            guard let base = source.baseAddress ?? UnsafePointer(nothing.baseAddress) else {
              return
            }
            pass.fold(base, into: target, by: kernel, workers)
          }
        }
      }
    }
  }

  private func folded<T: FixedWidthInteger>(_ op: Reduction, _ x: [T]) -> [T] {
    switch op {
    case .sum: folded(x, 0) { $0 &+ $1 }
    case .prod: folded(x, 1) { $0 &* $1 }
    case .max: folded(x, .min) { max($0, $1) }
    case .min: folded(x, .max) { min($0, $1) }
    case .and: folded(x, ~0) { $0 & $1 }
    case .or: folded(x, 0) { $0 | $1 }
    case .xor: folded(x, 0) { $0 ^ $1 }
    }
  }

  private func folded(_ op: Reduction, _ x: [Bool]) -> [Bool] {
    switch op {
    case .or, .max: folded(x, false) { $0 || $1 }
    case .and, .min: folded(x, true) { $0 && $1 }
    case .xor: folded(x, false) { $0 != $1 }
    case .sum, .prod: preconditionFailure("a sum of booleans passed the typing rule")
    }
  }

  @inline(__always)
  private func folded<T>(_ x: [T], _ neutral: T, _ combine: (T, T) -> T) -> [T] {
    passes.reduce(x) { values, pass in
      values.withUnsafeBufferPointer { source in
        filledArray(pass.outer * pass.inner) { target in
          target.initialize(repeating: neutral, count: pass.outer * pass.inner)
          guard let base = source.baseAddress else { return }
          pass.inner == 1
            ? pass.foldLines(base, target, neutral, combine) : pass.foldRows(base, target, combine)
        }
      }
    }
  }

  /// The first index at which the best element of a line stands.
  @inline(__always)
  private func positions<T>(_ x: [T], _ isBetter: (T, T) -> Bool) -> Storage {
    let pass = passes[0]
    let found: [Int32] = filledArray(out.size) { target in
      for o in 0..<pass.outer {
        for i in 0..<pass.inner {
          let start = o * pass.n * pass.inner + i
          var best = 0
          for r in 1..<max(pass.n, 1)
          where isBetter(x[start + r * pass.inner], x[start + best * pass.inner]) {
            best = r
          }
          target[o * pass.inner + i] = Int32(best)
        }
      }
    }
    return converted(.i32(found), to: out.dtype)
  }
}

extension ReductionLoop.Pass {
  /// target[o] = fold of n neighbours, in eight interleaved parts that no step waits for.
  @inline(__always)
  func foldLines<T>(
    _ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ neutral: T,
    _ combine: (T, T) -> T
  ) {
    let whole = n - n % 8
    for o in 0..<outer {
      let line = source + o * n
      var (a, b, c, d) = (neutral, neutral, neutral, neutral)
      var (e, f, g, h) = (neutral, neutral, neutral, neutral)
      for i in stride(from: 0, to: whole, by: 8) {
        (a, b) = (combine(a, line[i]), combine(b, line[i + 1]))
        (c, d) = (combine(c, line[i + 2]), combine(d, line[i + 3]))
        (e, f) = (combine(e, line[i + 4]), combine(f, line[i + 5]))
        (g, h) = (combine(g, line[i + 6]), combine(h, line[i + 7]))
      }
      (a, b) = (combine(a, e), combine(b, f))
      (c, d) = (combine(c, g), combine(d, h))
      var total = combine(combine(a, c), combine(b, d))
      for i in whole..<n { total = combine(total, line[i]) }
      target[o] = total
    }
  }

  /// target[o, i] = fold over the rows r of source[o, r, i], a whole row at a time.
  @inline(__always)
  func foldRows<T>(
    _ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ combine: (T, T) -> T
  ) {
    for o in 0..<outer {
      let totals = target + o * inner
      for r in 0..<n {
        let row = source + (o * n + r) * inner
        for i in 0..<inner { totals[i] = combine(totals[i], row[i]) }
      }
    }
  }
}

/// NaN beats every number and the first NaN stays.
@inline(__always)
private func isBetter<S: HardwareScalar>(_ op: ArgReduction, _ a: S, _ b: S) -> Bool {
  !b.isNaN && (a.isNaN || (op == .max ? a > b : a < b))
}

/// One pass per group of adjacent reduced axes, the last group first; at least one pass.
private func reductionPasses(_ shape: [Int], _ axes: Set<Int>) -> [ReductionLoop.Pass] {
  var groups: [(extent: Int, isReduced: Bool)] = []
  for (axis, extent) in shape.enumerated() where extent != 1 || axes.contains(axis) {
    let isReduced = axes.contains(axis)
    if let last = groups.last, last.isReduced == isReduced {
      groups[groups.count - 1].extent *= extent
    } else {
      groups.append((extent, isReduced))
    }
  }
  if axes.isEmpty { groups.append((1, true)) }
  var inner = 1
  return groups.indices.reversed().compactMap { index in
    guard groups[index].isReduced else {
      inner *= groups[index].extent
      return nil
    }
    let outer = groups[..<index].reduce(1) { $0 * $1.extent }
    return ReductionLoop.Pass(outer: outer, n: groups[index].extent, inner: inner)
  }
}

extension ReductionLoop: CustomStringConvertible {
  /// `[outer, n, inner]` of each pass.
  var description: String {
    passes.map { "[\($0.outer), \($0.n), \($0.inner)]" }.joined(separator: " then ")
  }
}
