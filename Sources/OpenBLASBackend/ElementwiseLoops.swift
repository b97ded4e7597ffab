// Elementwise operations: which there are, and one loop per operation and dtype for floating point.
//
// Equal to the reference bit for bit (a NaN is a NaN): the same functions on the same numbers, except
// those of VectorFunctions.swift, which differ from the C library's in their last digit.
// The loops are inlined with their operation, so that arithmetic vectorises.

internal import Core
internal import RealModule

/// out[i] = f(x[i], y[i], …).
enum Elementwise: Sendable {
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

  /// The result, whose type is `out`.
  func run(_ x: [Buffer], _ out: ShapedArray) -> Buffer {
    let storage: Storage =
      switch self {
      case .unary(let op): unaryResult(op, x[0].storage)
      case .integerPow(let n): integerPower(n, x[0].storage)
      case .polygamma(let order): polygammaResult(order, x[0].storage)
      case .reducePrecision(let exponentBits, let mantissaBits):
        reducedPrecision(exponentBits, mantissaBits, x[0].storage)
      case .binary(let op): binaryResult(op, x[0].storage, x[1].storage, out.size)
      case .clamp:
        binaryResult(
          .min, binaryResult(.max, x[1].storage, x[0].storage, out.size), x[2].storage, out.size)
      case .compare(let op): .bool(compared(op, x[0].storage, x[1].storage, out.size))
      case .select: selected(x, out)
      case .convert(let dtype): converted(x[0].storage, to: dtype)
      case .bitcast(let dtype): recast(x[0].storage, to: dtype)
      }
    return Buffer(shape: out.shape, storage)
  }
}

private func unaryResult(_ op: Unary, _ x: Storage) -> Storage {
  switch x {
  case .f32(let x): op == .isFinite ? .bool(mapped(x) { $0.isFinite }) : .f32(unary(op, x))
  case .f64(let x): op == .isFinite ? .bool(mapped(x) { $0.isFinite }) : .f64(unary(op, x))
  case .i32(let x): .i32(wholeUnary(op, x))
  case .u32(let x): .u32(wholeUnary(op, x))
  case .bool(let x): .bool(truthUnary(op, x))
  }
}

private func binaryResult(_ op: Binary, _ x: Storage, _ y: Storage, _ count: Int) -> Storage {
  switch x {
  case .f32(let x): .f32(binary(op, x, Float.array(y), count))
  case .f64(let x): .f64(binary(op, x, Double.array(y), count))
  case .i32(let x): .i32(wholeBinary(op, x, Int32.array(y), count))
  case .u32(let x): .u32(wholeBinary(op, x, UInt32.array(y), count))
  case .bool(let x): .bool(truthBinary(op, x, Bool.array(y), count))
  }
}

private func integerPower(_ n: Int, _ x: Storage) -> Storage {
  switch x {
  case .f32(let x): .f32(integerPower(n, x))
  case .f64(let x): .f64(integerPower(n, x))
  case .i32(let x): .i32(mapped(x) { power($0, n) { $0 &* $1 } })
  case .u32(let x): .u32(mapped(x) { power($0, n) { $0 &* $1 } })
  case .bool: preconditionFailure("a power of booleans passed the typing rule")
  }
}

private func integerPower<S: BLASScalar>(_ n: Int, _ x: [S]) -> [S] {
  n < 0
    ? mapped(x) { 1 / power($0, -n) { $0 * $1 } } : mapped(x) { power($0, n) { $0 * $1 } }
}

private func polygammaResult(_ order: Int, _ x: Storage) -> Storage {
  switch x {
  case .f32(let x): .f32(mapped(x) { Float.polygamma(order, $0) })
  case .f64(let x): .f64(mapped(x) { Double.polygamma(order, $0) })
  case .i32, .u32, .bool: preconditionFailure("polygamma of \(x.dtype) passed the typing rule")
  }
}

private func reducedPrecision(
  _ exponentBits: Int, _ mantissaBits: Int, _ x: Storage
) -> Storage {
  func reduced<S: BLASScalar>(_ x: [S]) -> [S] {
    mapped(x) { S.reducePrecision($0, exponentBits: exponentBits, mantissaBits: mantissaBits) }
  }
  return switch x {
  case .f32(let x): .f32(reduced(x))
  case .f64(let x): .f64(reduced(x))
  case .i32, .u32, .bool: preconditionFailure("reduce_precision of \(x.dtype) was not refused")
  }
}

