// Elementwise operations: out[i] = f(x[i]) or f(x[i], y[i]).
//
// A rank-0 operand meets every element of the other. Whole numbers wrap around; a division by zero
// gives all bits set and a remainder by zero the dividend, as XLA does on a CPU (rule AD-3).

import RealModule

extension ReferenceInterpreter {
  /// `f` of each element of a floating-point value.
  static func mapInexact(_ p: Primitive, _ x: Value, _ f: (S) -> S) throws -> Value {
    guard case .inexact(let array) = x else { throw unsupported(p.name, x) }
    return .inexact(array.map(f))
  }

  static func unaryKernel(_ op: Unary, _ x: Value) throws -> Value {
    switch (op, x) {
    case (.copy, _), (.stopGradient, _): x
    case (_, .inexact(let x)): try inexactKernel(op, x)
    case (_, .i32(let x)): .i32(try x.map { try integerKernel(op, $0) })
    case (_, .u32(let x)): .u32(try x.map { try integerKernel(op, $0) })
    case (.not, .bool(let x)): .bool(x.map { !$0 })
    case (_, .bool): throw unsupported(op.rawValue, x)
    }
  }

  private static func inexactKernel(_ op: Unary, _ x: DenseArray<S>) throws -> Value {
    switch op {
    case .copy, .stopGradient: .inexact(x)
    case .isFinite: .bool(x.map { $0.isFinite })
    case .not, .populationCount, .clz: throw unsupported(op.rawValue, Value.inexact(x))
    case .neg: .inexact(x.map { -$0 })
    case .sign: .inexact(x.map { S.sign($0) })
    case .floor: .inexact(x.map { S.floor($0) })
    case .ceil: .inexact(x.map { S.ceil($0) })
    case .abs: .inexact(x.map { S.absolute($0) })
    case .square: .inexact(x.map { $0 * $0 })
    case .sqrt: .inexact(x.map { S.sqrt($0) })
    case .rsqrt: .inexact(x.map { S.rsqrt($0) })
    case .cbrt: .inexact(x.map { S.cbrt($0) })
    case .roundAwayFromZero: .inexact(x.map { S.roundAwayFromZero($0) })
    case .roundToEven: .inexact(x.map { S.roundToEven($0) })
    case .exp: .inexact(x.map { S.exp($0) })
    case .exp2: .inexact(x.map { S.exp2($0) })
    case .expm1: .inexact(x.map { S.expMinusOne($0) })
    case .log: .inexact(x.map { S.log($0) })
    case .log1p: .inexact(x.map { S.log(onePlus: $0) })
    case .logistic: .inexact(x.map { S.logistic($0) })
    case .sin: .inexact(x.map { S.sin($0) })
    case .cos: .inexact(x.map { S.cos($0) })
    case .tan: .inexact(x.map { S.tan($0) })
    case .asin: .inexact(x.map { S.asin($0) })
    case .acos: .inexact(x.map { S.acos($0) })
    case .atan: .inexact(x.map { S.atan($0) })
    case .sinh: .inexact(x.map { S.sinh($0) })
    case .cosh: .inexact(x.map { S.cosh($0) })
    case .tanh: .inexact(x.map { S.tanh($0) })
    case .asinh: .inexact(x.map { S.asinh($0) })
    case .acosh: .inexact(x.map { S.acosh($0) })
    case .atanh: .inexact(x.map { S.atanh($0) })
    case .erf: .inexact(x.map { S.erf($0) })
    case .erfc: .inexact(x.map { S.erfc($0) })
    case .erfInv: .inexact(x.map { S.erfInv($0) })
    case .lgamma: .inexact(x.map { S.logGamma($0) })
    case .digamma: .inexact(x.map { S.digamma($0) })
    }
  }

  /// xⁿ by repeated squaring; 1/x⁻ⁿ for n < 0.
  static func integerPowKernel(_ n: Int, _ x: Value) -> Value {
    switch x {
    case .inexact(let x):
      .inexact(x.map { n < 0 ? (1 as S) / power($0, -n, by: *) : power($0, n, by: *) })
    case .i32(let x): .i32(x.map { power($0, n, by: &*) })
    case .u32(let x): .u32(x.map { power($0, n, by: &*) })
    case .bool: x
    }
  }

  private static func power<T: ExpressibleByIntegerLiteral>(
    _ x: T, _ n: Int, by multiply: (T, T) -> T
  ) -> T {
    var (result, square, rest): (T?, T, Int) = (nil, x, n)
    while rest > 0 {
      if rest & 1 == 1 { result = result.map { multiply($0, square) } ?? square }
      rest >>= 1
      if rest > 0 { square = multiply(square, square) }
    }
    return result ?? 1
  }

