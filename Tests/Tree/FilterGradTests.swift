// Derivatives of functions of models (SEMANTICS 2.3).

import Core
import Testing
import Tree

/// A model of one dense layer, a whole number, a Double and a function.
private struct Small: Module {
  var dense: Dense
  var count: Tensor
  var rate: Double
  var activation: Activation

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("dense", &dense)
    visitor.field("count", &count)
    visitor.field("rate", &rate)
    visitor.field("activation", &activation)
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let y = try matmul(dense.weight, x)
    return try activation(dense.bias.map { try y + $0 } ?? y)
  }
}

private let model = Small(
  dense: Dense(weight: Tensor([[0.5, -0.25]], .f64), bias: Tensor([0.125], .f64), inFeatures: 2),
  count: Tensor(3, .i32), rate: 0.5, activation: .tanh)
private let x = Tensor([1, 2], .f64)

private func loss(_ model: Small, _ x: Tensor) throws -> Tensor { try sum(square(model(x))) }

@Suite struct FilterGradTests {
  @Test("FG-01 FG-02 FG-05 FG-10 only floating-point tensors have gradients, of their own type")
  func structure() throws {
    let gradLoss = filterGrad(loss)
    let g = try gradLoss(model, x)
    #expect(g.paths.map(\.description).count == g.values.count)
    #expect(g.values.map { $0?.aval.description } == ["f64[1,2]", "f64[1]", nil, nil, nil])
    // y = tanh(0.125), dL/db = 2 y (1 − y²), dL/dw = dL/db · x
    let y = try model(x).item
    let slope = 2 * y * (1 - y * y)
    let b = try #require(try g.dense.bias.value??.item)
    // Three roundings on each side.
    #expect(abs(b - slope) <= 6 * slope.ulp)
    #expect(try g.dense.weight.value?.scalars == [b, 2 * b])
    let none = filterGrad { (_: [Int], x: Tensor) in try sum(x) }
    #expect(try none([1, 2], x).values.allSatisfy { $0 == nil })
  }

  @Test("FG-04 a tensor that the result ignores has the gradient zero") func ignored() throws {
    let g = filterGrad { (m: Small) in try sum(m.dense.weight) }
    #expect(try g(model).dense.bias.value??.scalars == [0])
  }

  @Test("FG-03 only the first argument is differentiated, whatever the others are") func others()
    throws
  {
    let g = filterGrad { (w: Tensor, text: String, xs: [Tensor]) in
      try sum(w * xs[0]) * Double(text.count)
    }
    #expect(try g(Tensor([1, 1]), "ab", [Tensor([3, 4])]).value?.scalars == [6, 8])
  }

