// The functions of control.h5 that call: compiled, run again, or with a derivative of their own.
//
// The derivatives that they bring are wrong on purpose: what is right shows no difference between a
// rule that is asked and one that is not.

import Core

extension Catalogue {
  static let callFunctions: [String: ControlFunction] = [
    "checkpoint_chain": ControlFunction(2) { x in
      try checkpoint { [try sum(sin(sin($0[0]) * $0[1]))] }(x)
    },
    "checkpoint_scan": ControlFunction(directed: 2) { reverse, x in
      let body = checkpoint { v in [try sin(v[0] * x[1]) + v[1], try exp(-v[0] * v[0])] }
      return try run(reverse, [x[1]], [x[0]]) { c, item in
        let all = try body([c[0], item[0]])
        return (carry: [all[0]], y: [all[1]])
      }
    },
    "jit_nested": ControlFunction(2) { x in
      let inner = jit(name: "inner") { (v: [Tensor]) in [try sin(v[0]) * v[1]] }
      let outer = jit(name: "outer") { (v: [Tensor]) in
        [try exp(inner(v)[0]) + inner([v[1], v[0]])[0]]
      }
      return try outer(x)
    },
    "jit_closure": ControlFunction(2) { x in
      try jit { (v: [Tensor]) in [try tanh(v[0] * x[1]) + v[0]] }([x[0]])
    },
    "custom_jvp_double": ControlFunction(1) { [try doubleSlope($0[0])] },
    "custom_jvp_pair": ControlFunction(3) { try pairForward($0) },
    "custom_jvp_stopped": ControlFunction(3) {
      try pairForward([stopGradient($0[0]), $0[1], $0[2]])
    },
    "custom_vjp_scaled": ControlFunction(2) { try scaledCotangent($0) },
    "custom_vjp_pair": ControlFunction(3) { try pairBackward($0) },
    "custom_vjp_flags": ControlFunction(2) { try flagged($0) },
    "custom_vjp_stopped": ControlFunction(2) { [try flagged([stopGradient($0[0]), $0[1]])[0]] },
    "scan_custom": ControlFunction(directed: 1) { reverse, x in
      try run(reverse, [zeros([], x[0].dtype)], x) { c, item in
        (carry: [try ownTanh(c[0]) + relu(item[0])], y: [])
      }
    },
    "scan_custom_vjp": ControlFunction(directed: 2) { reverse, x in
      try run(reverse, [x[1]], [x[0]]) { c, item in
        (carry: [try scaledCotangent([c[0], x[1]])[0] + item[0]], y: c)
      }
    },
    "jit_custom": ControlFunction(2) { x in
      try jit { (v: [Tensor]) in try scaledCotangent([ownTanh(v[0]), doubleSlope(v[1])]) }(x)
    },
    "checkpoint_custom": ControlFunction(2) { x in
      try checkpoint { v in try scaledCotangent([ownTanh(v[0]), doubleSlope(v[1])]) }(x)
    },
    "closure_convert": ControlFunction(2) { x in
      let (converted, free) = try closureConvert({ [try sin($0[0] * x[1])] }, [x[0].aval])
      let twice = customVJP(
        name: "twice", converted, forward: { (try converted($0), $0) },
        backward: { kept, cts in try vjp(converted, kept).pullback(cts).map { try 2 * $0 } })
      return try twice(free + [x[0]])
    },
  ]

  /// tanh whose derivative is said to be twice what it is.
  private static let doubleSlope = customJVP(
    name: "double_slope", { (x: Tensor) in try tanh(x) },
    rule: { (x: Tensor, dx: Tensor) in
      let y = try tanh(x)
      return (y, try 2 * (1 - y * y) * dx)
    })

  /// tanh with its derivative as a rule of its own.
  private static let ownTanh = customJVP(
    name: "own_tanh", { (x: Tensor) in try tanh(x) },
    rule: { (x: Tensor, dx: Tensor) in
      let y = try tanh(x)
      return (y, try (1 - y * y) * dx)
    })

  /// (n sin x, x y) with a whole n, whose tangents are said to be 2 n cos x dx and 3 (y dx + x dy).
  private static let pairForward: @Sendable ([Tensor]) throws -> [Tensor] = customJVP(
    name: "pair_forward", { try pair($0) },
    symbolicZeros: { x, dx in
      let first = try dx[0].map { try 2 * (cos(x[0]) * x[1].asType(x[0].dtype)) * $0 }
      let left = try dx[0].map { try x[2] * $0 } ?? zeros(like: x[0])
      let right = try dx[2].map { try x[0] * $0 } ?? zeros(like: x[0])
      return (try pairForward(x), [first, try 3 * (left + right)])
    })

  private static func pair(_ x: [Tensor]) throws -> [Tensor] {
    [try sin(x[0]) * x[1].asType(x[0].dtype), try x[0] * x[2]]
  }

  /// sin(x) · y whose cotangents are said to be 3 ct cos(x) y and 5 ct sin(x).
  private static let scaledCotangent = customVJP(
    name: "scaled_cotangent", { x in [try sin(x[0]) * x[1]] },
    forward: { x in ([try sin(x[0]) * x[1]], x) },
    backward: { x, ct in [try 3 * ct[0] * cos(x[0]) * x[1], try 5 * ct[0] * sin(x[0])] })

  /// (n sin x, x y) with a whole n, whose cotangents are said to be 2 n cos x ct₀ + 3 y ct₁ and
  /// 5 x ct₁.
  private static let pairBackward = customVJP(
    name: "pair_backward", { try pair($0) }, forward: { (try pair($0), $0) },
    backward: { x, cts in
      let first = try 2 * cts[0] * cos(x[0]) * x[1].asType(x[0].dtype)
      return [try first + 3 * cts[1] * x[2], nil, try 5 * cts[1] * x[0]]
    })

  /// (x y, sin y) whose cotangents tell what is differentiated, by a factor 2 + 4 [x] + 8 [y], and
  /// where their own is a symbolic zero: nothing for the first, 100 for the second.
  private static let flagged = customVJP(
    name: "flagged", { x in [try x[0] * x[1], try sin(x[1])] },
    forward: { x, perturbed in
      let factor = 2 + (perturbed[0] ? 4.0 : 0) + (perturbed[1] ? 8 : 0)
      let scale = try full(x[0].shape, factor, x[0].dtype)
      return ([try x[0] * x[1], try sin(x[1])], x + [scale])
    },
    symbolicZeros: { kept, cts in
      let first = try cts[0].map { try kept[2] * $0 } ?? zeros(like: kept[0])
      let second = try cts[1].map { try kept[2] * $0 } ?? full(kept[1].shape, 100, kept[1].dtype)
      return [try first * kept[1], try first * kept[0] + second]
    })
}
