// Ill-typed programs are refused in JAX's words, with what was required and what came.

import Core
import Testing

@Suite struct TypeErrorTests {
  private static let x = Tensor(shape: [2, 3], .f32([1, 2, 3, 4, 5, 6]))
  private static let t = Tensor(shape: [3, 2], .f32([1, 2, 3, 4, 5, 6]))
  private static let whole = Tensor(shape: [2, 3], .i32([1, 2, 3, 4, 5, 6]))

  /// A misuse and the beginning of what JAX 0.10.2 says of it.
  struct Misuse: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let body: @Sendable () throws -> Void

    init(_ message: String, _ body: @escaping @Sendable () throws -> Tensor) {
      testDescription = message
      self.body = { _ = try body() }
    }
  }

  static let misuses = [
    Misuse("add got incompatible shapes for broadcasting: (2, 3), (3, 2).") { try x + t },
    Misuse("lax.add requires arguments to have the same dtypes, got float32, int32.") {
      try x + whole
    },
    Misuse("dot_general requires contracting dimensions to have the same shape, got (3,) and (2,).")
    {
      try matmul(x, x)
    },
    Misuse("sin does not accept dtype int32. Accepted dtypes are subtypes of floating") {
      try sin(whole)
    },
    Misuse("abs does not accept dtype uint32. Accepted dtypes are subtypes of floating, signed") {
      try abs(Tensor([1, 2], .u32))
    },
    Misuse("abs does not accept dtype bool. Accepted dtypes are subtypes of floating, signed") {
      try abs(greater(x, x))
    },
    Misuse(
      "broadcast_in_dim operand dimension sizes must either be 1, or be equal to their "
        + "corresponding dimensions in the target broadcast shape; got operand of shape (2, 3), "
        + "target broadcast shape (3, 4), broadcast_dimensions (0, 1)"
    ) { try broadcastInDim(x, shape: [3, 4], dims: [0, 1]) },
    Misuse(
      "transpose permutation isn't a permutation of operand dimensions, got permutation (0, 0) "
        + "for operand shape (2, 3)."
    ) { try transpose(x, [0, 0]) },
    Misuse(
      "Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
        + "concatenated: concatenating along dimension 0 for shapes (2, 3), (3, 2)."
    ) { try concatenate([x, t]) },
    Misuse(
      "cannot select an axis to squeeze out which has size not equal to one, got shape=(2, 3) and "
        + "dimensions=(0,)"
    ) { try squeeze(x, [0]) },
    Misuse("select `which` must be boolean or integer type, got float32.") {
      try selectN(x, [x, x])
    },
    Misuse("select with boolean `which` cannot have > 2 cases.") {
      try selectN(greater(x, x), [x, x, x])
    },
    Misuse(
      "clamp requires min.shape == operand.shape or min.shape == (), got min.shape=(3, 2), "
        + "operand.shape=(2, 3)."
    ) { try clamp(t, x, x) },
    Misuse("rev dimensions must be unique, got (0, 0).") { try rev(x, [0, 0]) },
    Misuse("Integers cannot be raised to negative powers, got integer_pow(i32[2,3], -1)") {
      try integerPow(whole, -1)
    },
    Misuse("slice limit_indices must be less than or equal to operand shape") {
      try slice(x, start: [0, 0], limit: [3, 3])
    },
    Misuse("axis 2 is out of bounds for array of dimension 2") { try sum(x, axes: [2]) },
    Misuse("reshape total size must be unchanged, got new_sizes (4,) for shape (2, 3).") {
      try reshape(x, [4])
    },
    Misuse("length of padding_config must equal the number of axes of operand") {
      try pad(x, Tensor(0), [PaddingConfig(0, 0)])
    },
    Misuse("unbound axis name: i") { try psum(x, axisName: "i") },
    Misuse("unbound axis name: i") { try axisIndex("i") },
    Misuse("gradient only defined for scalar-output functions; output had shape: (2, 3)") {
      try grad { try sin($0) }(x)
    },
    Misuse("grad requires real-valued inputs (floating-point dtype), but got int32") {
      try grad { try sum($0) }(whole)
    },
    Misuse("jvp called with different primal and tangent types; got primal f32[2,3]") {
      try jvp({ try sin($0) }, x, t).tangent
    },
    Misuse("vmap was requested to map its argument along axis 3, which implies that its rank") {
      try vmap({ $0 }, inAxes: [3])([x])[0]
    },
    Misuse("vmap got inconsistent sizes for array axes to be mapped: [2, 3]") {
      try vmap({ [try $0[0] + $0[1]] })([x, t])[0]
    },
    Misuse("at vmap out_axes, got axis spec None but output was batched on axis 0") {
      try vmap({ $0 }, outAxes: [nil])([x])[0]
    },
    Misuse("the concrete value of a traced f32[] was needed") {
      try jit { (x: Tensor) in try sum(x).item > 0 ? x : -x }(x)
    },
    Misuse("the concrete value of a traced f32[] was needed") {
      try vmap { (x: Tensor) in try sum(x).item > 0 ? x : -x }(x)
    },
    Misuse("axis 2 is out of bounds for array of dimension 2") { try cumsum(x, axis: 2) },
    Misuse("cumlogsumexp does not accept dtype int32. Accepted dtypes are subtypes of floating") {
      try cumlogsumexp(whole)
    },
    Misuse("cumsum does not accept dtype bool. Accepted dtypes are subtypes of number.") {
      try cumsum(greater(x, x))
    },
    Misuse("logical reduction requires operand dtype bool or int, got float32.") {
      try reduceAnd(x)
    },
    Misuse("shift_left does not accept dtype float32. Accepted dtypes are subtypes of integer.") {
      try shiftLeft(x, x)
    },
    Misuse("population_count does not accept dtype float32. Accepted dtypes are subtypes of int") {
      try populationCount(x)
    },
    Misuse("nextafter does not accept dtype int32. Accepted dtypes are subtypes of floating") {
      try nextafter(whole, whole)
    },
    Misuse("JVP rule for 'nextafter' is not defined") { try grad { try sum(nextafter($0, x)) }(x) },
    Misuse("lax.bitcast_convert_type does not support bool or complex values unless the operand") {
      try bitcastConvertType(whole, .bool)
    },
    Misuse("bitcast_convert_type requires dtypes of equal width. Got operand dtype=float32") {
      try bitcastConvertType(x, .f64)
    },
    Misuse("Arguments to sort must have equal shapes, got: (2, 3) (3, 2)") {
      try sort([x, t])[0]
    },
    Misuse("num_keys=3 must be between 1 and len(operand)=2") { try sort([x, x], numKeys: 3)[0] },
    Misuse("axis -1 is out of bounds for array of dimension 0") { try sort([])[0] },
    Misuse(
      "k argument to top_k must be no larger than size along axis; got k=4 with shape=[2, 3] and "
        + "axis=1"
    ) { try topK(x, 4).values },
    Misuse("Sum of sizes 2 must be equal to dimension 1 of the operand shape [2, 3]") {
      try split(x, [1, 1], axis: 1)[0]
    },
    Misuse("Sizes passed to split must be nonnegative, got [4, -1]") {
      try split(x, [4, -1], axis: 1)[0]
    },
    Misuse("Arguments to threefry2x32 must have uint32 type, got i32[2,3]") {
      try threefry2x32(key: (whole, whole), counter: (whole, whole)).0
    },
    Misuse("JVP rule for 'pmax' is not defined") {
      try vmap(
        { try jvp({ try pmax($0, axisName: "i") }, $0, $0).tangent }, axisName: "i")(x)
    },
  ]

  @Test(arguments: misuses)
  func aMisuseIsRefusedInTheFieldsWords(misuse: Misuse) {
    do {
      try misuse.body()
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".hasPrefix(misuse.testDescription), "\(error)")
    }
  }

  @Test func aTracerThatOutlivesItsTransformationIsRefused() throws {
    var kept: Tensor?
    _ = try makeJaxpr { (x: Tensor) in
      kept = x
      return x
    }(Self.x)
    let escaped = try #require(kept)
    #expect(throws: TraceError.escapedTracer(escaped.aval)) { try sin(escaped) }
  }
}
