// Elementwise operations of floating-point operands: one loop per operation and dtype.
//
// Equal to the reference bit for bit (a NaN is a NaN): the same functions on the same numbers.
// The loops are inlined with their operation, so that arithmetic vectorises.

internal import Core
internal import RealModule

/// The elements of an elementwise operation's result, whose type is `out`.
func elementwiseResult(_ p: Primitive, _ x: [Buffer], _ out: ShapedArray) -> Storage {
  switch p {
  case .selectN: return selected(x, out)
  case .convertElementType(let dtype): return converted(x[0].storage, to: dtype)
  case .compare(let op): return .bool(compared(op, x[0].storage, x[1].storage, out.size))
  case .bitcastConvertType(let dtype): return recast(x[0].storage, to: dtype)
  case .unary, .integerPow, .polygamma, .binary, .clamp, .broadcastInDim, .reshape, .transpose,
    .squeeze, .concatenate, .slice, .rev, .pad, .iota, .reduce, .argReduce, .dotGeneral,
    .collective, .axisIndex, .higherOrder,
    .convGeneralDilated, .reduceWindow, .selectAndScatterAdd, .selectAndGatherAdd,
    .cumulative, .sort, .topK, .split,
    .threefry2x32, .dynamicSlice, .dynamicUpdateSlice, .gather,
    .scatter:
    break
  }
  switch x[0].storage {
  case .f32: return inexact(p, x.map { Float.array($0.storage) }, out.size)
  case .f64: return inexact(p, x.map { Double.array($0.storage) }, out.size)
  case .i32, .u32, .bool: preconditionFailure("\(p.name) of \(x[0].aval) has no loop")
  }
}

private func inexact<S: BLASScalar>(_ p: Primitive, _ x: [[S]], _ count: Int) -> Storage {
  switch p {
  case .unary(.isFinite): return .bool(mapped(x[0]) { $0.isFinite })
  case .unary(let op): return S.storage(unary(op, x[0]))
  case .integerPow(let n):
    return S.storage(n < 0 ? mapped(x[0]) { 1 / power($0, -n) } : mapped(x[0]) { power($0, n) })
  case .polygamma(let order): return S.storage(mapped(x[0]) { S.polygamma(order, $0) })
  case .binary(let op): return S.storage(binary(op, x[0], x[1], count))
  case .clamp:
    let raised = zipped(x[1], x[0], count) { larger($0, $1) }
    return S.storage(zipped(raised, x[2], count) { smaller($0, $1) })
  case .compare, .selectN, .convertElementType, .broadcastInDim, .reshape, .transpose,
    .squeeze, .concatenate, .slice, .rev, .pad, .iota, .reduce, .argReduce, .dotGeneral,
    .collective, .axisIndex, .higherOrder,
    .convGeneralDilated, .reduceWindow, .selectAndScatterAdd, .selectAndGatherAdd,
    .cumulative, .bitcastConvertType, .sort, .topK,
    .split, .threefry2x32, .dynamicSlice, .dynamicUpdateSlice,
    .gather, .scatter:
    preconditionFailure("\(p.name) has no floating-point loop")
  }
}

private func unary<S: BLASScalar>(_ op: Unary, _ x: [S]) -> [S] {
  switch op {
  case .copy, .stopGradient: x
  case .neg: mapped(x) { -$0 }
  case .sign: mapped(x) { S.sign($0) }
  case .floor: mapped(x) { S.floor($0) }
  case .ceil: mapped(x) { S.ceil($0) }
  case .abs: mapped(x) { S.absolute($0) }
  case .square: mapped(x) { $0 * $0 }
  case .sqrt: mapped(x) { S.sqrt($0) }
  case .rsqrt: mapped(x) { S.rsqrt($0) }
  case .cbrt: mapped(x) { S.cbrt($0) }
  case .roundAwayFromZero: mapped(x) { S.roundAwayFromZero($0) }
  case .roundToEven: mapped(x) { S.roundToEven($0) }
  case .exp: mapped(x) { S.exp($0) }
  case .exp2: mapped(x) { S.exp2($0) }
  case .expm1: mapped(x) { S.expMinusOne($0) }
  case .log: mapped(x) { S.log($0) }
  case .log1p: mapped(x) { S.log(onePlus: $0) }
  case .logistic: mapped(x) { S.logistic($0) }
  case .sin: mapped(x) { S.sin($0) }
  case .cos: mapped(x) { S.cos($0) }
  case .tan: mapped(x) { S.tan($0) }
  case .asin: mapped(x) { S.asin($0) }
  case .acos: mapped(x) { S.acos($0) }
  case .atan: mapped(x) { S.atan($0) }
  case .sinh: mapped(x) { S.sinh($0) }
  case .cosh: mapped(x) { S.cosh($0) }
  case .tanh: mapped(x) { S.tanh($0) }
  case .asinh: mapped(x) { S.asinh($0) }
  case .acosh: mapped(x) { S.acosh($0) }
  case .atanh: mapped(x) { S.atanh($0) }
  case .erf: mapped(x) { S.erf($0) }
  case .erfc: mapped(x) { S.erfc($0) }
  case .erfInv: mapped(x) { S.erfInv($0) }
  case .lgamma: mapped(x) { S.logGamma($0) }
  case .digamma: mapped(x) { S.digamma($0) }
  case .isFinite, .not, .populationCount, .clz:
    preconditionFailure("\(op.rawValue) has no floating-point result")
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
    preconditionFailure("\(op.rawValue) has no floating-point loop")
  }
}

/// xⁿ for n ≥ 0, multiplied in the reference's order.
@inline(__always)
private func power<S: BLASScalar>(_ x: S, _ n: Int) -> S {
  var (result, square, rest): (S?, S, Int) = (nil, x, n)
  while rest > 0 {
    if rest & 1 == 1 { result = result.map { $0 * square } ?? square }
    rest >>= 1
    if rest > 0 { square *= square }
  }
  return result ?? 1
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
