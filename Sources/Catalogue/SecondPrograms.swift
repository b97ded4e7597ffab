// The programs of second.h5: second derivatives of another program of the catalogue.
//
// Operands: those of the program, then first tangents (of `operands`) or cotangents (of its floating-
// point results), then second tangents (of `operands`). Results: the first derivative, then its own.

import Core

extension Catalogue {
  static let secondEntries: [String: Entry] = [
    "hvp": Entry(1...Int.max, SecondParameters.self) { p in
      let program = try p.inner()
      return { all in
        try p.derivative(all) { firsts in
          program.cotangents(of: p.operands, results: firsts)
        }
      }
    },
    "second_jvp": Entry(1...Int.max, SecondParameters.self) { p in
      let program = try p.inner()
      return { all in try p.derivative(all) { _ in program.tangents(of: p.operands) } }
    },
  ]
}

/// Which program is differentiated, and with respect to which of its operands.
private struct SecondParameters: ParameterSet {
  static let keys: Set = ["count", "operands", "params", "program"]
  /// How many operands the program takes.
  let count: Int
  let operands: [Int]
  let params: String
  let program: String

  func inner() throws -> Program {
    try Catalogue.program(named: program, parameters: params)
  }

  /// A first derivative of the program and its derivative along the last operands; `first` makes
  /// the former for a number of tangents or cotangents.
  func derivative(
    _ all: [Tensor], _ first: (Int) -> @Sendable ([Tensor]) throws -> [Tensor]
  ) throws -> [Tensor] {
    let firsts = all.count - count - operands.count
    guard firsts > 0, operands.allSatisfy((0..<count).contains) else {
      throw CatalogueError(
        program: program, message: "its second derivative got \(all.count) operands")
    }
    let (fixed, seconds) = (all.dropLast(operands.count), Array(all.suffix(operands.count)))
    let function = first(firsts)
    let (values, tangents) = try jvp(
      { chosen in
        var inputs = Array(fixed)
        for (index, x) in zip(operands, chosen) { inputs[index] = x }
        return try function(inputs)
      }, operands.map { all[$0] }, seconds)
    return values + tangents
  }
}
