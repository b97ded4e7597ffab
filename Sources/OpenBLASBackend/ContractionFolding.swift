// Transposes that a product of matrices takes over: of its operands, which it reads in any layout, and
// of its result, which it gives transposed when its operands change places.
//
// A routine adds in another order for another layout, so a folded product is the same routine on the same
// memory wherever it runs: where a trace hands it the transposed operands and expects the result
// of the equation, they are moved before and after, which changes no bit.

internal import Core

/// A dot_general as it runs between the transposes around it.
struct FoldedContraction: Sendable {
  /// What it reads instead of each operand, in its own order.
  let operands: [Atom]
  let contraction: Contraction
  /// From the equation's operands to what the contraction reads, and from what it gives to the
  /// equation's result.
  fileprivate let before: [Movement?]
  fileprivate let after: Movement?
  fileprivate let isSwapped: Bool

  /// The equation's result for the equation's operands.
  func run(_ inputs: [Buffer], _ workers: Workers) -> Buffer {
    let moved = zip(inputs, before).map { input, movement in movement?.run([input]) ?? input }
    let product =
      isSwapped
      ? contraction.run(moved[1], moved[0], workers) : contraction.run(moved[0], moved[1], workers)
    return after?.run([product]) ?? product
  }
}

/// Which products of a program take over which transposes.
struct ContractionFolding {
  /// Below so many products the transposes cost nothing worth saving, and an equation has the same bits
  /// alone as in a program.
  private static let leastProducts = 1 << 12

  private struct Transposed {
    let source: Atom
    let permutation: [Int]
  }

  /// Values that a transpose makes.
  private var transposed: [Var: Transposed] = [:]
  /// The permutation of values that only one transpose reads.
  private var turned: [Var: [Int]] = [:]
  /// Results of products that are there transposed.
  private var swapped: Set<Var> = []

  init(_ jaxpr: Jaxpr) {
    var readers: [Var: Int] = [:]
    for atom in jaxpr.eqns.lazy.flatMap(\.ins) + jaxpr.outs {
      if case .variable(let v) = atom { readers[v, default: 0] += 1 }
    }
    for eqn in jaxpr.eqns {
      guard case .transpose(let permutation) = eqn.primitive else { continue }
      transposed[eqn.outs[0]] = Transposed(source: eqn.ins[0], permutation: permutation)
      if case .variable(let v) = eqn.ins[0], readers[v] == 1 { turned[v] = permutation }
    }
  }

  /// The product as it runs, if there is a transpose to take over.
  mutating func folded(_ eqn: Eqn) throws -> FoldedContraction? {
    guard case .dotGeneral(let d) = eqn.primitive, let out = eqn.outs.first?.aval else {
      return nil
    }
    let terms = d.lhsContracting.reduce(1) { $0 * eqn.ins[0].aval.shape[$1] }
    guard out.size * terms >= Self.leastProducts else { return nil }
    let lhs = source(eqn.ins[0], contracting: d.lhsContracting, batch: d.lhsBatch)
    let rhs = source(eqn.ins[1], contracting: d.rhsContracting, batch: d.rhsBatch)
    let turn = turned[eqn.outs[0]].flatMap { isSwap($0, d, eqn.ins.map(\.aval)) ? $0 : nil }
    guard lhs != nil || rhs != nil || turn != nil else { return nil }
    if turn != nil { swapped.insert(eqn.outs[0]) }
    let (x, y) = (lhs?.source ?? eqn.ins[0], rhs?.source ?? eqn.ins[1])
    func axes(_ axes: [Int], _ t: Transposed?) -> [Int] { axes.map { t?.permutation[$0] ?? $0 } }
    let left = (axes(d.lhsContracting, lhs), axes(d.lhsBatch, lhs))
    let right = (axes(d.rhsContracting, rhs), axes(d.rhsBatch, rhs))
    let contraction =
      try turn.map { turn in
        try Contraction(
          y.aval, x.aval,
          DotDimensionNumbers(contracting: (right.0, left.0), batch: (right.1, left.1)),
          out.with(shape: turn.map { out.shape[$0] }))
      }
      ?? Contraction(
        x.aval, y.aval,
        DotDimensionNumbers(contracting: (left.0, right.0), batch: (left.1, right.1)), out)
    return FoldedContraction(
      operands: turn == nil ? [x, y] : [y, x], contraction: contraction,
      before: zip([lhs, rhs], eqn.ins).map { t, atom in
        t.map { .transpose(atom.aval, inverse($0.permutation)) }
      },
      after: turn.map { .transpose(contraction.out, inverse($0)) }, isSwapped: turn != nil)
  }

  /// Whether `eqn` is a transpose whose result one of the products gives.
  func isGiven(_ eqn: Eqn) -> Bool {
    guard case .transpose = eqn.primitive, case .variable(let v) = eqn.ins[0] else { return false }
    return swapped.contains(v)
  }

  /// What `atom` is the transpose of, if its free axes keep their order there.
  private func source(_ atom: Atom, contracting: [Int], batch: [Int]) -> Transposed? {
    guard case .variable(let v) = atom, let found = transposed[v] else { return nil }
    let free = found.permutation.indices.filter { !contracting.contains($0) && !batch.contains($0) }
      .map { found.permutation[$0] }
    return zip(free, free.dropFirst()).allSatisfy(<) ? found : nil
  }

  /// Whether `permutation` of the result is what the product of the operands in the other order has.
  private func isSwap(
    _ permutation: [Int], _ d: DotDimensionNumbers, _ ins: [ShapedArray]
  ) -> Bool {
    let batch = d.lhsBatch.count
    let left = d.lhsFree(rank: ins[0].rank).count
    let right = d.rhsFree(rank: ins[1].rank).count
    let swapped =
      Array(0..<batch) + Array((batch + left)..<(batch + left + right))
      + Array(batch..<(batch + left))
    return left > 0 && right > 0 && permutation == swapped
  }
}
