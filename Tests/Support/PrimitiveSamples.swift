// A smooth sample of every differentiable primitive, for the tests of the oracle.
//
// `primitive` is the printed name under which a fault is planted. Extents differ, so that a
// transposed result does not fit; elements are decimals, so domains keep apart what must not tie.
// `isLinear` says that the primitive itself has a transpose rule.

package import Catalogue
package import Core
package import Oracle
package import Testing

/// One primitive, where it is smooth.
package struct PrimitiveSample: Sendable, CustomTestStringConvertible {
  /// The name in jaxprs.
  package let primitive: String
  /// A program that uses it once.
  package let sample: Sample
  /// Whether the primitive stands in linear programs, hence has a transpose rule.
  package let isLinear: Bool

  package var testDescription: String { primitive }
}

typealias Function = @Sendable ([Tensor]) throws -> [Tensor]

func sample(
  _ primitive: String, _ shapes: [[Int]], in domains: [ClosedRange<Double>] = [-2...2],
  isLinear: Bool = false, isDistinct: Bool = false, _ f: @escaping Function
) -> PrimitiveSample {
  let operands = shapes.enumerated().map { i, shape in
    Operand(
      ShapedArray(.f64, shape), in: domains[min(i, domains.count - 1)],
      isDistinct: isDistinct)
  }
  return PrimitiveSample(
    primitive: primitive,
    sample: Sample(
      program: Program(name: primitive, function: f), family: "primitive", operands: operands),
    isLinear: isLinear)
}

private func elementwise(
  _ primitive: String, in domain: ClosedRange<Double> = -2...2, isLinear: Bool = false,
  _ f: @escaping @Sendable (Tensor) throws -> Tensor
) -> PrimitiveSample {
  sample(primitive, [[2, 3]], in: [domain], isLinear: isLinear) { [try f($0[0])] }
}

