// Every misuse of the language that raises in JAX 0.10.2 is refused here, with a message that names
// what was required and what came. `TypeErrorTests` and its neighbours have the operations that they
// name; here are the transformations (FG-06, FG-09, FG-13, JT-08, VM-01), and the rest of the shapes.

import Core
import Testing

private let x = Tensor(shape: [2, 3], .f32([1, 2, 3, 4, 5, 6]))
private let v = Tensor([1, 2, 3])
private let wide = Tensor([1, 2, 3], .f64)
private let pair = Tensor([1, 2])
private let n = Tensor([0, 1, 2], .i32)
private let mask = Tensor([1, 0, 1], .bool)

/// A misuse, and what the message must say of what was required and of what came.
struct NamedMisuse: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let says: [String]
  let body: @Sendable () throws -> Void

  init(_ name: String, _ says: String..., body: @escaping @Sendable () throws -> Any) {
    (testDescription, self.says) = (name, says)
    self.body = { _ = try body() }
  }
}

private let gradients = [
  NamedMisuse("FG-06 grad of a vector of one", "scalar-output", "(1,)") {
    try grad { try $0[0..<1] }(v)
  },
  NamedMisuse("FG-06 grad of a vector", "scalar-output", "(3,)") { try grad { try sin($0) }(v) },
  NamedMisuse("FG-06 grad of a whole number", "scalar-output", "int32") {
    try grad { try sum($0).asType(.i32) }(v)
  },
  NamedMisuse("FG-06 grad of a truth value", "scalar-output", "bool") {
    try grad { try greater(sum($0), Tensor(0)) }(v)
  },
  NamedMisuse("FG-09 grad at whole numbers", "grad requires real-valued inputs", "int32") {
    try grad { try sum($0.asType(.f32)) }(n)
  },
  NamedMisuse("FG-09 valueAndGrad at truth values", "grad requires real-valued inputs", "bool") {
    try valueAndGrad { try sum($0.asType(.f32)) }(mask)
  },
  NamedMisuse("FG-09 jacfwd at whole numbers", "jacfwd requires real-valued inputs", "int32") {
    try jacfwd { try $0.asType(.f32) }(n)
  },
  NamedMisuse("FG-09 jacrev at whole numbers", "jacrev requires real-valued inputs", "int32") {
    try jacrev { try $0.asType(.f32) }(n)
  },
  NamedMisuse("FG-09 jacrev of whole numbers", "jacrev requires real-valued outputs", "int32") {
    try jacrev { try $0.asType(.i32) }(v)
  },
  NamedMisuse("FG-09 hessian at whole numbers", "requires real-valued inputs", "int32") {
    try hessian { try sum($0.asType(.f32)) }(n)
  },
]

private let products = [
  NamedMisuse("FG-13 jvp at whole numbers", "jvp requires floating-point primals", "i32[3]") {
    try jvp({ try $0.asType(.f32) }, n, n).tangent
  },
  NamedMisuse("FG-13 a tangent of another dtype", "f32[3]", "f64[3]") {
    try jvp({ try sin($0) }, v, wide).tangent
  },
  NamedMisuse("FG-13 a tangent of another shape", "f32[3]", "f32[2]") {
    try jvp({ try sin($0) }, v, pair).tangent
  },
  NamedMisuse("FG-13 too many tangents", "1 primals", "2 tangents") {
    try jvp({ [try sin($0[0])] }, [v], [v, v]).tangents
  },
  NamedMisuse("FG-13 a cotangent of another dtype", "got [f64[3]]", "expected [f32[3]]") {
    try vjp({ [try sin($0[0])] }, [v]).pullback([wide])
  },
  NamedMisuse("FG-13 a cotangent of another shape", "got [f32[2]]", "expected [f32[3]]") {
    try vjp({ [try sin($0[0])] }, [v]).pullback([pair])
  },
  NamedMisuse("FG-13 a cotangent of whole numbers", "got [i32[3]]", "expected [f32[3]]") {
    try vjp({ [try sin($0[0])] }, [v]).pullback([n])
  },
  NamedMisuse("FG-13 a cotangent too few", "got [f32[3]]", "expected [f32[3], f32[3]]") {
    try vjp({ [$0[0], $0[0]] }, [v]).pullback([v])
  },
  NamedMisuse("linearize at another type", "got [f32[2]]", "expected [f32[3]]") {
    try linearize({ [try sin($0[0])] }, [v]).linear([pair])
  },
  NamedMisuse("linearize at whole numbers", "floating-point primals", "i32[3]") {
    try linearize({ $0 }, [n])
  },
  NamedMisuse("the transpose of what is not linear", "transpose rule for 'sin'") {
    try linearTranspose({ [try sin($0[0])] }, [v.aval])([v])
  },
  NamedMisuse("the transpose at another type", "got [f32[2]]", "expected [f32[3]]") {
    try linearTranspose({ [try 2 * $0[0]] }, [v.aval])([pair])
  },
]

