// The functions of control.h5 that repeat: loops of known and of unknown length.

import Core

extension Catalogue {
  static let whileFunctions: [String: ControlFunction] = [
    "while_double": ControlFunction(1) { x in
      try whileLoop(
        x, while: { try less(sum(square($0[0])), full([], 100, $0[0].dtype)) },
        do: { [try $0[0] * 2 + sin($0[0])] })
    },
    "while_closure": ControlFunction(3) { x in
      try whileLoop(
        [x[0]], while: { try less($0[0], x[2]) }, do: { [try $0[0] * x[1] + sin(x[1])] })
    },
    "while_mixed": ControlFunction(2) { x in
      try whileLoop(
        [Tensor(0, .i32), equal(x[0], x[0]), x[1]],
        while: { try logicalAnd(less($0[0], x[0]), $0[1]) },
        do: { c in
          let v = try c[2] * 1.5 + sin(c[2])
          return [try c[0] + 1, try less(sum(abs(v)), full([], 50, v.dtype)), v]
        })
    },
    "fori_newton": ControlFunction(1) { x in
      try foriLoop(0..<6, [ones(like: x[0])]) { _, y in [try 0.5 * (y[0] + x[0] / y[0])] }
    },
    "fori_dot": ControlFunction(2) { x in
      try foriLoop(1..<4, [x[1]]) { i, s in
        let item = try reshape(dynamicSlice(x[0], [i], sizes: [1]), [])
        return [try s[0] + item * sin(x[1] * i.asType(x[1].dtype))]
      }
    },
    "fori_dynamic": ControlFunction(2) { x in
      try foriLoop(from: Tensor(constant: 0, .i32), to: x[0], [x[1]]) { i, y in
        [try y[0] + sin(y[0]) * i.asType(x[1].dtype)]
      }
    },
  ]

  static let scanFunctions: [String: ControlFunction] = [
    "scan_rnn": ControlFunction(directed: 3) { reverse, x in
      try run(reverse, [x[1]], [x[2]]) { h, item in
        let next = try tanh(matrixVector(x[0], h[0]) + item[0])
        return (carry: [next], y: [try square(next), try sum(next)])
      }
    },
    "scan_horner": ControlFunction(directed: 2) { reverse, x in
      try run(reverse, [zeros(like: x[1])], [x[0]]) { total, c in
        (carry: [try total[0] * x[1] + c[0]], y: [])
      }
    },
    "scan_mixed": ControlFunction(directed: 2) { reverse, x in
      try run(reverse, [zeros([], x[0].dtype), Tensor(1, .i32), Tensor(0, .bool)], x) { c, item in
        let (v, m) = (item[0], item[1])
        let s = try c[0] * 0.5 + sin(v) * m.asType(v.dtype)
        let n = try c[1] + m
        let found = try logicalOr(c[2], greater(v, full([], 0.5, v.dtype)))
        return (carry: [s, n, found], y: [try square(s), try n * 2, found])
      }
    },
    "scan_alone": ControlFunction(directed: 1) { reverse, x in
      let (carry, ys) = try scan(
        { v, _ in
          let next = try sin(v[0]) * 1.25
          return (carry: [next], y: [try square(next)])
        }, x, length: 4, reverse: reverse)
      return carry + ys
    },
    "scan_nested": ControlFunction(directed: 2) { reverse, x in
      try run(false, [x[1]], [x[0]]) { c, row in
        let (s, ys) = try scan(
          { s, v in (carry: [try sin(s[0]) * x[1] + v[0] * c[0]], y: s) }, c, row, reverse: reverse)
        return (carry: s, y: [try sum(ys[0])])
      }
    },
    "scan_cond": ControlFunction(directed: 2) { reverse, x in
      try run(reverse, [x[1]], [x[0]]) { c, item in
        let next = try cond(
          greater(item[0], zeros(like: item[0])), c, then: { [try $0[0] * x[1] + item[0]] },
          else: { [try sin($0[0]) - x[1]] })
        return (carry: next, y: c)
      }
    },
    "scan_while": ControlFunction(directed: 1) { reverse, x in
      try run(reverse, [ones([], x[0].dtype)], x) { c, item in
        let grown = try whileLoop(
          [c[0] + item[0]], while: { try less($0[0], full([], 10, $0[0].dtype)) },
          do: { [try $0[0] * 2 + square(item[0])] })
        return (carry: [try grown[0] * 0.1], y: grown)
      }
    },
    "scan_outer": ControlFunction(directed: 2) { reverse, x in
      try run(reverse, [zeros(like: x[1])], [x[0]]) { c, item in
        (carry: [try tanh(c[0] * exp(x[1]) + item[0])], y: [])
      }
    },
    "associative_affine": ControlFunction(directed: 2) { reverse, x in
      try associativeScan(
        { a, b in [try a[0] * b[0], try a[1] * b[0] + b[1]] }, x, reverse: reverse)
    },
    "associative_last": ControlFunction(directed: 1) { reverse, x in
      try associativeScan({ a, b in [try a[0] * b[0]] }, x, axis: -1, reverse: reverse)
    },
  ]

  /// The last carry, then what is stacked.
  static func run(
    _ reverse: Bool, _ initial: [Tensor], _ xs: [Tensor],
    _ body: ([Tensor], [Tensor]) throws -> (carry: [Tensor], y: [Tensor])
  ) throws -> [Tensor] {
    let (carry, ys) = try scan(body, initial, xs, reverse: reverse)
    return carry + ys
  }

  /// `a: [m, n]`, `x: [n]` → `[m]`.
  private static func matrixVector(_ a: Tensor, _ x: Tensor) throws -> Tensor {
    try dotGeneral(a, x, DotDimensionNumbers(contracting: ([1], [0])))
  }
}
