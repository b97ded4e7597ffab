// Programs of 100,000 equations and loops of as many steps: no pass recurses over them, and what a pass
// makes of a program grows with the program and no faster.

import Core
import OpenBLASBackend
import Testing

@Suite struct LongProgramTests {
  private static let long = 100_000
  private let x = Tensor(0.5)

  private func chain(_ length: Int) -> @Sendable ([Tensor]) throws -> [Tensor] {
    { xs in
      var x = xs[0]
      for _ in 0..<length { x = try sin(x) }
      return [x]
    }
  }

  private func loop(_ length: Int) -> @Sendable ([Tensor]) throws -> [Tensor] {
    { xs in try scan({ c, _ in (carry: [try sin(c[0])], y: []) }, xs, length: length).carry }
  }

  private func gradient(
    _ f: @escaping ([Tensor]) throws -> [Tensor]
  ) throws -> Jaxpr {
    try makeJaxpr { try [grad { try f([$0])[0] }($0[0])] }([x.aval])
  }

  /// Twice the equations of the function are twice the equations of what is made of it, but for a
  /// number of them that does not depend on it.
  @Test func `what a transformation writes down grows with the program`() throws {
    func sizes(_ n: Int) throws -> [Int] {
      let f = chain(n)
      let staged = try makeJaxpr(f)([x.aval])
      return [
        staged.eqns.count, try gradient(f).eqns.count,
        try makeJaxpr { try jvp(f, $0, $0).tangents }([x.aval]).eqns.count,
        try makeJaxpr(vmap(f))([ShapedArray(.f32, [3])]).eqns.count,
        try makeJaxpr { try jit(f)($0) }([x.aval]).inlined.eqns.count,
        try OpenBLASBackend().plan(staged).steps.count,
      ]
    }
    let (one, two, three) = try (sizes(100), sizes(200), sizes(300))
    for i in one.indices { #expect(two[i] - one[i] == three[i] - two[i]) }
  }

  @Test func `a chain of 100,000 is traced, differentiated, checked, written out and run`() throws {
    let f = chain(Self.long)
    let call = jit(f)
    let nested = try makeJaxpr { try call($0) }([x.aval])
    let jaxpr = nested.inlined
    #expect(jaxpr.eqns.count == Self.long)
    try jaxpr.check()
    try gradient(f).check()
    for backend in [ReferenceBackend(), OpenBLASBackend()] as [any Backend] {
      let expected = try withBackend(backend) { try f([x])[0] }
      let result = try backend.compile(jaxpr).run([x.buffer])[0]
      #expect(result.storage.isBitwiseEqual(to: try expected.buffer.storage))
    }
  }

  @Test func `a loop of 100,000 steps has the gradient of the chain`() throws {
    for backend in [ReferenceBackend(), OpenBLASBackend()] as [any Backend] {
      let expected = try withBackend(backend) { try grad { try chain(Self.long)([$0])[0] }(x) }
      let result = try backend.compile(gradient(loop(Self.long))).run([x.buffer])[0]
      #expect(result.storage.isBitwiseEqual(to: try expected.buffer.storage))
    }
  }
}