private let maps = [
  NamedMisuse("VM-01 vmap of a scalar", "rank should be at least 1, but is only 0", "()") {
    try vmap { try sin($0) }(Tensor(1))
  },
  NamedMisuse("VM-01 vmap at an axis from the end", "at least 3, but is only 2", "(2, 3)") {
    try vmap({ $0 }, inAxes: [-3])([x])
  },
  NamedMisuse("VM-01 inconsistent sizes", "inconsistent sizes", "[3, 2]") {
    try vmap({ [try $0[0] + $0[1]] })([v, pair])
  },
  NamedMisuse("VM-01 in_axes of another count", "1 entries", "2 arguments") {
    try vmap({ $0 }, inAxes: [0])([v, v])
  },
  NamedMisuse("VM-01 nothing mapped", "at least one mapped argument") {
    try vmap({ $0 }, inAxes: [nil])([v])
  },
  NamedMisuse("VM-01 no arguments", "at least one mapped argument") { try vmap({ $0 })([]) },
  NamedMisuse("VM-01 out_axes of another count", "2 entries", "1 outputs") {
    try vmap({ $0 }, outAxes: [0, 0])([v])
  },
  NamedMisuse("VM-01 an out axis that is none", "axis 3 is out of bounds", "dimension 1") {
    try vmap({ $0 }, outAxes: [3])([v])
  },
  NamedMisuse("VM-01 None for what differs", "None", "batched on axis 0") {
    try vmap({ $0 }, outAxes: [nil])([v])
  },
  NamedMisuse("VM-02 pmean without its axis", "unbound axis name: i") {
    try pmean(v, axisName: "i")
  },
]

private let values = [
  NamedMisuse("JT-08 a Swift if under jit", "concrete value", "f32[]", "where") {
    try jit { (a: Tensor) in try a[0].item > 0 ? a : -a }(v)
  },
  NamedMisuse("JT-08 the elements under jit", "concrete value", "f32[3]") {
    try jit { (a: Tensor) in Tensor(try a.scalars) }(v)
  },
  NamedMisuse("JT-08 a Swift if under vmap", "concrete value", "f32[]") {
    try vmap { (a: Tensor) in try a.item > 0 ? a : -a }(v)
  },
  NamedMisuse("JT-08 a mask under jit", "boolean indices must be concrete", "bool[3]") {
    try jit { (a: Tensor) in try a[greater(a, Tensor(1))] }(v)
  },
  NamedMisuse("JT-08 a mask under vmap", "boolean indices must be concrete", "bool[3]") {
    try vmap { (a: Tensor) in try a[greater(a, Tensor(1))] }(x)
  },
  NamedMisuse("JT-08 setting by a mask under jit", "boolean indices must be concrete", "bool[3]") {
    try jit { (a: Tensor) in try a.at[greater(a, Tensor(1))].set(Tensor(0)) }(v)
  },
  NamedMisuse("item of a vector", "one element", "(3,)") { try v.item },
]

private let indices = [
  NamedMisuse("two ellipses", "single ellipsis") { try x[ellipsis, ellipsis] },
  NamedMisuse("more indices than axes around new ones", "2-dimensional", "3 were indexed") {
    try x[0, newAxis, 0, 0]
  },
  NamedMisuse("a mask of another extent", "got (3,), expected (2,)", "index 0") { try x[mask] },
  NamedMisuse("a mask with too many axes", "1-dimensional", "2 were indexed") {
    try v[greater(x, x)]
  },
  NamedMisuse("a number on an axis of extent 0", "axis 0 with size 0") { try zeros([0, 3])[0] },
  NamedMisuse("values that do not broadcast", "(2,)", "(3,)") { try v.at[0..<2].set(v) },
  NamedMisuse("values of a higher rank", "(3,)", "()") { try v.at[0].set(v) },
  NamedMisuse("values of another dtype", "float32", "int32") {
    try v.at[0].divide(Tensor(2, .i32))
  },
  NamedMisuse("an element of another dtype", "float32", "int32") {
    try v.at[0].apply { try $0.asType(.i32) }
  },
  NamedMisuse("take along an axis, another rank", "number of dimensions", "1 vs. 2") {
    try takeAlongAxis(x, n, axis: 1)
  },
  NamedMisuse("take along an axis, other extents", "(2, 1)", "(3, 1)") {
    try takeAlongAxis(x, zeros([3, 1], .i32), axis: 1)
  },
  NamedMisuse("take along an axis by reals", "integer type", "float32") {
    try takeAlongAxis(x, x, axis: 1)
  },
  NamedMisuse("take along an axis that is none", "axis 2", "dimension 2") {
    try takeAlongAxis(x, zeros([2, 1], .i32), axis: 2)
  },
  NamedMisuse("index in dim out of range", "index 2", "axis 0 with size 2") {
    try indexInDim(x, 2)
  },
  NamedMisuse("dynamic slice in dim too long", "(3, 3)", "(2, 3)") {
    try dynamicSliceInDim(x, Tensor(0, .i32), size: 3)
  },
  NamedMisuse("dynamic update of another extent", "extent 1 along axis 0", "(2, 3)") {
    try dynamicUpdateIndexInDim(x, x, Tensor(0, .i32))
  },
]

