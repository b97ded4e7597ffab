// The composite functions of docs/Fixtures.md: built of primitives, in the order stated there.
//
// Most stand in Core, where users find them; the rest are the traps of conventions.h5.

import Core

extension Catalogue {
  static let compositeEntries: [String: Entry] =
    activationEntries.merging(pairEntries) { one, _ in one }
    .merging(rowEntries) { one, _ in one }.merging(trapEntries) { one, _ in one }

  private static var activationEntries: [String: Entry] {
    [
      "relu": Entry(1) { try relu($0[0]) },
      "relu6": Entry(1) { try relu6($0[0]) },
      "leaky_relu": Entry(1) { try leakyRelu($0[0]) },
      "hard_tanh": Entry(1) { try hardTanh($0[0]) },
      "elu": Entry(1) { try elu($0[0]) },
      "silu": Entry(1) { try silu($0[0]) },
      "softplus": Entry(1) { try softplus($0[0]) },
      "gelu": Entry(1) { try gelu($0[0]) },
      "gelu_exact": Entry(1) { try gelu($0[0], approximate: false) },
      "clip": Entry(1...1, ClipParameters.self) { p in { [try clip($0[0], p.lo, p.hi)] } },
    ]
  }

  private static var pairEntries: [String: Entry] {
    [
      "hypot": Entry(2) { try hypot($0[0], $0[1]) },
      "xlogy": Entry(2) { try xlogy($0[0], $0[1]) },
      "logaddexp": Entry(2) { try logaddexp($0[0], $0[1]) },
    ]
  }

  private static var rowEntries: [String: Entry] {
    [
      "norm": Entry(1) { try norm($0[0]) },
      "var": Entry(1...1, VarianceParameters.self) { p in
        { [try `var`($0[0], axes: [p.axis ?? 0], ddof: p.ddof)] }
      },
      "std": Entry(1...1, VarianceParameters.self) { p in
        { [try std($0[0], axes: [p.axis ?? 0], ddof: p.ddof)] }
      },
      "logsumexp": Entry(1...1, AxisParameter.self) { p in
        { [try logsumexp($0[0], axis: p.axis)] }
      },
      "softmax": Entry(1...1, AxisParameter.self) { p in { [try softmax($0[0], axis: p.axis)] } },
      "log_softmax": Entry(1...1, AxisParameter.self) { p in
        { [try logSoftmax($0[0], axis: p.axis)] }
      },
    ]
  }

  private static var trapEntries: [String: Entry] {
    [
      "where_sqrt": Entry(1) { x in
        try `where`(isPositive(x[0]), sqrt(x[0]), zeros(like: x[0]))
      },
      "double_where_sqrt": Entry(1) { x in
        let safe = try `where`(isPositive(x[0]), x[0], ones(like: x[0]))
        return try `where`(isPositive(x[0]), sqrt(safe), zeros(like: x[0]))
      },
      "stop_gradient_mul": Entry(1) { try stopGradient($0[0]) * $0[0] },
      "int_cast_mul": Entry(1) { try $0[0].asType(.i32).asType($0[0].dtype) * $0[0] },
      "jacfwd_jacfwd_pow": Entry(2...2, NoParameters.self) { _ in secondDerivativesOfPow },
    ]
  }
}

/// x > 0.
private func isPositive(_ x: Tensor) throws -> Tensor { try greater(x, Tensor(0, x.dtype)) }

/// ∂²pow/∂x², ∂²/∂x∂y, ∂²/∂y∂x, ∂²/∂y²: forward over forward along the axes of the plane, with
/// tangents that are zeros and not absent, as `jacfwd` makes them.
private let secondDerivativesOfPow: Function = { operands in
  let dtype = operands[0].dtype
  let axes = [[1, 0], [0, 1]].map { $0.map { Tensor($0, dtype) } }
  return try axes.flatMap { inner in
    try axes.map { outer in
      try jvp(
        { point in try jvp({ [try pow($0[0], $0[1])] }, point, inner).tangents },
        operands, outer
      ).tangents[0]
    }
  }
}