  @Test("FG-06 the gradient of no scalar is refused in JAX's words") func nonScalar() {
    let g = filterGrad { (m: Small, x: Tensor) in try m(x) }
    #expect(
      message { try g(model, x) }
        == "gradient only defined for scalar-output functions; output had shape: (1,) and dtype float64"
    )
    let whole = filterGrad { (m: Small) in m.count }
    #expect(throws: TraceError.gradientOfNonScalar(ShapedArray(.i32))) { try whole(model) }
  }

  @Test("FG-07 what else the function returns comes back as values") func aux() throws {
    let both = filterValueAndGrad(hasAux: { (m: Small, x: Tensor) in
      (try loss(m, x), Tuple(try m(x), "text", m.count))
    })
    let (value, aux, g) = try both(model, x)
    let plain = filterValueAndGrad(loss)
    let (value2, g2) = try plain(model, x)
    #expect(try treeBitwiseEqual(value, value2) && treeBitwiseEqual(g, g2))
    #expect(try treeBitwiseEqual(aux, Tuple(model(x), "text", model.count)))
    let g3 = filterGrad(hasAux: { (m: Small, x: Tensor) in (try loss(m, x), m.rate) })
    let found = try g3(model, x)
    #expect(try treeBitwiseEqual(found.grad, g2) && found.aux == 0.5)
  }

  @Test("FG-11 a tensor in two places has two gradients, each its own share") func shared() throws {
    let w = Tensor([2])
    let g = filterGrad { (ws: [Tensor]) in try sum(ws[0] * ws[0] * ws[1]) }
    #expect(try g([w, w]).values.map { try $0?.item } == [8, 4])
  }

  @Test("FG-12 FG-13 nil is the zero tangent, and what depends on none has none") func forward()
    throws
  {
    var tangents = LeafMap<Small, Tensor?>(like: model, repeating: nil)
    tangents.dense.bias.value = Tensor([1], .f64)
    let (out, along) = try filterJVP(
      { m in Tuple(try m(x), try sum(m.dense.weight), m.count, m.rate) }, model, tangents)
    let y = try model(x).item
    #expect(try treeBitwiseEqual(out, Tuple(model(x), sum(model.dense.weight), model.count, 0.5)))
    #expect(along.values.map { $0 != nil } == [true, false, false, false])
    #expect(abs(try #require(try along.values[0]?.item) - (1 - y * y)) <= 4 * 1.0.ulp)
    tangents.count.value = Tensor(1, .i32)
    #expect(
      message { try filterJVP({ $0.count }, model, tangents) }
        == ".count: only a floating-point tensor has a tangent, and here is a tensor i32[]")
    tangents.count.value = nil
    tangents.dense.bias.value = Tensor([1], .f32)
    #expect(
      message { try filterJVP({ $0.count }, model, tangents) }
        == ".dense.bias: the tangent must have the type of the primal f64[1], got f32[1]")
  }

  @Test("FG-14 FG-17 the pullback is the adjoint of the derivative") func adjoint() throws {
    func f(_ m: Small) throws -> Tuple<Tensor, Tensor, Int> {
      Tuple(try m(x), try m.dense.weight * 3, 7)
    }
    let tangents = LeafMap<Small, Tensor?>(like: model) {
      isInexactArray($0) ? try? $0.tensor.map { try $0 * 0.5 + 1 } : nil
    }
    let (out, along) = try filterJVP(f, model, tangents)
    let (_, pullback) = try filterVJP(f, model)
    let cotangents = LeafMap<Tuple<Tensor, Tensor, Int>, Tensor?>(like: out) {
      try? $0.tensor.map { try $0 - 2 }
    }
    let back = try pullback(cotangents)
    #expect(back.values.map { $0 != nil } == [true, true, false, false, false])
    let left = try product(cotangents.values, along.values)
    let right = try product(back.values, tangents.values)
    // At most 16 operations with terms below 4 on each side.
    #expect(abs(left - right) <= 2 * 16 * 4 * Double.ulpOfOne)
  }

  private func product(_ a: [Tensor?], _ b: [Tensor?]) throws -> Double {
    try zip(a, b).reduce(0) { total, pair in
      guard let (x, y) = pair.0.flatMap({ x in pair.1.map { (x, $0) } }) else { return total }
      return try total + sum(x * y).item
    }
  }

  @Test("FG-15 the Hessian of t0 t1² at (2, 3), and Jacobians both ways") func hessian() throws {
    let t = Tuple(Tensor(2, .f64), Tensor(3, .f64), "none")
    let f = { (t: Tuple<Tensor, Tensor, String>) in
      try t.elements.0 * t.elements.1 * t.elements.1
    }
    let h = try filterHessian(f)(t)
    #expect(
      try h.values.map { try $0?.values.map { try $0?.item } } == [[0, 6, nil], [6, 4, nil], nil])
    let g = { (t: Tuple<Tensor, Tensor, String>) in
      [try t.elements.0 * t.elements.1, try square(t.elements.1)]
    }
    let (forward, backward) = (try filterJacfwd(g)(t), try filterJacrev(g)(t))
    let expected: [[Double?]] = [[3, 2, nil], [0, 6, nil]]
    for jacobian in [forward, backward] {
      #expect(try jacobian.values.map { try $0?.values.map { try $0?.item } } == expected)
    }
    let m = try filterJacfwd { (m: Small) in try m(x) }(model)
    #expect(m.values[0]?.values.map { $0?.shape } == [[1, 1, 2], [1, 1], nil, nil, nil])
  }

  @Test("FG-17 the gradient of a mapped sum is the mapped gradient") func mapped() throws {
    // Without tanh every number is a small multiple of 1/8, so nothing rounds, in whatever order the
    // examples are summed: Σ 2yx with y = ½x₁ − ¼x₂ + ⅛ = ⅛, ⅝, 1⅛ is (15¼, 19).
    var linear = model
    linear.activation = .identity
    let xs = Tensor([[1, 2], [3, 4], [5, 6]], .f64)
    let gradLoss = filterGrad(loss)
    let each = filterVmap(inAxes: .all(nil), .all(0)) { (m: Small, x: Tensor) in
      [try gradLoss(m, x).dense.weight.value]
    }
    let losses = filterVmap(inAxes: .all(nil), .all(0)) { (m: Small, x: Tensor) in try loss(m, x) }
    let total = filterGrad { (m: Small, xs: Tensor) in try sum(losses(m, xs)) }
    let a = try sum(#require(each(linear, xs)[0]), axes: [0])
    let b = try #require(try total(linear, xs).dense.weight.value)
    #expect(try a.scalars == [15.25, 19])
    #expect(try treeBitwiseEqual(a, b))
  }
}
