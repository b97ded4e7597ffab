// The numbers of a program that would move a whole run, were they a little other.
//
// Decay rates, steps, corrections and means are literals, or scalars that arrays are computed from. A fault
// in one moves all weights together, which no single weight shows. Equal literals of one primitive are one
// suspect, and so are scalars that are the same expression: both come from one line of a model.

import Core

/// A number of the program, wherever it stands.
struct Suspect: Sendable {
  /// How reports name it.
  let name: String
  /// The operands that are this number: positions by the index of the equation.
  var operands: [Int: [Int]] = [:]
  /// The equations whose result is this number.
  var results: Set<Int> = []

  /// Those of a program, literals first.
  static func all(in program: Jaxpr) -> [Suspect] { literals(program) + scalars(program) }

  private static func literals(_ program: Jaxpr) -> [Suspect] {
    var found: [Suspect] = []
    var places: [Expression: Int] = [:]
    for (index, eqn) in program.eqns.enumerated() {
      for (position, atom) in eqn.ins.enumerated() {
        guard case .literal(let literal) = atom, literal.dtype.isInexact, literal.value != 0,
          literal.value.isFinite
        else { continue }
        let text = "\(Double(literal.value)) in \(eqn.primitive.name)"
        let place = places[Expression(eqn.primitive.name, literal), default: found.count]
        places[Expression(eqn.primitive.name, literal)] = place
        if place == found.count { found.append(Suspect(name: text)) }
        found[place].operands[index, default: []].append(position)
      }
    }
    return found
  }

  private static func scalars(_ program: Jaxpr) -> [Suspect] {
    let numbers = expressionNumbers(program)
    let readers = program.eqns.filter { $0.outs.contains { !$0.aval.shape.isEmpty } }
    let read = Set(readers.flatMap { $0.ins.compactMap(\.variable) })
    var (found, places) = ([Suspect](), [Int: Int]())
    for (index, eqn) in program.eqns.enumerated() {
      guard let v = eqn.outs.first, v.aval.shape.isEmpty, v.aval.dtype.isInexact, read.contains(v),
        let number = numbers[v]
      else { continue }
      let place = places[number, default: found.count]
      places[number] = place
      if place == found.count {
        found.append(Suspect(name: "\(eqn.primitive.name), equation \(index)"))
      }
      found[place].results.insert(index)
    }
    return found
  }
}

/// A primitive, or its name, and what it is applied to.
private struct Expression: Hashable {
  enum Part: Hashable { case name(String), primitive(Primitive), literal(Literal), value(Int) }
  let parts: [Part]

  init(_ name: String, _ literal: Literal) { parts = [.name(name), .literal(literal)] }

  init(_ eqn: Eqn, _ numbers: [Var: Int]) {
    parts =
      [.primitive(eqn.primitive)]
      + eqn.ins.map { atom in
        switch atom {
        case .literal(let literal): .literal(literal)
        case .variable(let v): .value(numbers[v] ?? -1)
        }
      }
  }
}

/// A number for each variable; variables that are the same expression have the same.
private func expressionNumbers(_ program: Jaxpr) -> [Var: Int] {
  var numbers: [Var: Int] = [:]
  for v in program.constvars + program.invars { numbers[v] = numbers.count }
  var (known, next) = ([Expression: Int](), numbers.count)
  for eqn in program.eqns {
    let expression = Expression(eqn, numbers)
    let first = known[expression, default: next]
    if first == next { (known[expression], next) = (next, next + eqn.outs.count) }
    for (i, v) in eqn.outs.enumerated() { numbers[v] = first + i }
  }
  return numbers
}

extension Atom {
  fileprivate var variable: Var? {
    switch self {
    case .variable(let v): v
    case .literal: nil
    }
  }
}
