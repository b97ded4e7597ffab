// Staging: traced once per signature, values unknown inside, constants kept once (JT-08, JT-09, JT-11).

import Core
import Synchronization
import TestSupport
import Testing

@Suite struct ControlStaging {
  @Test func `JT-08: a Swift if needs a value that is not there`() throws {
    let f: @Sendable (Tensor) throws -> Tensor = { try $0.item > 0 ? $0 : -$0 }
    let x = Tensor(1)
    let notConcrete = TraceError.notConcrete(ShapedArray(.f32))
    #expect(throws: notConcrete) { try jit(f)(x) }
    #expect(throws: notConcrete) { try grad(jit(f))(x) }
    #expect(throws: notConcrete) {
      try scan({ c, _ in (carry: [try f(c[0])], y: []) }, [x], length: 1)
    }
    #expect(throws: notConcrete) {
      try cond(Tensor(1, .bool), [x], then: { [try f($0[0])] }, else: { $0 })
    }
    #expect(throws: notConcrete) {
      try whileLoop([x], while: { try less($0[0], x) }, do: { [try f($0[0])] })
    }
    #expect(throws: notConcrete) { try checkpoint { [try f($0[0])] }([x]) }
    #expect(try grad(f)(x).item == 1)
  }

  @Test func `JT-09: side effects happen when a function is traced`() throws {
    let seen = Mutex<[Int]>([])
    let f = jit { (x: [Tensor]) in
      seen.withLock { $0.append(x[0].shape[0]) }
      return [try sin(x[0])]
    }
    for n in [2, 2, 3, 2, 3] { _ = try f([ones([n])]) }
    #expect(seen.withLock { $0 } == [2, 3])
    #expect(f.traceCount == 2)
    _ = try f([ones([2], .f64)])
    #expect(f.traceCount == 3)
    // A loop's body runs once, whatever the length.
    let count = Mutex(0)
    _ = try scan(
      { c, _ in
        count.withLock { $0 += 1 }
        return (carry: c, y: [])
      }, [Tensor(1)], length: 50)
    #expect(count.withLock { $0 } == 1)
  }

  @Test func `JT-11: a nested function is traced once per signature`() throws {
    let inner = jit(name: "inner") { (x: [Tensor]) in [try sin(x[0])] }
    let outer = jit(name: "outer") { (x: [Tensor]) in
      [try inner(x)[0] + inner([cos(x[0])])[0]]
    }
    for _ in 0..<3 { _ = try outer([ones([2])]) }
    #expect((inner.traceCount, outer.traceCount) == (1, 1))
    _ = try inner([ones([2])])
    #expect(inner.traceCount == 1)
    _ = try outer([ones([3])])
    #expect((inner.traceCount, outer.traceCount) == (2, 2))
    _ = try vjp(outer.callAsFunction, [ones([2])])
    _ = try vmap(outer.callAsFunction)([ones([4, 2])])
    #expect((inner.traceCount, outer.traceCount) == (2, 2))
  }

  @Test func `a compiled function may close over a tensor of a transformation`() throws {
    let x = Tensor([0.5, 2], .f64)
    let known = Tensor([3, -1], .f64)
    let product: @Sendable (Tensor) throws -> Tensor = { w in
      try sum(jit { (v: [Tensor]) in [try v[0] * w * w] }([known])[0])
    }
    #expect(try grad(product)(x).scalars == [3, -4])
    #expect(try jvp(product, x, ones(like: x)).tangent.item == -1)
    let rows = Tensor([[0.5, 2], [1, 1]], .f64)
    #expect(try vmap { try product($0) }(rows).scalars == [-3.25, 2])
    #expect(try vmap { try grad(product)($0) }(rows).scalars == [3, -4, 6, -2])
    #expect(try jit { try grad(product)($0) }(x).scalars == [3, -4])
    #expect(try grad { try sum(grad(product)($0) * known) }(x).scalars == [18, 2])
    // One compiled function, closed over another value by each caller: nothing is kept of either.
    let holder = Mutex<Tensor>(x)
    let shared = jit { (v: [Tensor]) in [try v[0] * holder.withLock { $0 }] }
    for _ in 0..<2 {
      let slope = try grad { (w: Tensor) in
        holder.withLock { $0 = w }
        return try sum(shared([known])[0])
      }(x)
      #expect(try slope.scalars == known.scalars)
    }
  }

  @Test func `a fault does not outlive itself in what was compiled`() throws {
    let f = jit { (x: [Tensor]) in [try grad { try sin($0) }(x[0])] }
    let x = [Tensor(1, .f64)]
    let right = try f(x)[0].item
    let wrong = try withFault(RuleFault(.jvp, of: "sin", relative: 1)) { try f(x)[0].item }
    #expect(wrong == 2 * right)
    #expect(try f(x)[0].item == right)
  }
}

@Suite struct ControlMemory {
  /// The types of all that equations of `name` bind, at any depth.
  private func results(of name: String, in jaxpr: Jaxpr) -> [[ShapedArray]] {
    jaxpr.eqns.flatMap { eqn in
      (eqn.primitive.name == name ? [eqn.outs.map(\.aval)] : [])
        + eqn.primitive.programs.flatMap { results(of: name, in: $0.jaxpr) }
    }
  }

  @Test func `weights are not kept once per step`() throws {
    let loop: @Sendable ([Tensor]) throws -> [Tensor] = { x in
      try scan(
        { h, item in (carry: [try tanh(matmul(exp(x[0]), h[0]) + matmul(x[0], item[0]))], y: []) },
        [x[1]], [x[2]]
      ).carry
    }
    let avals = [[4, 4], [4], [7, 4]].map { ShapedArray(.f64, $0) }
    let gradient = try makeJaxpr(withCotangents(loop))(avals)
    try gradient.check()
    let scans = results(of: "scan", in: gradient)
    #expect(scans.count == 2)
    // Of seven steps only vectors are kept, h among them; neither the matrix nor its exponential.
    let stacked = scans.flatMap { $0 }.filter { $0.shape.first == 7 }
    #expect(stacked.contains(ShapedArray(.f64, [7, 4])))
    #expect(stacked.allSatisfy { $0.shape == [7, 4] }, "\(gradient)")
    let matrix = ShapedArray(.f64, [4, 4])
    let ins = gradient.eqns.last { $0.primitive.name == "scan" }?.ins.map(\.aval) ?? []
    #expect(ins.count { $0 == matrix } >= 2, "\(gradient)")
  }

  @Test func `checkpoint keeps operands alone`() throws {
    let body: @Sendable ([Tensor]) throws -> [Tensor] = { [try sin(sin(sin($0[0])))] }
    let x = [Tensor([0.5, 1], .f64)]
    func kept(_ f: @escaping ([Tensor]) throws -> [Tensor]) throws -> Int {
      try linearize(f, x).linear.jaxpr.constvars.count
    }
    #expect(try kept(body) == 3)
    #expect(try kept(checkpoint(body)) == 1)
    try expectSameBits(withCotangents(checkpoint(body))(x), withCotangents(body)(x), "cotangents")
  }
}
