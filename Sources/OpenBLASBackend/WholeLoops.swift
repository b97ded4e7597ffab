// Elementwise operations of whole numbers and booleans, bit for bit as in the reference.
//
// Whole numbers wrap around. A division by zero gives all bits set, a remainder by zero the dividend;
// a shift by 32 or more, the count read without sign, moves every bit out (rule AD-3).

internal import Core

func wholeUnary<T: FixedWidthInteger>(_ op: Unary, _ x: [T]) -> [T] {
  switch op {
  case .neg: mapped(x) { 0 &- $0 }
  case .sign: mapped(x) { $0.signum() }
  case .abs: mapped(x) { $0 < 0 ? 0 &- $0 : $0 }
  case .square: mapped(x) { $0 &* $0 }
  case .not: mapped(x) { ~$0 }
  case .populationCount: mapped(x) { T(truncatingIfNeeded: $0.nonzeroBitCount) }
  case .clz: mapped(x) { T(truncatingIfNeeded: $0.leadingZeroBitCount) }
  case .copy, .stopGradient: x
  case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2, .expm1,
    .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
    .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite:
    preconditionFailure("\(op.rawValue) of whole numbers passed the typing rule")
  }
}

func wholeBinary<T: FixedWidthInteger>(_ op: Binary, _ x: [T], _ y: [T], _ count: Int) -> [T] {
  switch op {
  case .add, .addAny: zipped(x, y, count) { $0 &+ $1 }
  case .sub: zipped(x, y, count) { $0 &- $1 }
  case .mul: zipped(x, y, count) { $0 &* $1 }
  case .div:
    zipped(x, y, count) { $1 == 0 ? ~0 : $0.dividedReportingOverflow(by: $1).partialValue }
  case .rem:
    zipped(x, y, count) {
      $1 == 0 ? $0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue
    }
  case .max: zipped(x, y, count) { max($0, $1) }
  case .min: zipped(x, y, count) { min($0, $1) }
  case .and: zipped(x, y, count) { $0 & $1 }
  case .or: zipped(x, y, count) { $0 | $1 }
  case .xor: zipped(x, y, count) { $0 ^ $1 }
  case .shiftLeft: zipped(x, y, count) { $0 << shiftCount($1) }
  case .shiftRightLogical:
    zipped(x, y, count) { T(truncatingIfNeeded: UInt32(truncatingIfNeeded: $0) >> shiftCount($1)) }
  case .shiftRightArithmetic:
    zipped(x, y, count) { T(truncatingIfNeeded: Int32(truncatingIfNeeded: $0) >> shiftCount($1)) }
  case .pow, .atan2, .nextafter:
    preconditionFailure("\(op.rawValue) of whole numbers passed the typing rule")
  }
}

/// The bits of `y` as a number without sign, at most 32: `<<` and `>>` then move every bit out.
@inline(__always)
private func shiftCount<T: FixedWidthInteger>(_ y: T) -> UInt32 {
  min(UInt32(truncatingIfNeeded: y), 32)
}

func truthUnary(_ op: Unary, _ x: [Bool]) -> [Bool] {
  precondition(op == .not, "\(op.rawValue) of booleans passed the typing rule")
  return mapped(x) { !$0 }
}

func truthBinary(_ op: Binary, _ x: [Bool], _ y: [Bool], _ count: Int) -> [Bool] {
  switch op {
  case .add, .addAny, .or, .max: zipped(x, y, count) { $0 || $1 }
  case .mul, .and, .min: zipped(x, y, count) { $0 && $1 }
  case .xor: zipped(x, y, count) { $0 != $1 }
  case .sub, .div, .rem, .pow, .atan2, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic,
    .nextafter:
    preconditionFailure("\(op.rawValue) of booleans passed the typing rule")
  }
}
