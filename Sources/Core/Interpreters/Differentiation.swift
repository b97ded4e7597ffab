// Forward mode: tensors that carry a tangent.
//
// `nil` is a symbolic zero: an operation that meets none but zeros is not differentiated at all.
// A tensor with another token is a constant to this differentiation.

struct Differentiation: Interpreter {
  let token = Token()
  let outer: any Interpreter

  /// `x` with tangent `dx`.
  func dual(_ x: Tensor, _ dx: Tensor?) -> Tensor {
    Tensor(aval: x.aval, value: .dual(token, primal: x, tangent: dx))
  }

  /// The primal and tangent of `t` in this differentiation.
  func split(_ t: Tensor) -> (primal: Tensor, tangent: Tensor?) {
    if case .dual(let owner, let primal, let tangent) = t.value, owner === token {
      return (primal, tangent)
    }
    return (t, nil)
  }

  func interpret(_ p: Primitive, _ inputs: [Tensor]) throws -> [Tensor] {
    let (primals, tangents) = (inputs.map { split($0).primal }, inputs.map { split($0).tangent })
    return try under(outer) {
      guard tangents.contains(where: { $0 != nil }) else { return try bind(p, primals) }
      let (outs, douts) = try jvpRule(p, primals, tangents)
      return try zip(outs, douts).map { out, dout in
        dual(out, try faulted(dout, p))
      }
    }
  }

  private func faulted(_ tangent: Tensor?, _ p: Primitive) throws -> Tensor? {
    guard let fault = Context.fault else { return tangent }
    return try fault.applied(to: tangent, rule: .jvp, p)
  }
}
