// Elementwise operations: which there are, and one loop per operation and dtype for floating point.
//
// Equal to the reference bit for bit (a NaN is a NaN): the same functions on the same numbers, except
// those of VectorFunctions.swift, which differ from the C library's in their last digit. A loop reads and writes memory that it is given and depends on nothing
// but the elements at its own index, so it may run over any part of the range, alone or among others:
// the bits are the same. It may write over an operand.

internal import Core
internal import RealModule

/// out[i] = f(x[i], y[i], …).
enum Elementwise: Sendable, Hashable {
  case unary(Unary)
  case integerPow(Int)
  case polygamma(order: Int)
  case reducePrecision(exponentBits: Int, mantissaBits: Int)
  case binary(Binary)
  case clamp
  case compare(Comparison)
  case select
  case convert(DType)
  case bitcast(DType)

  /// The elementwise meaning of `p`, if it has one.
  init?(_ p: Primitive) {
    switch p {
    case .unary(.copy), .unary(.stopGradient): return nil
    case .unary(let op): self = .unary(op)
    case .integerPow(let n): self = .integerPow(n)
    case .polygamma(let order): self = .polygamma(order: order)
    case .reducePrecision(let exponentBits, let mantissaBits):
      self = .reducePrecision(exponentBits: exponentBits, mantissaBits: mantissaBits)
    case .binary(let op): self = .binary(op)
    case .clamp: self = .clamp
    case .compare(let op): self = .compare(op)
    case .selectN: self = .select
    case .convertElementType(let dtype): self = .convert(dtype)
    case .bitcastConvertType(let dtype): self = .bitcast(dtype)
    case .broadcastInDim, .reshape, .transpose, .squeeze, .concatenate, .slice, .rev, .pad, .iota,
      .reduce, .argReduce, .dotGeneral, .convGeneralDilated, .reduceWindow, .selectAndScatterAdd,
      .selectAndGatherAdd, .cumulative, .sort, .topK, .split, .threefry2x32, .dynamicSlice,
      .dynamicUpdateSlice, .gather, .scatter, .higherOrder, .collective, .axisIndex:
      return nil
    }
  }

  /// The loop over `count` indices. The first operand is of `dtype`, the result of `out`.
  func run(_ dtype: DType, to out: DType, _ m: LoopMemory) {
    switch self {
    case .unary(let op): runUnary(op, dtype, m)
    case .integerPow(let n): integerPower(n, dtype, m)
    case .polygamma(let order): runPolygamma(order, dtype, m)
    case .reducePrecision(let exponentBits, let mantissaBits):
      reducedPrecision(exponentBits, mantissaBits, dtype, m)
    case .binary(let op): runBinary(op, dtype, m)
    case .clamp:
      runBinary(.max, dtype, m.reading(1, 0))
      runBinary(.min, dtype, m.combining(with: 2))
    case .compare(let op): compared(op, dtype, m)
    case .select: selected(by: dtype, out, m)
    case .convert(let target): converted(dtype, to: target, m)
    case .bitcast(let target): recast(dtype, to: target, m)
    }
  }
}

private func runUnary(_ op: Unary, _ dtype: DType, _ m: LoopMemory) {
  switch dtype {
  case .f32: op == .isFinite ? m.map { (x: Float) in x.isFinite } : unary(op, Float.self, m)
  case .f64: op == .isFinite ? m.map { (x: Double) in x.isFinite } : unary(op, Double.self, m)
  case .i32: wholeUnary(op, Int32.self, m)
  case .u32: wholeUnary(op, UInt32.self, m)
  case .bool: truthUnary(op, m)
  }
}

private func runBinary(_ op: Binary, _ dtype: DType, _ m: LoopMemory) {
  switch dtype {
  case .f32: binary(op, Float.self, m)
  case .f64: binary(op, Double.self, m)
  case .i32: wholeBinary(op, Int32.self, m)
  case .u32: wholeBinary(op, UInt32.self, m)
  case .bool: truthBinary(op, m)
  }
}

private func integerPower(_ n: Int, _ dtype: DType, _ m: LoopMemory) {
  switch dtype {
  case .f32: floatPower(n, Float.self, m)
  case .f64: floatPower(n, Double.self, m)
  case .i32: m.map { (x: Int32) in power(x, n) { $0 &* $1 } }
  case .u32: m.map { (x: UInt32) in power(x, n) { $0 &* $1 } }
  case .bool: preconditionFailure("a power of booleans passed the typing rule")
  }
}

/// The powers that derivatives and normalisations are full of have loops without a loop inside.
private func floatPower<S: BLASScalar>(_ n: Int, _: S.Type, _ m: LoopMemory) {
  switch n {
  case 3: S.cubing(m.x(S.self), m.result(S.self), m.count)
  case -1: m.map { (x: S) in 1 / x }
  case ..<0: m.map { (x: S) in 1 / power(x, -n) { $0 * $1 } }
  case _: m.map { (x: S) in power(x, n) { $0 * $1 } }
  }
}

