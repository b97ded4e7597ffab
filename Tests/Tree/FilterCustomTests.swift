// Rules of their own for functions of trees, recomputation, converted closures (SEMANTICS 2.3).

import Core
import OpenBLASBackend
import Testing
import Tree

/// A pair of tensors, a count and a name.
private struct Pair: PyTree {
  var a: Tensor
  var b: Tensor
  var count: Tensor
  var name: String

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("a", &a)
    visitor.field("b", &b)
    visitor.field("count", &count)
    visitor.field("name", &name)
  }
}

private let pair = Pair(
  a: Tensor([2, 3], .f64), b: Tensor([5, 7], .f64), count: Tensor(4, .i32), name: "pair")
private let scale = Function("scale") { try $0 * 10 }

@Sendable private func product(_ p: Pair, _ g: Function) throws -> Tuple<Tensor, String> {
  Tuple(try g(p.a * p.b), p.name)
}

/// a · b, whose gradient by a is said to be 100, and by b nothing at all.
private let custom = filterCustomVJP(
  name: "product", product,
  forward: { perturbed, p, g in
    (out: try product(p, g), residuals: Tuple(perturbed.a.value, perturbed.b.value, "kept"))
  },
  backward: { residuals, cts, perturbed, p, g in
    var gradient = Gradient<Pair>(like: p, repeating: nil)
    guard residuals.elements.2 == "kept", perturbed.a.value == residuals.elements.0 else {
      return gradient
    }
    gradient.a.value = try cts.values[0].map { try $0 * 100 }
    return gradient
  })