/// The samples, one or more per primitive.
package enum PrimitiveSamples {
  /// All of them.
  package static let all = unary + binary + structural + reductions + windows + order + indexing

  private static let unary = [
    elementwise("neg", isLinear: true) { try -$0 },
    elementwise("copy", isLinear: true) { try copy($0) },
    elementwise("abs", in: 0.3...2) { try abs($0) },
    elementwise("square") { try square($0) },
    elementwise("sqrt", in: 0.1...3) { try sqrt($0) },
    elementwise("rsqrt", in: 0.1...3) { try rsqrt($0) },
    elementwise("cbrt", in: 0.1...3) { try cbrt($0) },
    elementwise("exp") { try exp($0) },
    elementwise("exp2") { try exp2($0) },
    elementwise("expm1") { try expm1($0) },
    elementwise("log", in: 0.1...3) { try log($0) },
    elementwise("log1p", in: -0.8...3) { try log1p($0) },
    elementwise("logistic") { try logistic($0) },
    elementwise("sin") { try sin($0) },
    elementwise("cos") { try cos($0) },
    elementwise("tan", in: -1.2...1.2) { try tan($0) },
    elementwise("asin", in: -0.9...0.9) { try asin($0) },
    elementwise("acos", in: -0.9...0.9) { try acos($0) },
    elementwise("atan") { try atan($0) },
    elementwise("sinh") { try sinh($0) },
    elementwise("cosh") { try cosh($0) },
    elementwise("tanh") { try tanh($0) },
    elementwise("asinh") { try asinh($0) },
    elementwise("acosh", in: 1.1...3) { try acosh($0) },
    elementwise("atanh", in: -0.9...0.9) { try atanh($0) },
    elementwise("erf") { try erf($0) },
    elementwise("erfc") { try erfc($0) },
    elementwise("erf_inv", in: -0.9...0.9) { try erfInv($0) },
    elementwise("lgamma", in: 0.2...4) { try lgamma($0) },
    elementwise("digamma", in: 0.2...4) { try digamma($0) },
    elementwise("polygamma", in: 0.3...4) { try polygamma(1, $0) },
    elementwise("polygamma", in: 0.3...4) { try polygamma(2, $0) },
    elementwise("integer_pow") { try integerPow($0, 3) },
    elementwise("integer_pow", in: 0.2...2) { try integerPow($0, -2) },
    elementwise("convert_element_type", isLinear: true) { try $0.asType(.f32) },
  ]

  private static let binary = [
    sample("add", [[2, 3], [2, 3]]) { [try $0[0] + $0[1]] },
    sample("add_any", [[2, 3], [2, 3]], isLinear: true) { [try bind1(.binary(.addAny), $0)] },
    sample("sub", [[2, 3], []], isLinear: false) { [try $0[0] - $0[1]] },
    sample("mul", [[2, 3], [3]], isLinear: true) { [try $0[0] * $0[1]] },
    sample("div", [[2, 3], [2, 3]], in: [-2...2, 0.5...2], isLinear: true) { [try $0[0] / $0[1]] },
    sample("rem", [[2, 3], [2, 3]], in: [4.1...4.4, 1.5...1.6]) { [try rem($0[0], $0[1])] },
    sample("pow", [[2, 3], [2, 3]], in: [0.2...2, -2...2]) { [try pow($0[0], $0[1])] },
    sample("atan2", [[2, 3], [2, 3]], in: [-2...2, 0.3...2]) { [try atan2($0[0], $0[1])] },
    sample("max", [[2, 3], [2, 3]], in: [0.5...2, -2...0.4]) { [try maximum($0[0], $0[1])] },
    sample("max", [[2, 3], [2, 3]], in: [-2...0.4, 0.5...2]) { [try maximum($0[0], $0[1])] },
    sample("min", [[2, 3], [2, 3]], in: [0.5...2, -2...0.4]) { [try minimum($0[0], $0[1])] },
    sample("min", [[2, 3], [2, 3]], in: [-2...0.4, 0.5...2]) { [try minimum($0[0], $0[1])] },
    sample("clamp", [[], [2, 3], []], in: [-0.9005 ... -0.9005, -2...2, 0.9005...0.9005]) {
      [try clamp($0[0], $0[1], $0[2])]
    },
    sample("select_n", [[2, 3], [2, 3]], isLinear: true) {
      let even = try equal(rem(iota(.i32, [2, 3], dim: 1), Tensor(2, .i32)), Tensor(0, .i32))
      return [try selectN(even, $0)]
    },
  ]

  private static let structural = [
    sample("broadcast_in_dim", [[3]], isLinear: true) {
      [try broadcastInDim($0[0], shape: [2, 3], dims: [1])]
    },
    sample("reshape", [[2, 3]], isLinear: true) { [try reshape($0[0], [3, 2])] },
    sample("transpose", [[2, 3, 4]], isLinear: true) { [try transpose($0[0], [1, 2, 0])] },
    sample("squeeze", [[2, 1, 3]], isLinear: true) { [try squeeze($0[0], [1])] },
    sample("concatenate", [[2, 3], [1, 3]], isLinear: true) { [try concatenate($0)] },
    sample("slice", [[5, 3]], isLinear: true) {
      [try slice($0[0], start: [1, 0], limit: [5, 2], strides: [2, 1])]
    },
    sample("rev", [[2, 3]], isLinear: true) { [try rev($0[0], [1])] },
    sample("pad", [[2, 3], []], isLinear: true) {
      [try pad($0[0], $0[1], [PaddingConfig(1, 0, 1), PaddingConfig(-1, 2)])]
    },
  ]

  private static let reductions = [
    sample("reduce_sum", [[2, 3, 4]], isLinear: true) { [try sum($0[0], axes: [0, 2])] },
    sample("reduce_max", [[2, 5]], isDistinct: true) { [try max($0[0], axes: [1])] },
    sample("reduce_min", [[2, 5]], isDistinct: true) { [try min($0[0], axes: [0])] },
    sample("reduce_prod", [[2, 5]]) { [try prod($0[0], axes: [1])] },
    sample("dot_general", [[2, 3, 4], [2, 4, 5]], isLinear: true) { [try matmul($0[0], $0[1])] },
  ]
}

