// Functions that bring their own derivative, forwards.
//
// Differentiation asks the rule instead of looking inside; everyone else runs the function. A jaxpr
// keeps function and rule together in one `custom_jvp_call`, so what is staged first and
// differentiated later still asks the rule.

/// A function with its own JVP rule.
struct CustomJVP: Sendable {
  /// What a jaxpr calls it.
  let name: String
  /// The function.
  let function: @Sendable ([Tensor]) throws -> [Tensor]
  /// (x, dx) ↦ (y, dy); `nil` is a symbolic zero.
  let jvp:
    @Sendable (_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?])

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
      let (outs, tangents) = try rule(free: []).checked(
        pairs.map(\.primal), pairs.map(\.tangent), nil)
      return zip(outs, tangents).map { own.dual($0, $1) }
    }
  }

  /// One equation: the function's program and its rule.
  private func call(_ inputs: [Tensor]) throws -> [Tensor] {
    let (jaxpr, free) = try traceProgram(function, inputs.map(\.aval))
    let call = Call(kind: .customJVP(rule(free: free)), program: Subprogram(jaxpr))
    return try bind(.higherOrder(.call(call)), free + inputs)
  }

  /// The rule for the function with its free tensors in front of its operands.
  private func rule(free: [Tensor]) -> CustomJVPRule {
    let (name, count, jvp) = (name, free.count, jvp)
    return CustomJVPRule(name: name) { x, dx in
      guard dx.prefix(count).allSatisfy({ $0 == nil }) else { throw closesOverTangent(name) }
      return try jvp(Array(x.dropFirst(count)), Array(dx.dropFirst(count)))
    }
  }
}

extension CustomJVP {
  /// A function of one result whose rule gives its tangent from x, y and dx.
  init(
    name: String, function: @escaping @Sendable ([Tensor]) throws -> Tensor,
    rule: @escaping @Sendable (_ x: [Tensor], _ y: Tensor, _ dx: [Tensor]) throws -> Tensor
  ) {
    self.init(
      name: name, function: { [try function($0)] },
      jvp: { x, dx in
        let y = try CustomJVP(name: name, function: function, rule: rule)(x)
        let tangents = try zip(x, dx).map { try $1 ?? zeros(like: $0) }
        return (y, [try rule(x, y[0], tangents)])
      })
  }
}

/// A tensor that a function with its own rule closes over has a tangent, of which the rule knows
/// nothing.
func closesOverTangent(_ name: String) -> TraceError {
  TraceError.unsupported(
    "\(name) closes over a tensor that is differentiated, but its own derivative rule knows only "
      + "its arguments; pass the tensor as an argument")
}

/// `f`, differentiated by `rule`.
///
/// - Parameters:
///   - name: what a jaxpr calls the function.
///   - rule: (x, dx) ↦ (y, dy), linear in dx; a `nil` tangent is a symbolic zero, and operands
///     without a tangent space always have one.
/// - Throws: when called, `TraceError.illTyped` if the rule's results have not the types of `f`'s.
public func customJVP(
  name: String = "f", _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor],
  symbolicZeros rule:
    @escaping @Sendable (_ x: [Tensor], _ dx: [Tensor?]) throws -> (
      outs: [Tensor], tangents: [Tensor?]
    )
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  let custom = CustomJVP(name: name, function: f, jvp: rule)
  return { try custom($0) }
}

/// `f`, differentiated by `rule`: (x, dx) ↦ (y, dy), with zeros in place of symbolic ones.
public func customJVP(
  name: String = "f", _ f: @escaping @Sendable ([Tensor]) throws -> [Tensor],
  rule:
    @escaping @Sendable (_ x: [Tensor], _ dx: [Tensor]) throws -> (
      outs: [Tensor], tangents: [Tensor]
    )
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  customJVP(
    name: name, f,
    symbolicZeros: { x, dx in
      let (outs, tangents) = try rule(x, zip(x, dx).map { try $1 ?? zeros(like: $0) })
      return (outs, tangents)
    })
}

/// `f`, differentiated by `rule`: (x, dx) ↦ (y, dy).
public func customJVP(
  name: String = "f", _ f: @escaping @Sendable (Tensor) throws -> Tensor,
  rule: @escaping @Sendable (_ x: Tensor, _ dx: Tensor) throws -> (out: Tensor, tangent: Tensor)
) -> @Sendable (Tensor) throws -> Tensor {
  let all = customJVP(
    name: name, { (x: [Tensor]) in [try f(x[0])] },
    rule: { (x: [Tensor], dx: [Tensor]) in
      let (out, tangent) = try rule(x[0], dx[0])
      return ([out], [tangent])
    })
  return { try all([$0])[0] }
}