@Suite struct FilterCustomTests {
  @Test("FG-16 a rule's nil is the gradient zero, and its tree that of the first argument")
  func backward() throws {
    let g = filterGrad { (p: Pair) in try sum(custom(p, scale).elements.0) }
    let gradient = try g(pair)
    #expect(
      try gradient.values.map { try $0?.scalars } == [[100, 100], [0, 0], nil, nil])
    let out = try custom(pair, scale)
    #expect(try treeBitwiseEqual(out, product(pair, scale)))
  }

  @Test("FG-16 `perturbed` says which leaves are differentiated") func perturbed() throws {
    let told = filterCustomVJP(
      { (p: Pair) in try sum(p.a * p.b) },
      forward: { perturbed, p in
        (out: try sum(p.a * p.b), residuals: perturbed.values.map { $0 })
      },
      backward: { flags, ct, perturbed, p in
        #expect(flags == perturbed.values)
        var gradient = Gradient<Pair>(like: p, repeating: nil)
        gradient.b.value = try ct.value.map {
          try broadcastInDim($0 * (flags[0] ? 1 : 3), shape: [2], dims: [])
        }
        return gradient
      })
    let both = filterGrad { (p: Pair) in try told(p) }
    #expect(try both(pair).b.value?.scalars == [1, 1])
    let one = filterGrad { (b: Tensor) in
      var p = pair
      p.b = b
      return try told(p)
    }
    #expect(try one(pair.b).value?.scalars == [3, 3])
  }

  @Test("FG-16 differentiating another argument is an error, as is forward mode") func others()
    throws
  {
    let rule = filterCustomVJP(
      name: "f", { (x: Tensor, y: Tensor) in try x * y },
      forward: { _, x, y in (out: try x * y, residuals: Tuple()) },
      backward: { _, ct, _, x, y in
        try ct.value.map { try LeafMap(like: x, values: [$0 * y]) }
          ?? LeafMap(like: x, repeating: nil)
      })
    let (x, y) = (Tensor(2, .f64), Tensor(3, .f64))
    let first = filterGrad { (x: Tensor) in try rule(x, y) }
    #expect(try first(x).value?.item == 3)
    let second = filterGrad { (y: Tensor) in try rule(x, y) }
    #expect(message { try second(y) }.contains("cannot be autodifferentiated"))
    let along = LeafMap<Tensor, Tensor?>(like: x, repeating: Tensor(1, .f64))
    #expect(
      message { try filterJVP({ try rule($0, y) }, x, along) }
        .contains("can't apply forward-mode autodiff"))
  }

  @Test("FG-16 a gradient at a leaf that is no floating-point tensor is refused with its path")
  func wrongTree() {
    let rule = filterCustomVJP(
      name: "f", { (p: Pair) in try sum(p.a) },
      forward: { _, p in (out: try sum(p.a), residuals: Tuple()) },
      backward: { _, ct, _, p in Gradient<Pair>(like: p, repeating: ct.value ?? nil) })
    let g = filterGrad { (p: Pair) in try rule(p) }
    let text = message { try g(pair) }
    #expect(text.contains("must have the same structure as filter(model, isInexactArray)"))
    #expect(text.contains(".count"))
  }

  @Test("FG-16 a rule is asked through jit, vmap and a staged program") func staged() throws {
    @Sendable func loss(_ p: Pair) throws -> Tensor { try sum(custom(p, scale).elements.0) }
    @Sendable func gradient(_ p: Pair) throws -> [Tensor] {
      let g = filterGrad(loss)
      return try g(p).a.values.compactMap { $0 }
    }
    let jitted = filterJit(gradient)
    #expect(try jitted(pair)[0].scalars == [100, 100])
    let inner = filterJit(loss)
    let outer = filterGrad { (p: Pair) in try inner(p) }
    #expect(try outer(pair).a.value?.scalars == [100, 100])
    func at(_ a: Tensor) throws -> [Tensor] {
      var p = pair
      p.a = a
      return try gradient(p)
    }
    let each = filterVmap(at)
    let rows = try each(Tensor([[1, 2], [3, 4], [5, 6]], .f64))[0]
    #expect(try rows.scalars == [100, 100, 100, 100, 100, 100])
    let axes = VmapAxes<Pair>.each { $0.tensor?.rank == 2 ? 0 : nil }
    let over = filterVmap(inAxes: axes) { (p: Pair) in try custom(p, scale).elements.0 }
    let stack = filterGrad { (p: Pair) in try sum(over(p)) }
    var many = pair
    many.a = Tensor([[1, 2], [3, 4]], .f64)
    #expect(try stack(many).a.value?.scalars == [100, 100, 100, 100])
  }

  @Test("FG-16 FG-12 a JVP rule sees nil for what has no tangent") func forward() throws {
    let rule = filterCustomJVP(
      name: "f", { (x: Tensor, y: Tensor, g: Function) in Tuple(try g(x + y), "text") },
      rule: { primals, tangents in
        let (x, dx) = (primals.elements, tangents.elements)
        let isStill = try #require(dx.1.values.first) == nil && dx.2.values.allSatisfy { $0 == nil }
        let out = Tuple(try x.2(x.0 + x.1), "text")
        let along = try dx.0.value.map { try $0 * (isStill ? 2 : 3) }
        return (out: out, tangents: try LeafMap(like: out, values: [along, nil]))
      })
    let (x, y) = (Tensor(2, .f64), Tensor(3, .f64))
    #expect(try rule(x, y, scale).elements.0.item == 50)
    #expect(try rule(x, y, scale).elements.1 == "text")
    let g = filterGrad { (x: Tensor) in try rule(x, y, scale).elements.0 }
    #expect(try g(x).value?.item == 2)
    let program = filterMakeJaxpr { (x: Tensor, y: Tensor) in try rule(x, y, scale).elements.0 }
    #expect(try program(x, y).eqns.map(\.primitive.name) == ["custom_jvp_call"])
  }

  @Test("FG-16 a JVP rule's tangent at a leaf that is no floating-point tensor is refused")
  func wrongTangent() {
    let rule = filterCustomJVP(
      name: "f", { (x: Tensor) in Tuple(x, 3) },
      rule: { x, dx in
        let out = Tuple(x.elements, 3)
        return (out: out, tangents: LeafMap(like: out, repeating: dx.elements.value ?? nil))
      })
    let g = filterGrad { (x: Tensor) in try rule(x).elements.0 }
    #expect(
      message { try g(Tensor(1)) }.contains("[1], which is no floating-point tensor but an int"))
  }

  @Test("FG-17 a checkpointed function has the values and derivatives of the function") func again()
    throws
  {
    let f = { (p: Pair, g: Function) in Tuple(try tanh(p.a) * g(p.b), p.name, p.count) }
    let recomputed = filterCheckpoint(f)
    #expect(try treeBitwiseEqual(recomputed(pair, scale), f(pair, scale)))
    let plain = filterGrad { (p: Pair) in try sum(f(p, scale).elements.0) }
    let other = filterGrad { (p: Pair) in try sum(recomputed(p, scale).elements.0) }
    #expect(try treeBitwiseEqual(plain(pair), other(pair)))
    let program = filterMakeJaxpr { (p: Pair) in try recomputed(p, scale).elements.0 }
    #expect(try program(pair).eqns.map(\.primitive.name) == ["remat2"])
  }

  @Test("FG-17 a converted closure has what it closes over as leaves") func converted() throws {
    let outside = Tensor([1, 2], .f64)
    let f = { (p: Pair, k: Int) in Tuple(try p.a * outside * Double(k), p.name) }
    var closure = try filterClosureConvert(f, pair, 3)
    #expect(try closure.leaves.map { try $0.tensor?.scalars } == [[1, 2]])
    #expect(try treeBitwiseEqual(closure(pair, 3), f(pair, 3)))
    closure.free[0] = Tensor([0, 1], .f64)
    #expect(try closure(pair, 3).elements.0.scalars == [0, 9])
    #expect(message { try closure(pair, 4) }.hasPrefix("the closure was converted for other"))
    let there = try withBackend(OpenBLASBackend()) { try closure(pair, 3).elements.0.scalars }
    #expect(there == [0, 9], "a closure is a function, whatever backend it was converted under")
    #expect(
      treeFormat(closure, width: 200) == "ConvertedClosure(free=[f64[2]], program=<program>)")
    let inner = filterGrad { (outside: Tensor) in
      let closure = try filterClosureConvert({ (x: Tensor) in try sum(x * outside) }, pair.a)
      return try closure(pair.b)
    }
    #expect(try inner(outside).value?.scalars == [5, 7])
  }
}
