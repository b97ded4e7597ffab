// Every partial result of a reduction, combined one element after another.

import RealModule

extension ReferenceInterpreter {
  /// y[0] = x[0], y[k] = op(y[k − 1], x[k]) along `axis`; from the last element when `reverse`.
  static func cumulativeKernel(
    _ op: Cumulative, _ x: Value, _ axis: Int, reverse: Bool
  ) -> Value {
    switch x {
    case .inexact(let x): .inexact(running(x, axis, reverse) { combined(op, $0, $1) })
    case .i32(let x): .i32(running(x, axis, reverse) { wholeCombined(op, $0, $1) })
    case .u32(let x): .u32(running(x, axis, reverse) { wholeCombined(op, $0, $1) })
    case .bool: preconditionFailure("cum\(op.rawValue) of booleans passed the typing rule")
    }
  }

  private static func combined(_ op: Cumulative, _ x: S, _ y: S) -> S {
    switch op {
    case .sum: x + y
    case .prod: x * y
    case .max: S.maximum(x, y)
    case .min: S.minimum(x, y)
    case .logsumexp: logAddExp(x, y)
    }
  }

  /// ln(eˣ + eʸ) = max + ln(1 + e^−|x − y|); equal infinities have no difference, but a sum.
  private static func logAddExp(_ x: S, _ y: S) -> S {
    let difference = x - y
    if difference.isNaN { return x + y }
    return S.maximum(x, y) + S.log(onePlus: S.exp(-S.absolute(difference)))
  }

  private static func wholeCombined<T: FixedWidthInteger>(_ op: Cumulative, _ x: T, _ y: T) -> T {
    switch op {
    case .sum: x &+ y
    case .prod: x &* y
    case .max: max(x, y)
    case .min: min(x, y)
    case .logsumexp: preconditionFailure("cumlogsumexp of whole numbers passed the typing rule")
    }
  }

  private static func running<T>(
    _ x: DenseArray<T>, _ axis: Int, _ reverse: Bool, _ combine: (T, T) -> T
  ) -> DenseArray<T> {
    let lines = AxisSplit(x.shape, reduced: [axis])
    let order = reverse ? lines.inner.reversed() : lines.inner
    var y = x
    for base in lines.outer {
      for (last, next) in Swift.zip(order, order.dropFirst()) {
        y.scalars[base + next] = combine(y.scalars[base + last], x.scalars[base + next])
      }
    }
    return y
  }
}
