// A jaxpr as text, in JAX's printed grammar (rules JX-01, JX-02).
//
// Differs from JAX 0.10.2: no `out_sharding=None` and `sharding=None`; one equation is one line.

extension Jaxpr: CustomStringConvertible {
  /// `{ lambda c:f32[3] ; a:f32[2]. let b:f32[2] = sin a in (b,) }` over several lines.
  public var description: String {
    var names = VariableNames()
    return names.text(self, indent: "")
  }

  /// Every variable that some equation or output reads.
  package var usedVariables: Set<Var> {
    Set((eqns.flatMap(\.ins) + outs).compactMap(\.variable))
  }
}

extension Atom {
  /// The variable, unless it is a literal.
  package var variable: Var? {
    switch self {
    case .variable(let v): v
    case .literal: nil
    }
  }
}

/// Names a, b, …, z, ba, bb, … in order of first binding; `_` for a result nobody reads.
private struct VariableNames {
  private var names: [Var: String] = [:]

  /// A program; those it carries share the alphabet and stand further in.
  mutating func text(_ jaxpr: Jaxpr, indent: String) -> String {
    let used = jaxpr.usedVariables
    let constants = jaxpr.constvars.map { binder($0) }.joined(separator: " ")
    let inputs = jaxpr.invars.map { binder($0) }.joined(separator: " ")
    let inner = indent + "    "
    let lines = jaxpr.eqns.map { inner + line($0, used, indent: inner) + "\n" }.joined()
    let results = jaxpr.outs.map { text($0) }
    let tuple = "(" + results.joined(separator: ", ") + (results.count == 1 ? ",)" : ")")
    return "{ lambda \(constants); \(inputs). let\n\(lines)\(indent)  in \(tuple) }"
  }

  mutating func name(_ v: Var) -> String {
    if let known = names[v] { return known }
    let fresh = Self.letters(names.count)
    names[v] = fresh
    return fresh
  }

  /// Numbers in base 26 with digits a…z.
  static func letters(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(97 + index % 26)))
    return index < 26 ? last : letters(index / 26) + last
  }

  mutating func binder(_ v: Var) -> String { "\(name(v)):\(v.aval)" }

  mutating func line(_ eqn: Eqn, _ used: Set<Var>, indent: String) -> String {
    let outs = eqn.outs.map { used.contains($0) ? binder($0) : "_:\($0.aval)" }
    let ins = eqn.ins.map { text($0) }
    let parameters = parameters(eqn, indent: indent)
    let head = eqn.primitive.name + (parameters.isEmpty ? "" : "[\(parameters)]")
    return outs.joined(separator: " ") + " = " + ([head] + ins).joined(separator: " ")
  }

  /// On one line; one line each if there are programs among them.
  private mutating func parameters(_ eqn: Eqn, indent: String) -> String {
    guard case .higherOrder(let op) = eqn.primitive else {
      return eqn.primitive.parameters(outs: eqn.outs.map(\.aval))
    }
    let inner = indent + "  "
    let all = op.parameters { text($0, indent: inner) }
    return "\n" + all.map { "\(inner)\($0.name)=\($0.value)\n" }.joined() + indent
  }

  mutating func text(_ atom: Atom) -> String {
    switch atom {
    case .variable(let v): name(v)
    case .literal(let l): l.description
    }
  }
}

extension Primitive {
  /// The parameters, with those that JAX derives from the result's type.
  fileprivate func parameters(outs: [ShapedArray]) -> String {
    var all = parameters.map { "\($0.name)=\($0.value)" }
    if case .dotGeneral = self {
      all += outs.map { "preferred_element_type=\($0.dtype.longName)" }
    }
    return all.joined(separator: " ")
  }
}

extension Literal: CustomStringConvertible {
  /// As JAX prints it: `2.0:f32[]`, `True:bool[]`.
  public var description: String {
    switch rounded {
    case .f32(let x): "\(x.map { pythonFloat(Double($0)) }.joined()):\(dtype)[]"
    case .f64(let x): "\(x.map(pythonFloat).joined()):\(dtype)[]"
    case .i32(let x): "\(x.map(String.init).joined()):\(dtype)[]"
    case .u32(let x): "\(x.map(String.init).joined()):\(dtype)[]"
    case .bool(let x): "\(x.map { $0 ? "True" : "False" }.joined()):\(dtype)[]"
    }
  }
}

/// `x` as Python's repr has it: `inf`, `nan`, `2.0`, `1e-05`.
private func pythonFloat(_ x: Double) -> String { "\(x)" }