extension PrimitiveSamples {
  private static let window = Window(
    [1, 3], strides: [1, 2], padding: [edges(0, 0), edges(1, 1)])

  private static func edges(_ low: Int, _ high: Int) -> EdgePadding { EdgePadding(low, high) }

  fileprivate static let windows = [
    sample("conv_general_dilated", [[2, 4, 7], [6, 2, 3]], isLinear: true) {
      [
        try convGeneralDilated(
          $0[0], $0[1], windowStrides: [2], padding: .explicit([edges(1, -1)]), lhsDilation: [2],
          featureGroupCount: 2)
      ]
    },
    sample("reduce_window_sum", [[2, 7]], isLinear: true) {
      try bind(.reduceWindow(.sum, window), $0)
    },
    sample("reduce_window_max", [[2, 7]], isDistinct: true) {
      try bind(.reduceWindow(.max, window), $0)
    },
    sample("reduce_window_min", [[2, 7]], isDistinct: true) {
      try bind(.reduceWindow(.min, window), $0)
    },
    sample("select_and_gather_add", [[2, 7], [2, 7]], isLinear: true, isDistinct: true) {
      try bind(.selectAndGatherAdd(.ge, window), $0)
    },
    sample("select_and_scatter_add", [[2, 4], [2, 7]], isLinear: true, isDistinct: true) {
      try bind(.selectAndScatterAdd(.le, window), $0)
    },
  ]

  private static let order = [
    sample("cumsum", [[3, 2]], isLinear: true) { [try cumsum($0[0])] },
    sample("cumprod", [[2, 5]], in: [0.5...1.5]) { [try cumprod($0[0], axis: 1)] },
    sample("cummax", [[5, 2]], isDistinct: true) { [try cummax($0[0])] },
    sample("cummin", [[2, 5]], isDistinct: true) { [try cummin($0[0], axis: 1, reverse: true)] },
    sample("cumlogsumexp", [[2, 5]]) { [try cumlogsumexp($0[0], axis: 1)] },
    sample("sort", [[2, 5], [2, 5]], isLinear: true, isDistinct: true) { try sort($0) },
    sample("top_k", [[2, 5]], isDistinct: true) { [try topK($0[0], 3).values] },
    sample("split", [[2, 6]], isLinear: true) { try split($0[0], [1, 3, 2], axis: 1) },
  ]
}

extension PrimitiveSample {
  /// The formula check at operands and along directions from `seed`.
  package func report(seed: UInt64) throws -> Report {
    try checkGradient(
      sample.program.function, at: sample.inputs(seed: seed).map { Tensor($0) }, seed: seed)
  }
}

extension Report {
  /// Whether a check whose name satisfies `named` failed.
  package func fails(_ named: (String) -> Bool) -> Bool {
    failures.contains { named($0.check) }
  }
}

extension Checks {
  /// The finding of the check `name` on `sample`.
  package static func finding(
    _ name: String, _ sample: Sample, _ seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Finding {
    let all = try laws(for: sample, seed: seed)
    return try #require(
      all.first { $0.check == name }, "no check \(name) among \(all)",
      sourceLocation: sourceLocation)
  }
}

extension Sample {
  /// The sample with its floating-point operands in `dtype`.
  package func converted(to dtype: DType) -> Sample {
    let operands = operands.map { operand in
      operand.aval.dtype.isInexact
        ? Operand(operand.aval.with(dtype: dtype), in: operand.domain) : operand
    }
    return Sample(program: program, family: family, operands: operands, derivative: derivative)
  }
}