private let shapes = [
  NamedMisuse("reshape to what does not divide", "(2, 3)", "(4, -1)") { try reshape(x, [4, -1]) },
  NamedMisuse("reshape to two unknowns", "(2, 3)", "(-1, -1)") { try reshape(x, [-1, -1]) },
  NamedMisuse("reshape to a negative extent", "(2, 3)", "(-2, -3)") { try reshape(x, [-2, -3]) },
  NamedMisuse("broadcast to a lower rank", "(2, 3)", "(3,)") { try broadcast(x, to: [3]) },
  NamedMisuse("broadcast to another extent", "(3,)", "(2,)") { try broadcast(v, to: [2]) },
  NamedMisuse("broadcast dims out of order", "(1, 0)", "(2, 3)") {
    try broadcastInDim(zeros([1, 1]), shape: [2, 3], dims: [1, 0])
  },
  NamedMisuse("broadcast dims out of range", "subset of output dimensions", "(2,)", "(2, 3)") {
    try broadcastInDim(v, shape: [2, 3], dims: [2])
  },
  NamedMisuse("broadcast dims of another count", "length equal to operand ndim", "(1,)") {
    try broadcastInDim(x, shape: [2, 3], dims: [1])
  },
  NamedMisuse("transpose by too few axes", "permutation", "(0,)", "(2, 3)") {
    try transpose(x, [0])
  },
  NamedMisuse("expandDims beyond the end", "axis 2 is out of bounds") { try expandDims(v, 2) },
  NamedMisuse("reverse an axis that is none", "dimensions (2,)", "(2, 3)") { try rev(x, [2]) },
  NamedMisuse("a slice that ends before it starts", "slice") {
    try slice(v, start: [2], limit: [1])
  },
  NamedMisuse("a slice with stride 0", "strides", "(0,)") {
    try slice(v, start: [0], limit: [2], strides: [0])
  },
  NamedMisuse("a slice of another rank", "(0,)", "(2, 3)") { try slice(x, start: [0], limit: [2]) },
  NamedMisuse("nothing to concatenate", "at least one array") { try concatenate([]) },
  NamedMisuse("nothing to stack", "at least one array") { try stack([]) },
  NamedMisuse("concatenate other ranks", "(2, 3)", "(3,)") { try concatenate([x, v]) },
  NamedMisuse("concatenate other dtypes", "float32", "int32") { try concatenate([v, n]) },
  NamedMisuse("concatenate along an axis that is none", "axis 1", "dimension 1") {
    try concatenate([v, v], axis: 1)
  },
  NamedMisuse("interior padding below 0", "nonnegative", "(0, 0, -1)") {
    try pad(v, Tensor(0), [PaddingConfig(0, 0, -1)])
  },
  NamedMisuse("padding of another dtype", "float32", "int32") {
    try pad(v, Tensor(0, .i32), [PaddingConfig(0, 0)])
  },
  NamedMisuse("padding that crops all", "at least 0", "(-1,)", "(3,)") {
    try pad(v, Tensor(0), [PaddingConfig(-2, -2)])
  },
  NamedMisuse("iota of a negative extent", "nonnegative", "(-1,)") { try arange(-1) },
  NamedMisuse("iota along an axis that is none", "dimension=2", "(2, 3)") {
    try iota(.f32, [2, 3], dim: 2)
  },
  NamedMisuse("iota of truth values", "iota", "bool") { try iota(.bool, [2], dim: 0) },
]