private func runPolygamma(_ order: Int, _ dtype: DType, _ m: LoopMemory) {
  switch dtype {
  case .f32: m.map { Float.polygamma(order, $0) }
  case .f64: m.map { Double.polygamma(order, $0) }
  case .i32, .u32, .bool: preconditionFailure("polygamma of \(dtype) passed the typing rule")
  }
}

private func reducedPrecision(
  _ exponentBits: Int, _ mantissaBits: Int, _ dtype: DType, _ m: LoopMemory
) {
  func reduce<S: BLASScalar>(_: S.Type) {
    m.map { (x: S) in
      S.reducePrecision(x, exponentBits: exponentBits, mantissaBits: mantissaBits)
    }
  }
  switch dtype {
  case .f32: reduce(Float.self)
  case .f64: reduce(Double.self)
  case .i32, .u32, .bool: preconditionFailure("reduce_precision of \(dtype) was not refused")
  }
}

private func unary<S: BLASScalar>(_ op: Unary, _: S.Type, _ m: LoopMemory) {
  if let kernel = S.vectorFunction(op) {
    return kernel(m.x(S.self), m.result(S.self), m.count)
  }
  switch op {
  case .copy, .stopGradient: m.map { (x: S) in x }
  case .neg: S.negation(m.x(S.self), m.result(S.self), m.count)
  case .sign: m.map { (x: S) in S.sign(x) }
  case .floor: m.map { (x: S) in S.floor(x) }
  case .ceil: m.map { (x: S) in S.ceil(x) }
  case .abs: m.map { (x: S) in S.absolute(x) }
  case .cbrt: m.map { (x: S) in S.cbrt(x) }
  case .roundAwayFromZero: m.map { (x: S) in S.roundAwayFromZero(x) }
  case .roundToEven: m.map { (x: S) in S.roundToEven(x) }
  case .exp2: m.map { (x: S) in S.exp2(x) }
  case .tan: m.map { (x: S) in S.tan(x) }
  case .asin: m.map { (x: S) in S.asin(x) }
  case .acos: m.map { (x: S) in S.acos(x) }
  case .atan: m.map { (x: S) in S.atan(x) }
  case .sinh: m.map { (x: S) in S.sinh(x) }
  case .cosh: m.map { (x: S) in S.cosh(x) }
  case .asinh: m.map { (x: S) in S.asinh(x) }
  case .acosh: m.map { (x: S) in S.acosh(x) }
  case .atanh: m.map { (x: S) in S.atanh(x) }
  case .erf: m.map { (x: S) in S.erf(x) }
  case .erfc: m.map { (x: S) in S.erfc(x) }
  case .erfInv: m.map { (x: S) in S.erfInv(x) }
  case .lgamma: m.map { (x: S) in S.logGamma(x) }
  case .digamma: m.map { (x: S) in S.digamma(x) }
  case .square: preconditionFailure("a square is a product")
  case .sqrt, .rsqrt, .exp, .expm1, .log, .log1p, .logistic, .sin, .cos, .tanh:
    preconditionFailure("\(op.rawValue) has a vector function")
  case .isFinite, .not, .populationCount, .clz:
    preconditionFailure("\(op.rawValue) of floats passed the typing rule")
  }
}

private func binary<S: BLASScalar>(_ op: Binary, _: S.Type, _ m: LoopMemory) {
  func run(_ kernel: VectorArithmetic<S>) {
    kernel(m.x(S.self), m.y(S.self), m.result(S.self), m.count)
  }
  switch op {
  case .add, .addAny, .sub, .mul, .div:
    preconditionFailure("\(op.rawValue) has a loop of arithmetic")
  case .rem: m.zip { (x: S, y: S) in S.remainder(x, y) }
  case .pow: m.zip { (x: S, y: S) in S.power(x, y) }
  case .atan2: m.zip { (x: S, y: S) in S.atan2(y: x, x: y) }
  case .max: run(S.maxima)
  case .min: run(S.minima)
  case .nextafter: m.zip { (x: S, y: S) in following(x, y) }
  case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
    preconditionFailure("\(op.rawValue) of floats passed the typing rule")
  }
}

/// xⁿ for n ≥ 0, multiplied in the reference's order.
@inline(__always)
private func power<T: ExpressibleByIntegerLiteral>(_ x: T, _ n: Int, _ times: (T, T) -> T) -> T {
  var (result, square, rest): (T?, T, Int) = (nil, x, n)
  while rest > 0 {
    if rest & 1 == 1 { result = result.map { times($0, square) } ?? square }
    rest >>= 1
    if rest > 0 { square = times(square, square) }
  }
  return result ?? 1
}
