// The programs of transforms.h5: transformations of transformations of small functions.
//
// Operands: x first, then those of the transformation, then the matrix of a function that has one.

import Core

extension Catalogue {
  static let transformEntries: [String: Entry] = {
    var all = differentiations.mapValues { Entry($0) }
    all.merge(mappings.mapValues { Entry($0) }) { one, _ in one }
    all["nth_derivative"] = Entry(1...1, NthDerivativeParameters.self) { p in
      let function = try named(p.function, in: scalarFunctions, "nth_derivative")
      return { [try derivative(p.order, of: function)($0[0])] }
    }
    all["vmap_axes"] = Entry(2...2, MappedAxesParameters.self) { p in
      let function = try named(p.function, in: pairFunctions, "vmap_axes")
      return {
        try vmap({ [try function($0[0], $0[1])] }, inAxes: p.in_axes, outAxes: [p.out_axes])($0)
      }
    }
    return all.merging(collectiveEntries) { one, _ in one }
  }()

  private static let differentiations: [String: VectorTransform] = [
    "value_and_grad": VectorTransform("value_and_grad", 1) { f, x in
      let (value, gradient) = try valueAndGrad(f)(x[0])
      return [value, gradient]
    },
    "grad_grad": VectorTransform("grad_grad", 2) { f, x in
      [try grad { try sum(grad(f)($0) * x[1]) }(x[0])]
    },
    "jvp_grad": VectorTransform("jvp_grad", 2) { f, x in
      let (gradient, curvature) = try jvp({ try grad(f)($0) }, x[0], x[1])
      return [gradient, curvature]
    },
    "grad_jvp": VectorTransform("grad_jvp", 2) { f, x in
      [try grad { try jvp(f, $0, x[1]).tangent }(x[0])]
    },
    "jvp_jvp": VectorTransform("jvp_jvp", 3) { f, x in
      let (first, second) = try jvp({ try jvp(f, $0, x[1]).tangent }, x[0], x[2])
      return [first, second]
    },
    "vjp_jvp": VectorTransform("vjp_jvp", 3) { f, x in
      try vjp({ [try jvp(f, $0[0], $0[1]).tangent] }, [x[0], x[1]]).pullback([x[2]])
    },
    "hessian": VectorTransform("hessian", 1) { f, x in
      try vmap({ [try jvp({ try grad(f)($0) }, x[0], $0[0]).tangent] }, outAxes: [1])(
        [identity(like: x[0])])
    },
  ]

  private static let mappings: [String: VectorTransform] = [
    "vmap_grad": VectorTransform("vmap_grad", 1) { f, x in [try vmap { try grad(f)($0) }(x[0])] },
    "grad_vmap": VectorTransform("grad_vmap", 2) { f, x in
      [try grad { try sum(vmap(f)($0) * x[1]) }(x[0])]
    },
    "vmap_vmap": VectorTransform("vmap_vmap", 1) { f, x in [try vmap { try vmap(f)($0) }(x[0])] },
    "vmap_jvp": VectorTransform("vmap_jvp", 2) { f, x in
      try vmap { (row: [Tensor]) in
        let (value, tangent) = try jvp(f, row[0], row[1])
        return [value, tangent]
      }(x)
    },
    "jvp_vmap": VectorTransform("jvp_vmap", 2) { f, x in
      let (values, tangents) = try jvp({ try vmap(f)($0) }, x[0], x[1])
      return [values, tangents]
    },
  ]

  private static var collectiveEntries: [String: Entry] {
    [
      "vmap_axis": collective(1, "vmap_axis") { c, x in try vmap(c, axisName: mappedAxis)(x[0]) },
      "grad_outside_vmap": collective(2, "grad_outside_vmap") { c, x in
        try grad { try sum(vmap(c, axisName: mappedAxis)($0) * x[1]) }(x[0])
      },
      "grad_inside_vmap": collective(1, "grad_inside_vmap") { c, x in
        try vmap({ v in try grad { try sum(c($0)) }(v) }, axisName: mappedAxis)(x[0])
      },
    ]
  }

  /// A transformation of a function C of the instance.
  private static func collective(
    _ arity: Int, _ program: String,
    _ apply: @escaping @Sendable (@escaping MapFunction, [Tensor]) throws -> Tensor
  ) -> Entry {
    Entry(arity...arity, FunctionName.self) { p in
      let function = try named(p.function, in: collectiveFunctions, program)
      return { [try apply(function, $0)] }
    }
  }
}

typealias MapFunction = @Sendable (Tensor) throws -> Tensor

/// A transformation of a function F of a vector.
private struct VectorTransform: Sendable {
  let program: String
  let arity: Int
  /// The results for F, its matrix already bound, at the operands before the matrix.
  let apply: @Sendable (_ f: @escaping MapFunction, _ operands: [Tensor]) throws -> [Tensor]

  init(
    _ program: String, _ arity: Int,
    _ apply: @escaping @Sendable (@escaping MapFunction, [Tensor]) throws -> [Tensor]
  ) {
    self.program = program
    self.arity = arity
    self.apply = apply
  }
}

extension Entry {
  fileprivate init(_ transform: VectorTransform) {
    let arity = transform.arity
    self.init(arity...arity + 1, FunctionName.self) { p in
      let function = try named(p.function, in: vectorFunctions, transform.program)
      let expected = arity + (function.takesMatrix ? 1 : 0)
      return { operands in
        guard operands.count == expected else {
          throw CatalogueError(
            program: transform.program,
            message: "of '\(p.function)' takes \(expected) operands, got \(operands.count)")
        }
        let matrix = Array(operands[arity...])
        return try transform.apply({ try function.f($0, matrix) }, Array(operands[..<arity]))
      }
    }
  }
}

/// The function under a name.
private func named<F>(_ name: String, in table: [String: F], _ program: String) throws -> F {
  guard let function = table[name] else {
    throw CatalogueError(program: program, message: "has no function '\(name)'")
  }
  return function
}

/// `grad` applied `order` times.
private func derivative(_ order: Int, of f: @escaping MapFunction) -> (Tensor) throws -> Tensor {
  order <= 0 ? f : derivative(order - 1, of: { try grad(f)($0) })
}

/// The identity matrix `[n,n]` for a vector `[n]`.
private func identity(like x: Tensor) throws -> Tensor {
  let n = x.shape.first ?? 0
  return Tensor((0..<n).map { i in (0..<n).map { i == $0 ? 1 : 0 } }, x.dtype)
}
