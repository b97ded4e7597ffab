// Functions that bring their own derivative.
//
// Differentiation asks the rule instead of looking inside; batching maps function and rule
// together; staging writes the function's own operations into the program, unless all operands are
// known to a partial evaluation, which passes the whole function on.

/// A function of one result with its own JVP rule.
struct CustomJVP {
  /// The function.
  let function: ([Tensor]) throws -> Tensor
  /// The tangent of the result `y` at `x` along `dx`.
  let rule: (_ x: [Tensor], _ y: Tensor, _ dx: [Tensor]) throws -> Tensor

  func callAsFunction(_ inputs: [Tensor]) throws -> Tensor {
    switch Context.interpreter {
    case let differentiation as Differentiation: try differentiate(inputs, differentiation)
    case let batching as Batching: try batch(inputs, batching)
    case let staging as Staging: try stage(inputs, staging)
    default: try function(inputs)
    }
  }

  private func differentiate(_ inputs: [Tensor], _ own: Differentiation) throws -> Tensor {
    let pairs = inputs.map { own.split($0) }
    return try under(own.outer) {
      let primals = pairs.map(\.primal)
      let y = try self(primals)
      guard pairs.contains(where: { $0.tangent != nil }) else { return y }
      let tangents = try pairs.map { try $0.tangent ?? zeros(like: $0.primal) }
      return own.dual(y, try rule(primals, y, tangents))
    }
  }

  private func batch(_ inputs: [Tensor], _ own: Batching) throws -> Tensor {
    let pairs = inputs.map { own.split($0) }
    guard pairs.contains(where: \.isMapped) else {
      return try under(own.outer) { try self(inputs) }
    }
    let mapped = try under(own.outer) {
      try self.mapped(axes: pairs.map { $0.isMapped ? 0 : nil }, own)(pairs.map(\.values))
    }
    return own.batched(mapped)
  }

  /// Partial evaluation hands known values on whole: whoever is outside asks the rule again.
  private func stage(_ inputs: [Tensor], _ own: Staging) throws -> Tensor {
    guard let outer = own.evaluator(of: inputs) else { return try function(inputs) }
    return try under(outer) { try self(inputs) }
  }

  /// This function for each index of the mapped axes.
  private func mapped(axes: [Int?], _ own: Batching) -> CustomJVP {
    func map(_ f: @escaping ([Tensor]) throws -> Tensor, _ axes: [Int?]) -> ([Tensor]) throws
      -> Tensor
    {
      let all = vmap(
        { [try f($0)] }, inAxes: axes, axisName: own.axisName, axisSize: own.size)
      return { try all($0)[0] }
    }
    let count = axes.count
    return CustomJVP(function: map(function, axes)) { x, y, dx in
      try map(
        { all in
          try rule(Array(all[..<count]), all[count], Array(all[(count + 1)...]))
        }, axes + [0] + axes)(x + [y] + dx)
    }
  }
}