private let reductions = [
  NamedMisuse("reduce an axis twice", "duplicate", "(0, 0)") { try sum(x, axes: [0, 0]) },
  NamedMisuse("the largest of nothing", "no identity", "(0,)") { try max(zeros([0])) },
  NamedMisuse("argmax of nothing", "argmax", "(0,)") { try argmax(zeros([0]), axis: 0) },
  NamedMisuse("argmax along an axis that is none", "axis 1", "dimension 1") {
    try argmax(v, axis: 1)
  },
  NamedMisuse("argmax to a real index", "index_dtype must be an integer type", "float32") {
    try argmax(v, axis: 0, .f32)
  },
  NamedMisuse("matmul of a scalar", "ndim at least 1", "()") { try matmul(Tensor(1), x) },
  NamedMisuse("matmul of other extents", "(3,)", "(2,)") { try matmul(x, x) },
  NamedMisuse("contracting other counts", "(2, 3)", "(3,)") {
    try dotGeneral(x, x, DotDimensionNumbers(contracting: ([0, 1], [1])))
  },
  NamedMisuse("contracting an axis twice", "distinct", "(0, 0)") {
    try dotGeneral(x, x, DotDimensionNumbers(contracting: ([0, 0], [0, 0])))
  },
  NamedMisuse("contracting an axis that is none", "distinct axes of the operand", "(2,)") {
    try dotGeneral(x, x, DotDimensionNumbers(contracting: ([2], [0])))
  },
  NamedMisuse("an axis contracted and batched", "disjoint", "(0,)") {
    try dotGeneral(x, x, DotDimensionNumbers(contracting: ([0], [0]), batch: ([0], [0])))
  },
  NamedMisuse("contracting other dtypes", "float32", "int32") {
    try dotGeneral(x, n, DotDimensionNumbers(contracting: ([1], [0])))
  },
  NamedMisuse("argsort along an axis that is none", "axis 2", "dimension 2") {
    try argsort(x, axis: 2)
  },
]

private let dtypes = [
  NamedMisuse("DT-01 and of reals", "and does not accept dtype float32", "integer") {
    try logicalAnd(v, v)
  },
  NamedMisuse("DT-01 not of reals", "not does not accept dtype float32", "integer") {
    try logicalNot(v)
  },
  NamedMisuse("DT-01 pow of whole numbers", "pow does not accept dtype int32", "floating") {
    try pow(n, n)
  },
  NamedMisuse("DT-01 rem of truth values", "rem does not accept dtype bool", "integer") {
    try rem(mask, mask)
  },
  NamedMisuse("DT-01 sum of truth values", "add does not accept dtype bool", "integer") {
    try mask + mask
  },
  NamedMisuse("DT-01 product of truth values", "mul does not accept dtype bool", "integer") {
    try mask * mask
  },
  NamedMisuse("DT-01 sign of truth values", "sign does not accept dtype bool", "integer") {
    try sign(mask)
  },
  NamedMisuse("DT-01 neg of truth values", "neg does not accept dtype bool", "integer") {
    try -mask
  },
  NamedMisuse("DT-01 atan2 of whole numbers", "atan2 does not accept dtype int32", "floating") {
    try atan2(n, n)
  },
  NamedMisuse("DT-01 mixed dtypes", "float32", "int32") { try v + n },
  NamedMisuse("DT-01 mixed dtypes in a comparison", "float32", "int32") { try less(v, n) },
  NamedMisuse("DT-01 mixed precisions", "float32", "float64") { try v * wide },
  NamedMisuse("DT-01 mixed dtypes in clamp", "float32", "int32") {
    try clamp(Tensor(0, .i32), v, Tensor(1, .i32))
  },
  NamedMisuse("DT-01 mixed cases of a select", "float32", "int32") { try selectN(mask, [v, n]) },
  NamedMisuse("select cases of other shapes", "(3,)", "(2,)") { try selectN(mask, [v, pair]) },
  NamedMisuse("a select by another shape", "(2,)", "(3,)") {
    try selectN(Tensor([1, 0], .bool), [v, v])
  },
  NamedMisuse("where of shapes that do not meet", "(3,)", "(2,)") { try `where`(mask, v, pair) },
]

@Suite struct MisuseTests {
  static let all =
    gradients + products + maps + values + indices + shapes + reductions + dtypes

  @Test(arguments: all)
  func theMessageNamesWhatWasRequiredAndWhatCame(misuse: NamedMisuse) {
    do {
      try misuse.body()
      Issue.record("nothing was thrown")
    } catch let error as TraceError {
      for part in misuse.says { #expect("\(error)".contains(part), "\(error)") }
    } catch {
      Issue.record("not an error of the language: \(error)")
    }
  }

  @Test func everyMisuseHasANameOfItsOwn() {
    #expect(Set(Self.all.map(\.testDescription)).count == Self.all.count)
  }
}
