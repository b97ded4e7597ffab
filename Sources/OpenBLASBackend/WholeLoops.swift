// Elementwise operations of whole numbers and booleans, bit for bit as in the reference.
//
// Whole numbers wrap around. A division by zero gives all bits set, a remainder by zero the dividend;
// a shift by 32 or more, the count read without sign, moves every bit out (rule AD-3).

internal import Core

func wholeUnary<T: FixedWidthInteger>(_ op: Unary, _: T.Type, _ m: LoopMemory) {
  switch op {
  case .neg: m.map { (x: T) in 0 &- x }
  case .sign: m.map { (x: T) in x.signum() }
  case .abs: m.map { (x: T) in x < 0 ? 0 &- x : x }
  case .square: m.map { (x: T) in x &* x }
  case .not: m.map { (x: T) in ~x }
  case .populationCount: m.map { (x: T) in T(truncatingIfNeeded: x.nonzeroBitCount) }
  case .clz: m.map { (x: T) in T(truncatingIfNeeded: x.leadingZeroBitCount) }
  case .copy, .stopGradient: m.map { (x: T) in x }
  case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2, .expm1,
    .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
    .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite:
    preconditionFailure("\(op.rawValue) of whole numbers passed the typing rule")
  }
}

func wholeBinary<T: FixedWidthInteger>(_ op: Binary, _: T.Type, _ m: LoopMemory) {
  switch op {
  case .add, .addAny: m.zip { (x: T, y: T) in x &+ y }
  case .sub: m.zip { (x: T, y: T) in x &- y }
  case .mul: m.zip { (x: T, y: T) in x &* y }
  case .div:
    m.zip { (x: T, y: T) in y == 0 ? ~0 : x.dividedReportingOverflow(by: y).partialValue }
  case .rem:
    m.zip { (x: T, y: T) in y == 0 ? x : x.remainderReportingOverflow(dividingBy: y).partialValue }
  case .max: m.zip { (x: T, y: T) in max(x, y) }
  case .min: m.zip { (x: T, y: T) in min(x, y) }
  case .and: m.zip { (x: T, y: T) in x & y }
  case .or: m.zip { (x: T, y: T) in x | y }
  case .xor: m.zip { (x: T, y: T) in x ^ y }
  case .shiftLeft: m.zip { (x: T, y: T) in x << shiftCount(y) }
  case .shiftRightLogical:
    m.zip { (x: T, y: T) in
      T(truncatingIfNeeded: UInt32(truncatingIfNeeded: x) >> shiftCount(y))
    }
  case .shiftRightArithmetic:
    m.zip { (x: T, y: T) in T(truncatingIfNeeded: Int32(truncatingIfNeeded: x) >> shiftCount(y)) }
  case .pow, .atan2, .nextafter:
    preconditionFailure("\(op.rawValue) of whole numbers passed the typing rule")
  }
}

/// The bits of `y` as a number without sign, at most 32: `<<` and `>>` then move every bit out.
@inline(__always)
private func shiftCount<T: FixedWidthInteger>(_ y: T) -> UInt32 {
  min(UInt32(truncatingIfNeeded: y), 32)
}

func truthUnary(_ op: Unary, _ m: LoopMemory) {
  precondition(op == .not, "\(op.rawValue) of booleans passed the typing rule")
  m.map { (x: Bool) in !x }
}

func truthBinary(_ op: Binary, _ m: LoopMemory) {
  switch op {
  case .add, .addAny, .or, .max: m.zip { (x: Bool, y: Bool) in x || y }
  case .mul, .and, .min: m.zip { (x: Bool, y: Bool) in x && y }
  case .xor: m.zip { (x: Bool, y: Bool) in x != y }
  case .sub, .div, .rem, .pow, .atan2, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic,
    .nextafter:
    preconditionFailure("\(op.rawValue) of booleans passed the typing rule")
  }
}
