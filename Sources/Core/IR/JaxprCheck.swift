// The type checker behind every builder of jaxprs.
//
// Run after staging and, in tests, after every transformation. Linear in the number of equations.

extension Jaxpr {
  /// Checks that the jaxpr is well-formed.
  /// - Throws: `TraceError.illTyped`, naming the equation.
  public func check() throws {
    var checked: Set<Subprogram> = []
    try check(&checked)
  }

  /// Programs in `checked` are known to be well-formed.
  private func check(_ checked: inout Set<Subprogram>) throws {
    var bound: Set<Var> = []
    bound.reserveCapacity(constvars.count + invars.count + eqns.count)
    func bind(_ v: Var, _ place: String) throws {
      guard bound.insert(v).inserted else {
        throw TraceError.illTyped("a variable \(v.aval) is bound twice: \(place)")
      }
    }
    func read(_ atom: Atom, _ place: String) throws {
      guard let v = atom.variable, !bound.contains(v) else { return }
      throw TraceError.illTyped("a variable \(v.aval) is used before it is bound: \(place)")
    }
    guard constvars.map(\.aval) == consts.map(\.aval) else {
      throw TraceError.illTyped("the constants do not have the types of the constvars")
    }
    for v in constvars + invars { try bind(v, "inputs") }
    for (index, eqn) in eqns.enumerated() {
      let place = "equation \(index), \(eqn.primitive.name)"
      for atom in eqn.ins { try read(atom, place) }
      for program in eqn.primitive.programs where checked.insert(program).inserted {
        try program.jaxpr.check(&checked)
      }
      let types = try typingRule(eqn.primitive, eqn.ins.map(\.aval))
      guard types == eqn.outs.map(\.aval) else {
        throw TraceError.illTyped("\(place) has type \(types), bound as \(eqn.outs.map(\.aval))")
      }
      for v in eqn.outs { try bind(v, place) }
    }
    for atom in outs { try read(atom, "outputs") }
  }
}
