// The functions of control.h5 that choose: branches by value, alone and around loops.

import Core

/// A function of control.h5: `reverse` is the direction of its loops, if it has any.
struct ControlFunction: Sendable {
  let arity: Int
  /// Whether it has a direction, and so a parameter.
  let isDirected: Bool
  let f: @Sendable (_ reverse: Bool, _ x: [Tensor]) throws -> [Tensor]

  init(_ arity: Int, _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor]) {
    (self.arity, isDirected, self.f) = (arity, false, { _, x in try f(x) })
  }

  init(
    directed arity: Int,
    _ f: @escaping @Sendable (_ reverse: Bool, _ x: [Tensor]) throws -> [Tensor]
  ) {
    (self.arity, isDirected, self.f) = (arity, true, f)
  }
}

extension Catalogue {
  static let branchFunctions: [String: ControlFunction] = [
    "cond_sign": ControlFunction(2) { x in
      try cond(
        greater(x[0], zeros(like: x[0])), [x[1]], then: { [try sin($0[0]) * $0[0]] },
        else: { [try exp(-$0[0])] })
    },
    "cond_closure": ControlFunction(3) { x in
      let w = x[2]
      return try cond(
        x[0], [x[1]], then: { [try sin($0[0]) * w] }, else: { _ in [try square(w)] })
    },
    "cond_mixed": ControlFunction(3) { x in
      try cond(
        x[0], [x[1], x[2]],
        then: { v in
          [
            try square(v[0]) * v[1].asType(v[0].dtype), try v[1] + 1,
            try greater(v[0], zeros(like: v[0])),
          ]
        }, else: { v in [try -v[0], try v[1] - 1, try less(v[0], ones(like: v[0]))] })
    },
    "cond_nested": ControlFunction(3) { x in
      let inner: ([Tensor]) throws -> [Tensor] = { v in
        let q = x[1]
        return try cond(q, v, then: { [try sin($0[0])] }, else: { [try $0[0] * v[0]] })
      }
      return try cond(x[0], [x[2]], then: inner, else: { try inner([2 * $0[0]]) })
    },
    "cond_scan": ControlFunction(directed: 3) { reverse, x in
      let items = x[2]
      return try cond(
        x[0], [x[1]],
        then: { c in
          try scan(
            { s, v in (carry: [try sin(s[0]) * v[0] + c[0]], y: []) }, c, [items], reverse: reverse
          ).carry
        }, else: { [try sum(items) * $0[0]] })
    },
    "switch_three": ControlFunction(2) { x in
      try switchCase(
        x[0],
        [{ [try sin($0[0])] }, { [try square($0[0]) + x[1]] }, { [try 3 * $0[0]] }], [x[1]])
    },
    "where_trap": ControlFunction(1) { x in
      try cond(
        greater(x[0], zeros(like: x[0])), x, then: { [try sqrt($0[0])] }, else: { [try 0 * $0[0]] })
    },
  ]
}
