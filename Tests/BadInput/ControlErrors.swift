// Misused branches, loops and rules are refused in JAX's words (0.10.2), with what came.

import Core
import Testing

private func refusal<R>(_ body: () throws -> R) -> String? {
  #expect(throws: TraceError.self) { _ = try body() }?.description
}

private let scalar = Tensor(1)
private let vector = Tensor([1, 2, 3])
private let yes = Tensor(1, .bool)

@Suite struct ControlErrors {
  @Test func `a branch needs a scalar to choose by`() {
    #expect(
      refusal { try cond(Tensor([1, 0], .bool), [vector], then: { $0 }, else: { $0 }) }
        == "Pred must be a scalar, got bool[2] of shape (2,).")
    #expect(refusal { try switchCase(Tensor(0, .i32), [], [vector]) } == "Empty branch sequence")
    #expect(
      refusal { try switchCase(Tensor([0, 1], .i32), [{ $0 }, { $0 }], [vector]) }
        == "Branch index must be scalar, got i32[2] of shape (2,).")
    #expect(
      refusal { try switchCase(scalar, [{ $0 }, { $0 }], [vector]) }
        == "Index type must be an integer, got f32[] as float32")
    #expect(
      refusal { try switchCase(yes, [{ $0 }, { $0 }], [vector]) }
        == "Index type must be an integer, got bool[] as bool")
  }

  @Test func `branches agree on their results`() {
    let start =
      "cond branches must have equal output types but they differ: the output of branch 0 "
    #expect(
      refusal {
        try cond(yes, [vector], then: { [try slice($0[0], axis: 0, from: 0, to: 2)] }, else: { $0 })
      } == start
        + "has type f32[3] but the corresponding output of branch 1 has type f32[2], so the "
        + "shapes do not match")
    #expect(
      refusal { try cond(yes, [vector], then: { [try $0[0].asType(.i32)] }, else: { $0 }) }
        == start
        + "has type f32[3] but the corresponding output of branch 1 has type i32[3], so the "
        + "dtypes do not match")
    #expect(
      refusal { try cond(yes, [vector], then: { $0 + $0 }, else: { $0 }) }
        == "cond branch outputs must have the same structure, but they differ: branch 0 gives 1 "
        + "tensors and branch 1 gives 2")
    #expect(
      refusal { try switchCase(Tensor(0, .i32), [{ $0 }, { [try sum($0[0])] }], [vector]) }
        == "switch branches must have equal output types but they differ: the output of branch 0 "
        + "has type f32[3] but the corresponding output of branch 1 has type f32[], so the "
        + "shapes do not match")
  }

  @Test func `a loop hands on what it is handed`() {
    let sentence = " body function carry input and carry output must have"
    #expect(
      refusal { try scan({ c, _ in (carry: [try c[0].asType(.i32)], y: []) }, [scalar], [vector]) }
        == "scan" + sentence
        + " equal types, but they differ: the input carry component 0 has type "
        + "f32[] but the corresponding output carry component has type i32[], so the dtypes do not "
        + "match")
    #expect(
      refusal { try scan({ c, _ in (carry: c + c, y: []) }, [scalar], [vector]) }
        == "scan" + sentence + " the same structure, but they differ: 1 tensors came in and 2 went "
        + "out")
    #expect(
      refusal { try foriLoop(0..<3, [scalar]) { _, _ in [vector] } }
        == "scan" + sentence
        + " equal types, but they differ: the input carry component 1 has type "
        + "f32[] but the corresponding output carry component has type f32[3], so the shapes do not "
        + "match")
    #expect(
      refusal {
        try whileLoop([vector], while: { _ in yes }, do: { [try sum($0[0]).asType(.i32)] })
      }
        == "while_loop" + sentence
        + " equal types, but they differ: the input carry component 0 has "
        + "type f32[3] but the corresponding output carry component has type i32[], so the shapes "
        + "and dtypes do not match")
    #expect(
      refusal { try whileLoop([scalar], while: { _ in yes }, do: { $0 + $0 }) }
        == "while_loop" + sentence
        + " the same structure, but they differ: 1 tensors came in and 2 "
        + "went out")
  }

  @Test func `a condition is one truth value`() {
    let start = "cond_fun must return a boolean scalar, but got output type(s) "
    #expect(
      refusal { try whileLoop([scalar], while: { $0[0] }, do: { $0 }) } == start + "[f32[]]")
    #expect(
      refusal { try whileLoop([vector], while: { try less($0[0], vector) }, do: { $0 }) }
        == start + "[bool[3]]")
  }

  @Test func `a scan needs one length`() {
    let body: ([Tensor], [Tensor]) throws -> (carry: [Tensor], y: [Tensor]) = { c, _ in (c, []) }
    #expect(
      refusal { try scan(body, [scalar], [vector, Tensor([1, 2, 3, 4])]) }
        == "scan got values with different leading axis sizes: 3, 4.")
    #expect(
      refusal { try scan(body, [scalar], [vector], length: 5) }
        == "scan got `length` argument of 5 which disagrees with leading axis sizes [3].")
    #expect(
      refusal { try scan(body, [scalar]) }
        == "scan got no values to scan over and `length` not provided.")
    #expect(
      refusal { try scan(body, [scalar], [scalar]) }
        == "scan got a value with no leading axis to scan over: f32[]")
    #expect(refusal { try scan(body, [scalar], length: -1) } != nil)
  }

  @Test func `bounds of a loop are whole scalars of one dtype`() {
    let body: (Tensor, [Tensor]) throws -> [Tensor] = { $1 }
    #expect(
      refusal { try foriLoop(from: Tensor(0, .i32), to: Tensor(3), [scalar], body) }
        == "lower and upper arguments to fori_loop must have equal types, got int32 and float32")
    #expect(
      refusal { try foriLoop(from: Tensor(0, .i32), to: Tensor([3], .i32), [scalar], body) }
        == "fori_loop requires whole scalars as bounds, got i32[] and i32[1]")
    #expect(
      refusal { try foriLoop(from: scalar, to: scalar, [scalar], body) }
        == "fori_loop requires whole scalars as bounds, got f32[] and f32[]")
  }

  @Test func `reverse mode of a loop of unknown length says what to do`() {
    let loop: @Sendable (Tensor) throws -> Tensor = { x in
      try whileLoop([x], while: { try less($0[0], Tensor(3)) }, do: { [try 2 * $0[0]] })[0]
    }
    let said = "reverse-mode differentiation does not work for whileLoop"
    let programs: [@Sendable (Tensor) throws -> Tensor] = [
      loop, jit(loop), { try sum(vmap(loop)(reshape($0, [1]))) },
      { x in try checkpoint { [try loop($0[0])] }([x])[0] },
      { x in try scan({ c, _ in (carry: [try loop(c[0])], y: []) }, [x], length: 2).carry[0] },
      { x in try cond(yes, [x], then: { [try loop($0[0])] }, else: { $0 })[0] },
      { x in
        try foriLoop(from: Tensor(0, .i32), to: Tensor(2, .i32), [x]) { _, c in
          [try 2 * c[0]]
        }[0]
      },
    ]
    for (place, program) in programs.enumerated() {
      #expect(refusal { try grad(program)(scalar) }?.hasPrefix(said) == true, "\(place)")
      #expect(throws: Never.self) { try jvp(program, scalar, scalar) }
    }
    // What is not differentiated may loop.
    #expect(throws: Never.self) { try grad { (x: Tensor) in try x * loop(scalar) }(scalar) }
  }

  @Test func `prefixes need operands that fit each other`() {
    let add: ([Tensor], [Tensor]) throws -> [Tensor] = { a, b in
      try zip(a, b).map { try $0 + $1 }
    }
    #expect(
      refusal { try associativeScan(add, [vector, Tensor([1, 2])]) }
        == "Array inputs to associative_scan must have the same extent along axis 0, got [f32[3], "
        + "f32[2]]")
    #expect(refusal { try associativeScan(add, [vector], axis: 1) }?.contains("axis 1") == true)
    #expect(
      refusal { try associativeScan({ a, _ in [try sum(a[0])] }, [vector]) }
        == "associative_scan requires a function whose results have the types of its operands, "
        + "[f32[1]], got [f32[]]")
  }

  @Test func `a forward rule gives a tangent of each result's type`() {
    func slope(_ rule: @escaping @Sendable ([Tensor], [Tensor?]) throws -> ([Tensor], [Tensor?]))
      -> String?
    {
      let f = customJVP(
        name: "f", { [try sin($0[0])] },
        symbolicZeros: { x, dx in
          let (outs, tangents) = try rule(x, dx)
          return (outs, tangents)
        })
      let eager = refusal { try jvp({ try f($0) }, [scalar], [scalar]) }
      #expect(refusal { try jvp({ try jit { try f($0) }($0) }, [scalar], [scalar]) } == eager)
      #expect(refusal { try jvp(vmap { try f($0) }, [vector], [vector]) } != nil)
      return eager
    }
    #expect(
      slope { x, _ in ([try sin(x[0])], [vector]) }
        == "Custom JVP rule of f must produce primal and tangent outputs with corresponding shapes "
        + "and dtypes. Expected f32[] (tangent type of f32[]) but got f32[3].")
    #expect(
      slope { x, _ in ([try sin(x[0])], [Tensor(1, .i32)]) }
        == "Custom JVP rule of f must produce primal and tangent outputs with corresponding shapes "
        + "and dtypes. Expected f32[] (tangent type of f32[]) but got i32[].")
    #expect(
      slope { x, dx in ([try sin(x[0])], dx + dx) }
        == "Custom JVP rule of f must produce one tangent output per primal output, but got 2 for 1"
    )
    let other = customJVP(
      name: "f", { [try sin($0[0])] }, symbolicZeros: { _, _ in ([vector], [vector]) })
    #expect(
      refusal { try jvp({ try jit { try other($0) }($0) }, [scalar], [scalar]) }
        == "Custom JVP rule of f must produce the function's results first, of types [f32[]], but "
        + "got [f32[3]]")
  }

  @Test func `a backward rule gives a cotangent of each argument's type`() {
    func slope(_ backward: @escaping @Sendable ([Tensor], [Tensor]) throws -> [Tensor?]) -> String?
    {
      let f = customVJP(
        name: "f", { [try sin($0[0])] }, forward: { ([try sin($0[0])], $0) }, backward: backward)
      let eager = refusal { try grad { (x: [Tensor]) in try f(x)[0] }([scalar]) }
      let staged = refusal { try grad { (x: [Tensor]) in try jit { try f($0) }(x)[0] }([scalar]) }
      #expect(staged == eager)
      return eager
    }
    #expect(
      slope { _, cts in cts + cts }
        == "Custom VJP bwd rule of f must produce as many cotangents as the function has arguments, "
        + "1, but got 2")
    #expect(
      slope { _, _ in [vector] }
        == "Custom VJP bwd rule of f must produce cotangents of the types of the arguments, but gave "
        + "f32[3] for an argument f32[], so the shapes do not match")
    #expect(
      slope { _, _ in [Tensor(1, .i32)] }
        == "Custom VJP bwd rule of f must produce cotangents of the types of the arguments, but gave "
        + "i32[] for an argument f32[], so the dtypes do not match")
    let other = customVJP(
      name: "f", { [try sin($0[0])] }, forward: { ([vector], $0) }, backward: { _, cts in cts })
    #expect(
      refusal { try grad { (x: [Tensor]) in try sum(jit { try other($0) }(x)[0]) }([scalar]) }
        == "Custom VJP fwd rule of f must produce the function's results first, of types [f32[]], "
        + "but got [f32[3]]")
  }

  @Test func `a function with a rule may not close over what is differentiated`() {
    let forwards: @Sendable (Tensor) throws -> Tensor = { w in
      try customJVP(name: "f", { [try $0[0] * w] }, rule: { x, dx in (x, dx) })([scalar])[0]
    }
    let backwards: @Sendable (Tensor) throws -> Tensor = { w in
      try customVJP(
        name: "f", { [try $0[0] * w] }, forward: { ([try $0[0] * w], $0) },
        backward: { _, cts in cts })([scalar])[0]
    }
    for f in [forwards, backwards] {
      #expect(refusal { try grad(f)(scalar) } != nil)
      let staged = refusal { try grad(jit(f))(scalar) }
      #expect(
        staged
          == "f closes over a tensor that is differentiated, but its own derivative rule knows only "
          + "its arguments; pass the tensor as an argument")
    }
  }
}
