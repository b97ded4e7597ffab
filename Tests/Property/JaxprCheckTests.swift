// The type checker refuses what no builder should make, and the printer writes JAX's grammar.

import Core
import Testing

@Suite struct JaxprCheckTests {
  private let a = Var(ShapedArray(.f32, [3]))
  private let b = Var(ShapedArray(.f32, [3]))
  private let c = Var(ShapedArray(.f32, [3]))

  private func sin(_ x: Var, to y: Var) -> Eqn {
    Eqn(outs: [y], primitive: .unary(.sin), ins: [.variable(x)])
  }

  private func problem(_ jaxpr: Jaxpr) -> String {
    do {
      try jaxpr.check()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func aWellFormedJaxprPasses() {
    let jaxpr = Jaxpr(invars: [a], eqns: [sin(a, to: b), sin(b, to: c)], outs: [.variable(c)])
    #expect(problem(jaxpr) == "")
  }

  @Test func aVariableUsedBeforeItIsBoundIsRefused() {
    let jaxpr = Jaxpr(invars: [a], eqns: [sin(b, to: c), sin(a, to: b)], outs: [.variable(c)])
    #expect(problem(jaxpr).contains("used before it is bound: equation 0, sin"))
  }

  @Test func anOutputThatNothingBindsIsRefused() {
    #expect(
      problem(Jaxpr(invars: [a], eqns: [], outs: [.variable(b)]))
        .contains("used before it is bound: outputs"))
  }

  @Test func aVariableBoundTwiceIsRefused() {
    let twice = Jaxpr(invars: [a], eqns: [sin(a, to: b), sin(a, to: b)], outs: [.variable(b)])
    #expect(problem(twice).contains("bound twice: equation 1, sin"))
    #expect(
      problem(Jaxpr(invars: [a, a], eqns: [], outs: [.variable(a)])).contains("bound twice: inputs")
    )
  }

  @Test func aResultOfAnotherTypeThanTheRuleGivesIsRefused() {
    let wide = Var(ShapedArray(.f64, [3]))
    let jaxpr = Jaxpr(invars: [a], eqns: [sin(a, to: wide)], outs: [.variable(wide)])
    #expect(problem(jaxpr).contains("equation 0, sin has type [f32[3]], bound as [f64[3]]"))
  }

  @Test func anEquationThatTheTypingRuleRefusesIsRefused() {
    let matrix = Var(ShapedArray(.f32, [2, 2]))
    let add = Eqn(
      outs: [b], primitive: .binary(.add), ins: [.variable(a), .variable(matrix)])
    #expect(
      problem(Jaxpr(invars: [a, matrix], eqns: [add], outs: [.variable(b)]))
        .contains("add got incompatible shapes for broadcasting: (3,), (2, 2)."))
  }

  @Test func constantsOfOtherTypesThanTheirVariablesAreRefused() {
    let jaxpr = Jaxpr(
      constvars: [a], consts: [Tensor(1)], invars: [], eqns: [], outs: [.variable(a)])
    #expect(problem(jaxpr).contains("the constants do not have the types of the constvars"))
  }
}

@Suite struct JaxprPrinterTests {
  @Test func `JX-01 JX-02 scalars are literals and arrays are constants`() throws {
    let k = Tensor([1, 2, 3])
    let jaxpr = try makeJaxpr { (x: Tensor) in try sum(x * 2 + k) }(k)
    #expect(
      jaxpr.description == """
        { lambda a:f32[3]; b:f32[3]. let
            c:f32[3] = mul b 2.0:f32[]
            d:f32[3] = add c a
            e:f32[] = reduce_sum[axes=(0,)] d
          in (e,) }
        """)
  }

  @Test func `JX-01 a result that nobody reads is an underscore`() throws {
    let jaxpr = try makeJaxpr { (x: Tensor) in
      _ = try sin(x)
      return try cos(x)
    }(Tensor(1))
    #expect(jaxpr.description.contains("_:f32[] = sin a\n    b:f32[] = cos a"))
  }

  @Test func `JX-01 after the letters come pairs of letters`() throws {
    let jaxpr = try makeJaxpr { (x: Tensor) in try (0..<27).reduce(x) { y, _ in try sin(y) } }(
      Tensor(1))
    #expect(
      jaxpr.description.contains("z:f32[] = sin y\n    ba:f32[] = sin z\n    bb:f32[] = sin ba"))
  }

  @Test func `JX-01 parameters are those of lax`() throws {
    let x = ShapedArray(.f32, [2, 3])
    let jaxpr = try makeJaxpr { (xs: [Tensor]) in
      [try matmul(xs[0], transpose(xs[0])), try argmax(xs[0], axis: 1)]
    }([x])
    let text = jaxpr.description
    #expect(text.contains("b:f32[3,2] = transpose[permutation=(1, 0)] a"))
    #expect(
      text.contains(
        "dot_general[dimension_numbers=(([1], [0]), ([], [])) preferred_element_type=float32] a b"))
    #expect(text.contains("d:i32[2] = argmax[axes=(1,) index_dtype=int32] a"))
    #expect(text.hasSuffix("in (c, d) }"))
  }
}
