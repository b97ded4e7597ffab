// Two programs that must be one function, compared without a tolerance.
//
// Both are staged, checked and run on double-double numbers that carry a running bound of their own
// rounding: results may differ by the sum of the two bounds, about 1e-30 of them.

package import Core
package import Testing

/// A number of a program and how far it may be from the exact one.
package typealias Exact = (value: DoubleDouble, error: Double)

/// The results of `f` at `x`, staged, checked, and run in double-double.
package func exactResults(
  _ f: @escaping ([Tensor]) throws -> [Tensor], at x: [Tensor]
) throws -> [Exact] {
  let jaxpr = try makeJaxpr(f)(x.map(\.aval))
  try jaxpr.check()
  let inputs = try x.map { ReferenceValue<Bounded>(try $0.buffer) }
  return try ReferenceInterpreter<Bounded>.run(jaxpr, inputs).flatMap { value -> [Exact] in
    guard case .inexact(let array) = value else { return value.exact.map { ($0, 0) } }
    return array.scalars.map { ($0.value, $0.error) }
  }
}

/// Records an issue where the two lists differ by more than their bounds, and if there is nothing.
package func expectAgreement(
  _ a: [Exact], _ b: [Exact], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count && !a.isEmpty, "\(what)", sourceLocation: sourceLocation)
  for (i, (x, y)) in zip(a, b).enumerated() {
    let difference = Double(x.value - y.value).magnitude
    #expect(
      difference <= x.error + y.error,
      "\(what): result \(i) is \(x.value.hi) and \(y.value.hi)", sourceLocation: sourceLocation)
  }
}

/// Records an issue unless `f` and `g` are one function at `x`, to the bounds of their roundings.
package func expectSame(
  _ f: @escaping ([Tensor]) throws -> [Tensor], _ g: @escaping ([Tensor]) throws -> [Tensor],
  at x: [Tensor], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  expectAgreement(
    try exactResults(f, at: x), try exactResults(g, at: x), what, sourceLocation: sourceLocation)
}

/// Records an issue unless both give the same bits.
package func expectSameBits(
  _ a: [Tensor], _ b: [Tensor], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(a.map(\.aval) == b.map(\.aval) && !a.isEmpty, "\(what)", sourceLocation: sourceLocation)
  for (i, (x, y)) in zip(a, b).enumerated() {
    let isSame = try x.storage.isBitwiseEqual(to: y.storage)
    #expect(isSame, "\(what): result \(i), \(x) and \(y)", sourceLocation: sourceLocation)
  }
}

/// x ↦ (y, dy): the values and tangents of `f` along `v`.
package func withTangents(
  _ f: @escaping ([Tensor]) throws -> [Tensor], _ v: [Tensor]
) -> ([Tensor]) throws -> [Tensor] {
  { x in
    let (outs, tangents) = try jvp(f, x, v)
    return outs + tangents
  }
}

/// x ↦ the cotangents of `f` from ones.
package func withCotangents(
  _ f: @escaping ([Tensor]) throws -> [Tensor]
) -> ([Tensor]) throws -> [Tensor] {
  { x in
    let (outs, pullback) = try vjp(f, x)
    return try pullback(outs.filter(\.dtype.isInexact).map { try ones(like: $0) })
  }
}
