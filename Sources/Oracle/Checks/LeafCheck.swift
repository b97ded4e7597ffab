// Gradients of leaves that are used twice or not at all, in double-double.
//
// A leaf used twice gets the sum of what two separate leaves of equal values get: this finds both a
// contribution that is dropped and one that is counted twice. A leaf that is not used gets zeros.
// Allowances are the running bounds of both sides.

import Catalogue
import Core

/// The leaf check of one function at one point.
struct LeafCheck {
  private let program: DerivativeProgram
  private let function: ([Tensor]) throws -> [Tensor]
  private let subject: String
  private let family: String
  private let weights: [[Double]]

  init(
    _ program: DerivativeProgram, _ function: @escaping ([Tensor]) throws -> [Tensor],
    subject: String, family: String, seed: UInt64
  ) {
    (self.program, self.function) = (program, function)
    (self.subject, self.family) = (subject, family)
    var random = SeededGenerator(seed: seed &+ 3)
    weights = Directions.plain(program.resultCounts + program.resultCounts, &random)
  }

  func finding() throws -> Finding {
    let shared = try gradient(copies: 1) { [$0[0], $0[0]] }
    let separate = try gradient(copies: 2) { [$0[0], $0[1]] }
    let unused = try gradient(copies: 2) { [$0[0], $0[0]] }
    var tally = Tally()
    for i in shared.indices {
      let sum = separate[i] + separate[shared.count + i]
      tally.compare(shared[i], sum, "a leaf used twice, element \(i)")
      tally.compare(unused[shared.count + i], 0, "an unused leaf, element \(i)")
    }
    return tally.finding(subject: subject, family: family, check: "leaves")
  }

  /// The gradient of (f(l₀), f(l₁)), weighted, with respect to `copies` of the operands; `uses` says
  /// which of them l₀ and l₁ are.
  private func gradient(
    copies: Int, uses: @escaping ([[Tensor]]) -> [[Tensor]]
  ) throws -> [Bounded] {
    let (split, count) = (program.split, program.split.places.count)
    return try program.run(weights, of: program.value.outAvals + program.value.outAvals) { all, w in
      let leaves = Array(repeating: split.differentiable(all), count: copies).flatMap { $0 }
      let f = { (x: [Tensor]) in
        let sets = (0..<copies).map { Array(x[$0 * count..<($0 + 1) * count]) }
        return try uses(sets).flatMap { try function(split.merged(all, $0)) }
          .filter { $0.dtype.isInexact }
      }
      return try vjp(f, leaves).pullback(w)
    }
  }
}
