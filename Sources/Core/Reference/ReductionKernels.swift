// Combining elements, always in row-major order of what is combined.

import RealModule

extension ReferenceInterpreter {
  /// out[i] = op over all j of x[i, j], i on the kept axes, j on `axes`.
  static func reduceKernel(_ op: Reduction, _ x: Value, _ axes: [Int]) -> Value {
    switch x {
    case .inexact(let x): .inexact(reduceInexact(op, x, axes))
    case .i32(let x): .i32(reduceInteger(op, x, axes))
    case .u32(let x): .u32(reduceInteger(op, x, axes))
    case .bool(let x):
      switch op {
      case .max, .or: .bool(fold(x, axes, false) { $0 || $1 })
      case .min, .and: .bool(fold(x, axes, true) { $0 && $1 })
      case .xor: .bool(fold(x, axes, false) { $0 != $1 })
      case .sum, .prod: preconditionFailure("a sum of booleans passed the typing rule")
      }
    }
  }

  private static func reduceInexact(
    _ op: Reduction, _ x: DenseArray<S>, _ axes: [Int]
  ) -> DenseArray<S> {
    switch op {
    case .sum: fold(x, axes, S.zero) { $0 + $1 }
    case .prod: fold(x, axes, 1) { $0 * $1 }
    case .max: fold(x, axes, -S.infinity) { S.maximum($0, $1) }
    case .min: fold(x, axes, S.infinity) { S.minimum($0, $1) }
    case .and, .or, .xor: preconditionFailure("reduce_\(op) of floats passed the typing rule")
    }
  }

  private static func reduceInteger<T: FixedWidthInteger & Sendable>(
    _ op: Reduction, _ x: DenseArray<T>, _ axes: [Int]
  ) -> DenseArray<T> {
    switch op {
    case .sum: fold(x, axes, 0) { $0 &+ $1 }
    case .prod: fold(x, axes, 1) { $0 &* $1 }
    case .max: fold(x, axes, T.min) { max($0, $1) }
    case .min: fold(x, axes, T.max) { min($0, $1) }
    case .and: fold(x, axes, ~0) { $0 & $1 }
    case .or: fold(x, axes, 0) { $0 | $1 }
    case .xor: fold(x, axes, 0) { $0 ^ $1 }
    }
  }

  private static func fold<T>(
    _ x: DenseArray<T>, _ axes: [Int], _ initial: T, _ combine: (T, T) -> T
  ) -> DenseArray<T> {
    let split = AxisSplit(x.shape, reduced: axes)
    let scalars = split.outer.map { base in
      var total = initial
      for offset in split.inner { total = combine(total, x.scalars[base + offset]) }
      return total
    }
    return DenseArray(shape: split.shape, scalars: scalars)
  }

  /// The first index along `axis` at which the extremum, or else the first NaN, stands.
  static func argReduceKernel(
    _ op: ArgReduction, _ x: Value, _ axis: Int, _ dtype: DType
  ) -> Value {
    let indices: DenseArray<Int32> =
      switch x {
      case .inexact(let x):
        position(x, axis) { a, b in !b.isNaN && (a.isNaN || (op == .max ? a > b : a < b)) }
      case .i32(let x): position(x, axis) { op == .max ? $0 > $1 : $0 < $1 }
      case .u32(let x): position(x, axis) { op == .max ? $0 > $1 : $0 < $1 }
      case .bool(let x): position(x, axis) { op == .max ? $0 && !$1 : !$0 && $1 }
      }
    return convertKernel(.i32(indices), to: dtype)
  }

  private static func position<T>(
    _ x: DenseArray<T>, _ axis: Int, _ isBetter: (T, T) -> Bool
  ) -> DenseArray<Int32> {
    let split = AxisSplit(x.shape, reduced: [axis])
    let scalars = split.outer.map { base in
      var best = 0
      for i in split.inner.indices
      where isBetter(x.scalars[base + split.inner[i]], x.scalars[base + split.inner[best]]) {
        best = i
      }
      return Int32(best)
    }
    return DenseArray(shape: split.shape, scalars: scalars)
  }

  /// out[b, l, r] = Σ_k lhs[b, l, k] · rhs[b, r, k].
  static func dotGeneralKernel(_ x: Value, _ y: Value, _ d: DotDimensionNumbers) -> Value {
    switch (x, y) {
    case (.inexact(let x), .inexact(let y)):
      .inexact(contracted(x, y, d, S.zero) { $0 + $1 * $2 })
    case (.i32(let x), .i32(let y)): .i32(contracted(x, y, d, 0) { $0 &+ $1 &* $2 })
    case (.u32(let x), .u32(let y)): .u32(contracted(x, y, d, 0) { $0 &+ $1 &* $2 })
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _):
      preconditionFailure("dot_general of these dtypes passed the typing rule")
    }
  }

  private static func contracted<T>(
    _ x: DenseArray<T>, _ y: DenseArray<T>, _ d: DotDimensionNumbers, _ zero: T,
    _ accumulate: (T, T, T) -> T
  ) -> DenseArray<T> {
    let (lhs, rhs) = (AxisPositions(x.shape), AxisPositions(y.shape))
    let (lhsFree, rhsFree) = (d.lhsFree(rank: x.shape.count), d.rhsFree(rank: y.shape.count))
    let (lhsK, rhsK) = (lhs.over(d.lhsContracting), rhs.over(d.rhsContracting))
    let (rows, columns) = (lhs.over(lhsFree), rhs.over(rhsFree))
    var scalars: [T] = []
    for (lhsBatch, rhsBatch) in Swift.zip(lhs.over(d.lhsBatch), rhs.over(d.rhsBatch)) {
      for row in rows {
        // Each sum runs in the order of k; a row of them runs side by side, so that none waits for
        // the latency of its own last addition.
        var totals = [T](repeating: zero, count: columns.count)
        for k in lhsK.indices {
          let (left, right) = (x.scalars[lhsBatch + row + lhsK[k]], rhsBatch + rhsK[k])
          for column in columns.indices {
            totals[column] = accumulate(
              totals[column], left, y.scalars[right + columns[column]])
          }
        }
        scalars += totals
      }
    }
    let shape =
      d.lhsBatch.map { x.shape[$0] } + lhsFree.map { x.shape[$0] } + rhsFree.map { y.shape[$0] }
    return DenseArray(shape: shape, scalars: scalars)
  }
}

/// Flat positions along some axes of a row-major array.
struct AxisPositions {
  let shape: [Int]
  let strides: [Int]

  init(_ shape: [Int]) {
    self.shape = shape
    strides = rowMajorStrides(shape)
  }

  /// The positions of the index space of `axes`, in row-major order of that list.
  func over(_ axes: [Int]) -> [Int] {
    positions(axes.map { shape[$0] }, axes.map { strides[$0] })
  }
}

/// A row-major array seen as (kept, reduced): position = outer + inner.
struct AxisSplit {
  let shape: [Int]
  let outer: [Int]
  let inner: [Int]

  init(_ shape: [Int], reduced axes: [Int]) {
    let all = AxisPositions(shape)
    let kept = shape.indices.filter { !axes.contains($0) }
    self.shape = kept.map { shape[$0] }
    outer = all.over(kept)
    inner = all.over(axes.sorted())
  }
}
