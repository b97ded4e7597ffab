// Functions that bring their own derivative, backwards.
//
// Under differentiation the forward rule runs in the function's place and leaves residuals; its
// tangents are an equation that can only be transposed, which is when the backward rule is asked.

/// A function with its own VJP rule.
private struct CustomVJP: Sendable {
  let name: String
  let function: @Sendable ([Tensor]) throws -> [Tensor]
  let rule: CustomVJPRule

  func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] {
    switch Context.interpreter {
    case is Evaluation: return try function(inputs)
    case let differentiation as Differentiation: return try differentiate(inputs, differentiation)
    case let staging as Staging:
      // Partial evaluation hands known values on whole: whoever is outside asks the rule again.
      guard let outer = staging.evaluator(of: inputs) else { return try call(inputs) }
      return try under(outer) { try self(inputs) }
    default: return try call(inputs)
    }
  }

  /// The rule sees the values themselves, so a Swift `if` on them works in it.
  private func differentiate(_ inputs: [Tensor], _ own: Differentiation) throws -> [Tensor] {
    let pairs = inputs.map { own.split($0) }
    return try under(own.outer) {
      guard pairs.contains(where: { $0.tangent != nil }) else {
        return try self(pairs.map(\.primal))
      }
      let (outs, tangents) = try rule.linearized(
        pairs.map(\.primal), pairs.map(\.tangent), nil)
      return zip(outs, tangents).map { own.dual($0, $1) }
    }
  }

  /// One equation: the function's program and its rule.
  private func call(_ inputs: [Tensor]) throws -> [Tensor] {
    let (jaxpr, free) = try traceProgram(function, inputs.map(\.aval))
    let call = Call(kind: .customVJP(closed(over: free.count)), program: Subprogram(jaxpr))
    return try bind(.higherOrder(.call(call)), free + inputs)
  }

  /// The rule for the function with `count` free tensors in front of its operands.
  private func closed(over count: Int) -> CustomVJPRule {
    let rule = rule
    return CustomVJPRule(
      name: name,
      forward: { x, perturbed in
        guard !perturbed.prefix(count).contains(true) else { throw closesOverTangent(rule.name) }
        return try rule.forward(Array(x.dropFirst(count)), Array(perturbed.dropFirst(count)))
      },
      backward: { residuals, cts in
        try [Tensor?](repeating: nil, count: count) + rule.backward(residuals, cts)
      })
  }
}

/// `f`, differentiated backwards by `backward`.
///
/// - Parameters:
///   - name: what a jaxpr calls the function.
///   - forward: x, and which of it is differentiated ↦ (y, residuals).
///   - backward: (residuals, cotangents of y) ↦ one cotangent per argument; `nil` is a symbolic zero,
///     and stands for arguments without a tangent space.
/// - Throws: when called, `TraceError.unsupported` in forward mode, `TraceError.illTyped` if the
///   results of the rules have not the types of `f`'s results and arguments.
public func customVJP(
  name: String = "f", _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor],
  forward:
    @escaping @Sendable (_ x: [Tensor], _ perturbed: [Bool]) throws -> (
      outs: [Tensor], residuals: [Tensor]
    ),
  symbolicZeros backward:
    @escaping @Sendable (_ residuals: [Tensor], _ cotangents: [Tensor?]) throws
    -> [Tensor?]
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  let custom = CustomVJP(
    name: name, function: f,
    rule: CustomVJPRule(name: name, forward: forward, backward: backward))
  return { try custom($0) }
}

/// `f`, differentiated backwards by `backward`: (residuals, cotangents of y) ↦ cotangents of x, with
/// zeros in place of symbolic ones.
public func customVJP(
  name: String = "f", _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor],
  forward: @escaping @Sendable (_ x: [Tensor]) throws -> (outs: [Tensor], residuals: [Tensor]),
  backward: @escaping @Sendable (_ residuals: [Tensor], _ cotangents: [Tensor]) throws -> [Tensor?]
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  // The results are kept for the types of cotangents that are zero.
  customVJP(
    name: name, f,
    forward: { x, _ in
      let (outs, residuals) = try forward(x)
      return (outs, residuals + outs)
    },
    symbolicZeros: { kept, cts in
      let all = try zip(kept.suffix(cts.count), cts).map { try $1 ?? zeros(like: $0) }
      return try backward(Array(kept.dropLast(cts.count)), all)
    })
}
