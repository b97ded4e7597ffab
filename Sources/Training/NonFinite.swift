// Which equation made the first NaN or infinity that an output shows?
//
// The program runs once more, equation by equation, and the walk goes backwards from the output through
// numbers that are none. An equation on that way whose operands are all finite is where they began; an
// infinity that never reaches the output (a mask before exp) is not on the way, and is not blamed.
// What is inside a loop's body is blamed on the loop.

public import Core
internal import Tree

/// Where the numbers that are none began.
public enum NonFiniteOrigin: Sendable, CustomStringConvertible {
  /// An equation: its number of how many, its text, and what it read and gave.
  case equation(Int, of: Int, text: String, operands: [String], results: [String])
  /// A value that the program was given.
  case input(name: String, values: String)
  /// Equation by equation all is finite: the compiled program differs.
  case onlyCompiled

  /// A sentence.
  public var description: String {
    switch self {
    case .equation(let index, let count, let text, let operands, let results):
      "equation \(index) of \(count) is the first on the way there: \(text), where it read "
        + "\(operands.joined(separator: " and ")) and gave \(results.joined(separator: " and "))"
    case .input(let name, let values): "it came in with \(name): \(values)"
    case .onlyCompiled: "equation by equation the same step is finite: the compiled program differs"
    }
  }
}

/// Where the numbers that are none in output `output` of `jaxpr` began, run op by op by the current
/// backend; `names` are the inputs'.
public func nonFiniteOrigin(
  of jaxpr: Jaxpr, _ inputs: [Tensor], names: [String], output: Int
) throws -> NonFiniteOrigin {
  let program = jaxpr.inlined
  let trace = try EquationByEquation(jaxpr: program, backend: Context.backend)
    .trace(inputs.map { try $0.buffer })
  guard !trace.outputs[output].storage.isFinite else { return .onlyCompiled }
  return BackwardWalk(program, trace).origin(of: program.outs[output], names: names)
}

/// The way back from an output to where its numbers stopped being numbers.
private struct BackwardWalk {
  let program: Jaxpr
  let trace: ExecutionTrace
  /// The equation that binds a variable.
  private let makers: [Var: Int]

  init(_ program: Jaxpr, _ trace: ExecutionTrace) {
    (self.program, self.trace) = (program, trace)
    let pairs = program.eqns.enumerated().flatMap { i, eqn in eqn.outs.map { ($0, i) } }
    makers = Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Inputs come before every equation; of several equations the first in the program's order.
  func origin(of output: Atom, names: [String]) -> NonFiniteOrigin {
    var (equations, inputs): (Set<Int>, Set<Var>) = ([], [])
    var (todo, seen) = ([output], Set<Var>())
    while let variable = todo.popLast()?.variable {
      guard seen.insert(variable).inserted else { continue }
      guard let index = makers[variable] else {
        inputs.insert(variable)
        continue
      }
      let guilty = zip(program.eqns[index].ins, trace.operands[index]).filter { atom, value in
        atom.variable != nil && !value.storage.isFinite
      }
      if guilty.isEmpty { equations.insert(index) }
      todo += guilty.map(\.0)
    }
    if let first = (program.constvars + program.invars).first(where: inputs.contains) {
      return describe(input: first, names)
    }
    return equations.min().map(describe(equation:)) ?? .onlyCompiled
  }

  private func describe(equation index: Int) -> NonFiniteOrigin {
    let eqn = program.eqns[index]
    return .equation(
      index + 1, of: program.eqns.count, text: eqn.text,
      operands: trace.operands[index].map { "\(ValueRange($0))" },
      results: trace.results[index].map { "\(ValueRange($0))" })
  }

  private func describe(input: Var, _ names: [String]) -> NonFiniteOrigin {
    let position = program.invars.firstIndex(of: input)
    let name = position.map { $0 < names.count ? names[$0] : "input \($0)" } ?? "a constant"
    // Whoever reads it holds its value.
    for (eqn, operands) in zip(program.eqns, trace.operands) {
      if let place = eqn.ins.firstIndex(where: { $0.variable == input }) {
        return .input(name: name, values: "\(ValueRange(operands[place]))")
      }
    }
    return .input(name: name, values: "\(input.aval)")
  }
}

extension Eqn {
  /// The equation alone, as a jaxpr prints it, with names of its own.
  fileprivate var text: String {
    let invars = ins.compactMap(\.variable)
    let distinct = invars.enumerated().filter { i, v in invars.firstIndex(of: v) == i }.map(\.1)
    let alone = Jaxpr(invars: distinct, eqns: [self], outs: outs.map { .variable($0) })
    let lines = "\(alone)".split(separator: "\n").dropFirst().dropLast()
    return lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
  }
}

/// What a step of training met.
public struct NonFiniteReport: Sendable, CustomStringConvertible {
  /// The epoch, from 1.
  public let epoch: Int
  /// The step of the whole run, from 1.
  public let step: Int
  /// What is no number: the loss, or the path of a parameter.
  public let what: String
  /// Where it began.
  public let origin: NonFiniteOrigin

  /// Two sentences.
  public var description: String {
    "epoch \(epoch), step \(step): \(what) is not finite. \(origin)"
  }
}
