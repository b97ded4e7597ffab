// The programs of control.h5: branches, loops, calls and functions with their own derivative.

import Core

extension Catalogue {
  static let controlEntries: [String: Entry] = [
    "cond_sign": Entry(2...2, NoParameters.self) { _ in
      { x in
        try cond(
          greater(x[0], zeros(like: x[0])), [x[1]], then: { [try sin($0[0]) * $0[0]] },
          else: { [try exp(-$0[0])] })
      }
    },
    "switch_three": Entry(2...2, NoParameters.self) { _ in
      { x in
        try switchCase(
          x[0],
          [{ [try sin($0[0])] }, { [try square($0[0]) + x[1]] }, { [try 3 * $0[0]] }], [x[1]])
      }
    },
    "while_double": Entry(1...1, NoParameters.self) { _ in
      { x in
        try whileLoop(
          x, while: { try less(sum(square($0[0])), full([], 100, $0[0].dtype)) },
          do: { [try $0[0] * 2 + sin($0[0])] })
      }
    },
    "jvp_while_double": Entry(2...2, NoParameters.self) { _ in
      { x in
        let program = try Catalogue.program(named: "while_double")
        let (outs, tangents) = try jvp(program.function, [x[0]], [x[1]])
        return outs + tangents
      }
    },
    "scan_rnn": Entry(3...3, ScanParameters.self) { p in
      { x in
        let (carry, ys) = try scan(
          { h, item in
            let next = try tanh(matrixVector(x[0], h[0]) + item[0])
            return (carry: [next], y: [try square(next), try sum(next)])
          }, [x[1]], [x[2]], reverse: p.reverse)
        return carry + ys
      }
    },
    "scan_horner": Entry(2...2, ScanParameters.self) { p in
      { x in
        let (carry, _) = try scan(
          { total, c in (carry: [try total[0] * x[1] + c[0]], y: []) }, [zeros(like: x[1])], [x[0]],
          reverse: p.reverse)
        return carry
      }
    },
    "fori_newton": Entry(1) { x in
      try foriLoop(0..<6, [ones(like: x[0])]) { _, y in [try 0.5 * (y[0] + x[0] / y[0])] }[0]
    },
    "fori_dynamic": Entry(2...2, NoParameters.self) { _ in
      { x in
        try foriLoop(from: Tensor(constant: 0, .i32), to: x[0], [x[1]]) { i, y in
          [try y[0] + sin(y[0]) * i.asType(x[1].dtype)]
        }
      }
    },
    "associative_affine": Entry(2...2, ScanParameters.self) { p in
      { x in
        try associativeScan(
          { a, b in [try a[0] * b[0], try a[1] * b[0] + b[1]] }, x, reverse: p.reverse)
      }
    },
    "checkpoint_chain": Entry(2) { x in
      try checkpoint { [try sum(sin(sin($0[0]) * $0[1]))] }(x)[0]
    },
    "jit_nested": Entry(2) { x in
      let inner = jit(name: "inner") { (v: [Tensor]) in [try sin(v[0]) * v[1]] }
      let outer = jit(name: "outer") { (v: [Tensor]) in
        [try exp(inner(v)[0]) + inner([v[1], v[0]])[0]]
      }
      return try outer(x)[0]
    },
    "custom_jvp_double": Entry(1) { try doubleSlope($0[0]) },
    "custom_vjp_scaled": Entry(2) { try scaledCotangent($0)[0] },
    "scan_custom": Entry(1) { x in
      try scan(
        { c, item in (carry: [try ownTanh(c[0]) + relu(item[0])], y: []) },
        [zeros(like: sum(x[0]))], [x[0]]
      ).carry[0]
    },
    "vmap_cond": Entry(2...2, NoParameters.self) { _ in
      { operands in
        try vmap { x in
          try cond(
            greater(x[0], zeros(like: x[0])), [x[1]], then: { [try sqrt($0[0])] },
            else: { [try 2 * $0[0]] })
        }(operands)
      }
    },
    "vmap_while": Entry(1...1, NoParameters.self) { _ in
      { operands in
        try vmap { x in
          try whileLoop(
            x, while: { try less($0[0], full([], 100, $0[0].dtype)) },
            do: { [try $0[0] * $0[0] + 1] })
        }(operands)
      }
    },
    "vmap_scan_rnn": Entry(3...3, ScanParameters.self) { p in
      { x in
        let program = try Catalogue.program(
          named: "scan_rnn", parameters: p.reverse ? "{\"reverse\":true}" : "{\"reverse\":false}")
        return try vmap(program.function, inAxes: [nil, 0, 1])(x)
      }
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

  /// sin(x) · y whose cotangents are said to be 3 ct cos(x) y and 5 ct sin(x).
  private static let scaledCotangent = customVJP(
    name: "scaled_cotangent", { x in [try sin(x[0]) * x[1]] },
    forward: { x in ([try sin(x[0]) * x[1]], x) },
    backward: { x, ct in [try 3 * ct[0] * cos(x[0]) * x[1], try 5 * ct[0] * sin(x[0])] })

  /// `a: [m, n]`, `x: [n]` → `[m]`.
  private static func matrixVector(_ a: Tensor, _ x: Tensor) throws -> Tensor {
    try dotGeneral(a, x, DotDimensionNumbers(contracting: ([1], [0])))
  }
}

/// `{"reverse":false}`.
struct ScanParameters: ParameterSet {
  static let keys: Set = ["reverse"]
  let reverse: Bool
}