private func unary<S: BLASScalar>(_ op: Unary, _ x: [S]) -> [S] {
  if let kernel = S.vectorFunction(op) { return mapped(x, by: kernel) }
  return switch op {
  case .copy, .stopGradient: x
  case .neg: mapped(x) { -$0 }
  case .sign: mapped(x) { S.sign($0) }
  case .floor: mapped(x) { S.floor($0) }
  case .ceil: mapped(x) { S.ceil($0) }
  case .abs: mapped(x) { S.absolute($0) }
  case .square: mapped(x) { $0 * $0 }
  case .cbrt: mapped(x) { S.cbrt($0) }
  case .roundAwayFromZero: mapped(x) { S.roundAwayFromZero($0) }
  case .roundToEven: mapped(x) { S.roundToEven($0) }
  case .exp2: mapped(x) { S.exp2($0) }
  case .tan: mapped(x) { S.tan($0) }
  case .asin: mapped(x) { S.asin($0) }
  case .acos: mapped(x) { S.acos($0) }
  case .atan: mapped(x) { S.atan($0) }
  case .sinh: mapped(x) { S.sinh($0) }
  case .cosh: mapped(x) { S.cosh($0) }
  case .asinh: mapped(x) { S.asinh($0) }
  case .acosh: mapped(x) { S.acosh($0) }
  case .atanh: mapped(x) { S.atanh($0) }
  case .erf: mapped(x) { S.erf($0) }
  case .erfc: mapped(x) { S.erfc($0) }
  case .erfInv: mapped(x) { S.erfInv($0) }
  case .lgamma: mapped(x) { S.logGamma($0) }
  case .digamma: mapped(x) { S.digamma($0) }
  case .sqrt, .rsqrt, .exp, .expm1, .log, .log1p, .logistic, .sin, .cos, .tanh:
    preconditionFailure("\(op.rawValue) has a vector function")
  case .isFinite, .not, .populationCount, .clz:
    preconditionFailure("\(op.rawValue) of floats passed the typing rule")
  }
}

private func binary<S: BLASScalar>(_ op: Binary, _ x: [S], _ y: [S], _ count: Int) -> [S] {
  switch op {
  case .add, .addAny: zipped(x, y, count) { $0 + $1 }
  case .sub: zipped(x, y, count) { $0 - $1 }
  case .mul: zipped(x, y, count) { $0 * $1 }
  case .div: zipped(x, y, count) { $0 / $1 }
  case .rem: zipped(x, y, count) { S.remainder($0, $1) }
  case .pow: zipped(x, y, count) { S.power($0, $1) }
  case .atan2: zipped(x, y, count) { S.atan2(y: $0, x: $1) }
  case .max: zipped(x, y, count) { larger($0, $1) }
  case .min: zipped(x, y, count) { smaller($0, $1) }
  case .nextafter: zipped(x, y, count) { following($0, $1) }
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

/// f(x[i]), all of them by one call.
func mapped<S>(_ x: [S], by kernel: VectorFunction<S>) -> [S] {
  x.withUnsafeBufferPointer { x in
    filledArray(x.count) { target in
      if let base = x.baseAddress { kernel(base, target, x.count) }
    }
  }
}

/// f(x[i]).
@inline(__always)
func mapped<A, B>(_ x: [A], _ f: (A) -> B) -> [B] {
  x.withUnsafeBufferPointer { x in
    filledArray(x.count) { target in for i in x.indices { target[i] = f(x[i]) } }
  }
}

/// f(x[i], y[i]) for `count` indices; an operand of one element meets every element of the other.
@inline(__always)
func zipped<A, B, C>(_ x: [A], _ y: [B], _ count: Int, _ f: (A, B) -> C) -> [C] {
  if x.count == count && y.count == count {
    return x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        filledArray(count) { target in for i in 0..<count { target[i] = f(x[i], y[i]) } }
      }
    }
  }
  if x.count == count {
    let scalar = y[0]
    return mapped(x) { f($0, scalar) }
  }
  let scalar = x[0]
  return mapped(y) { f(scalar, $0) }
}