  static func binaryKernel(_ op: Binary, _ x: Value, _ y: Value) throws -> Value {
    switch (x, y) {
    case (.inexact(let x), .inexact(let y)): .inexact(try inexactKernel(op, x, y))
    case (.i32(let x), .i32(let y)): .i32(try zip(x, y) { try integerKernel(op, $0, $1) })
    case (.u32(let x), .u32(let y)): .u32(try zip(x, y) { try integerKernel(op, $0, $1) })
    case (.bool(let x), .bool(let y)): .bool(try zip(x, y) { try booleanKernel(op, $0, $1) })
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _): throw unsupported(op.rawValue, x)
    }
  }

  private static func inexactKernel(
    _ op: Binary, _ x: DenseArray<S>, _ y: DenseArray<S>
  ) throws -> DenseArray<S> {
    switch op {
    case .add, .addAny: zip(x, y) { $0 + $1 }
    case .sub: zip(x, y) { $0 - $1 }
    case .mul: zip(x, y) { $0 * $1 }
    case .div: zip(x, y) { $0 / $1 }
    case .rem: zip(x, y) { S.remainder($0, $1) }
    case .pow: zip(x, y) { S.power($0, $1) }
    case .atan2: zip(x, y) { S.atan2(y: $0, x: $1) }
    case .max: zip(x, y) { S.maximum($0, $1) }
    case .min: zip(x, y) { S.minimum($0, $1) }
    case .nextafter: zip(x, y) { S.nextAfter($0, toward: $1) }
    case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
      throw unsupported(op.rawValue, Value.inexact(x))
    }
  }

  static func compareKernel(_ op: Comparison, _ x: Value, _ y: Value) -> Value {
    switch (x, y) {
    case (.inexact(let x), .inexact(let y)): .bool(zip(x, y) { op.holds($0, $1) })
    case (.i32(let x), .i32(let y)): .bool(zip(x, y) { op.holds($0, $1) })
    case (.u32(let x), .u32(let y)): .bool(zip(x, y) { op.holds($0, $1) })
    case (.bool(let x), .bool(let y)):
      .bool(zip(x, y) { op.holds($0 ? 1 : 0, $1 ? 1 : 0) })
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _):
      preconditionFailure("compare of mixed dtypes passed the typing rule")
    }
  }

  static func unsupported(_ name: String, _ x: Value) -> TraceError {
    let dtype =
      switch x {
      case .inexact: "a floating-point dtype"
      case .i32: "int32"
      case .u32: "uint32"
      case .bool: "bool"
      }
    return TraceError.illTyped("\(name) does not accept \(dtype).")
  }
}

extension Comparison {
  /// Whether x op y; with NaN only `ne` holds.
  @inline(__always)
  public func holds<T: Comparable>(_ x: T, _ y: T) -> Bool {
    switch self {
    case .eq: x == y
    case .ne: x != y
    case .lt: x < y
    case .le: x <= y
    case .gt: x > y
    case .ge: x >= y
    }
  }
}

/// f(x[i], y[i]); a rank-0 operand meets every element of the other.
func zip<A, B, C>(
  _ x: DenseArray<A>, _ y: DenseArray<B>, _ f: (A, B) throws -> C
) rethrows -> DenseArray<C> {
  if x.shape.isEmpty { return try y.map { try f(x.scalars[0], $0) } }
  if y.shape.isEmpty { return try x.map { try f($0, y.scalars[0]) } }
  return DenseArray(
    shape: x.shape, scalars: try x.scalars.indices.map { try f(x.scalars[$0], y.scalars[$0]) })
}

private func integerKernel<T: FixedWidthInteger>(_ op: Unary, _ x: T) throws -> T {
  switch op {
  case .neg: 0 &- x
  case .sign: x == 0 ? 0 : x > 0 ? 1 : 0 &- 1
  case .abs: x < 0 ? 0 &- x : x
  case .square: x &* x
  case .not: ~x
  case .populationCount: T(truncatingIfNeeded: x.nonzeroBitCount)
  case .clz: T(truncatingIfNeeded: x.leadingZeroBitCount)
  case .copy, .stopGradient: x
  case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2, .expm1,
    .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh,
    .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite:
    throw TraceError.illTyped("\(op.printedName) does not accept whole numbers.")
  }
}

private func integerKernel<T: FixedWidthInteger>(_ op: Binary, _ x: T, _ y: T) throws -> T {
  switch op {
  case .add, .addAny: x &+ y
  case .sub: x &- y
  case .mul: x &* y
  case .div: y == 0 ? ~0 : x.dividedReportingOverflow(by: y).partialValue
  case .rem: y == 0 ? x : x.remainderReportingOverflow(dividingBy: y).partialValue
  case .max: Swift.max(x, y)
  case .min: Swift.min(x, y)
  case .and: x & y
  case .or: x | y
  case .xor: x ^ y
  case .shiftLeft: x << shiftCount(y)
  case .shiftRightLogical:
    T(truncatingIfNeeded: UInt64(UInt32(truncatingIfNeeded: x)) >> shiftCount(y))
  case .shiftRightArithmetic:
    T(truncatingIfNeeded: Int32(truncatingIfNeeded: x) >> shiftCount(y))
  case .pow, .atan2, .nextafter:
    throw TraceError.illTyped("\(op.rawValue) does not accept whole numbers.")
  }
}

/// How far to shift: the bits of `y` as a number without sign; from 32 on every bit leaves.
private func shiftCount<T: FixedWidthInteger>(_ y: T) -> Int {
  Int(Swift.min(UInt32(truncatingIfNeeded: y), 32))
}

private func booleanKernel(_ op: Binary, _ x: Bool, _ y: Bool) throws -> Bool {
  switch op {
  case .add, .addAny, .or, .max: x || y
  case .mul, .and, .min: x && y
  case .xor: x != y
  case .sub, .div, .rem, .pow, .atan2, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic,
    .nextafter:
    throw TraceError.illTyped("\(op.rawValue) does not accept dtype bool.")
  }
}
