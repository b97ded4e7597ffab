// The derivatives of a program as programs of their own: what checks and goldens stage and run.
//
// Operands without a tangent space, and those left out, are held fixed.

public import Core

extension Program {
  /// The function (operands…, a tangent for each operand of `indices`) → tangents of the
  /// floating-point results.
  public func tangents(of indices: [Int]) -> @Sendable ([Tensor]) throws -> [Tensor] {
    { all in
      let (operands, tangents) = split(all, last: indices.count)
      let (outs, douts) = try jvp(
        holding(operands, indices), indices.map { operands[$0] }, tangents)
      return zip(outs, douts).filter { $0.0.dtype.isInexact }.map(\.1)
    }
  }

  /// The function (operands…, a cotangent for each of `results` floating-point results) →
  /// cotangents of the operands of `indices`.
  public func cotangents(
    of indices: [Int], results: Int
  ) -> @Sendable ([Tensor]) throws -> [Tensor] {
    { all in
      let (operands, cotangents) = split(all, last: results)
      return try vjp(holding(operands, indices), indices.map { operands[$0] }).pullback(cotangents)
    }
  }

  /// The program as a function of some operands, the others fixed.
  private func holding(
    _ operands: [Tensor], _ indices: [Int]
  ) -> @Sendable ([Tensor]) throws -> [Tensor] {
    { chosen in
      var operands = operands
      for (index, x) in zip(indices, chosen) { operands[index] = x }
      return try function(operands)
    }
  }

  private func split(_ all: [Tensor], last count: Int) -> ([Tensor], [Tensor]) {
    (Array(all.dropLast(count)), Array(all.suffix(count)))
  }
}
