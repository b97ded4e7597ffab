// Laws of plans: a compiled program gives what its equations give one by one, the record of a run is
// the run, and the plan says which routine runs what.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

/// softmax cross-entropy of a perceptron with two hidden layers; the weights come first.
private func loss(_ p: [Tensor]) throws -> Tensor {
  var x = p[6]
  for layer in 0..<3 {
    let y = try matmul(x, transpose(p[2 * layer])) + p[2 * layer + 1]
    x = try layer < 2 ? tanh(y) : y
  }
  return try -mean(sum(p[7] * logSoftmax(x, axis: -1), axes: [1]))
}

private let lossAvals = [[8, 3], [8], [6, 8], [6], [4, 6], [4], [5, 3], [5, 4]].map {
  ShapedArray(.f32, $0)
}

private func inputs(_ avals: [ShapedArray], seed: UInt64) -> [Buffer] {
  var random = SeededGenerator(seed: seed)
  return avals.map { ordinaryBuffer($0, &random) }
}

private func lossAndGradient() throws -> Jaxpr {
  try makeJaxpr { xs in
    let (value, grad) = try valueAndGrad(loss)(xs)
    return [value] + grad
  }(lossAvals)
}

@Suite struct BackendPlans {
  @Test func `a perceptron's matrices are multiplied by gemm`() throws {
    let plan = try backend.plan(lossAndGradient())
    #expect(plan.steps.contains { $0.kind == .gemm })
    #expect(plan.description.contains("sgemm("), "\(plan)")
  }

  @Test func `whole numbers are multiplied by loops, and the plan says so`() throws {
    let x = ShapedArray(.i32, [2, 2])
    let plan = try backend.plan(makeJaxpr { [try matmul($0[0], $0[0])] }([x]))
    #expect(
      plan.description
        == "dot_general i32[2,2] i32[2,2] → i32 gemm(N, N) m=2 n=2 k=2 batch=1")
    #expect(
      try plan.run([Buffer(shape: [2, 2], .i32([1, 2, 3, 4]))])[0].storage.exact == [7, 10, 15, 22])
  }

  @Test func `an axis that nothing binds has no kernel`() throws {
    let x = ShapedArray(.f32, [3])
    var staged: [Jaxpr] = []
    _ = try vmap(
      { (row: Tensor) in
        staged.append(try makeJaxpr { [try psum($0[0], axisName: "batch")] }([x]))
        staged.append(try makeJaxpr { [try $0[0] * axisIndex("batch").asType(.f32)] }([x]))
        return row
      }, axisName: "batch")(zeros([2, 3]))
    #expect(staged.count == 2)
    for jaxpr in staged {
      #expect(throws: TraceError.unboundAxis("batch")) { try backend.plan(jaxpr) }
    }
  }

  @Test func `a plan gives what its equations give one by one, bit for bit`() throws {
    let jaxpr = try lossAndGradient()
    let inputs = inputs(lossAvals, seed: 21)
    let compiled = try backend.compile(jaxpr).run(inputs)
    let single = try EquationByEquation(jaxpr: jaxpr, backend: backend).run(inputs)
    #expect(compiled.count == single.count)
    for (x, y) in zip(compiled, single) { #expect(x.storage.isBitwiseEqual(to: y.storage)) }
  }

  @Test func `the record of a run holds every equation's operands and results`() throws {
    let jaxpr = try lossAndGradient()
    let inputs = inputs(lossAvals, seed: 22)
    let trace = try backend.compile(jaxpr).trace(inputs)
    let outputs = try backend.compile(jaxpr).run(inputs)
    #expect(trace.operands.count == jaxpr.eqns.count && trace.results.count == jaxpr.eqns.count)
    for (x, y) in zip(trace.outputs, outputs) { #expect(x.storage.isBitwiseEqual(to: y.storage)) }
    for (index, eqn) in jaxpr.eqns.enumerated() {
      #expect(trace.operands[index].map(\.aval) == eqn.ins.map(\.aval))
      let again = try backend.evaluate(eqn.primitive, trace.operands[index])
      #expect(again[0].storage.isBitwiseEqual(to: trace.results[index][0].storage), "\(eqn)")
    }
  }

  @Test func `a plan names the routine, its flags and its extents`() throws {
    let a = ShapedArray(.f32, [8, 3])
    let plan = try backend.plan(
      makeJaxpr { [try matmul($0[0], transpose($0[1])), try sin($0[0])] }(
        [a, ShapedArray(.f32, [4, 3])]))
    #expect(
      plan.description == """
        transpose f32[4,3] → movement transpose
        dot_general f32[8,3] f32[3,4] → sgemm(N, N) m=8 n=4 k=3 batch=1
        sin f32[8,3] → elementwise
        """)
  }

  @Test(arguments: [
    // contracted axes, the routine, its flags and what is packed
    ([1], [0], "dgemm(N, N)", [7, 5], [5, 6]), ([1], [1], "dgemm(N, T)", [7, 5], [6, 5]),
    ([0], [0], "dgemm(T, N)", [5, 7], [5, 6]), ([0], [1], "dgemm(T, T)", [5, 7], [6, 5]),
    ([0, 1], [0, 1], "dgemm(T, N)", [2, 3, 7], [2, 3, 6]),
    ([2, 1], [1, 0], "dgemm(N, N)", [7, 3, 2], [3, 2, 6]),
    ([1], [0], "dgemv(N)", [7, 5], [5]), ([0], [0], "dgemv(T)", [5], [5, 6]),
    ([0], [0], "ddot", [5], [5]),
  ])
  func `layouts that fold are passed as flags, not copied`(
    _ lhs: [Int], _ rhs: [Int], _ routine: String, _ left: [Int], _ right: [Int]
  ) throws {
    let numbers = DotDimensionNumbers(contracting: (lhs, rhs))
    let avals = [ShapedArray(.f64, left), ShapedArray(.f64, right)]
    let plan = try backend.plan(makeJaxpr { try bind(.dotGeneral(numbers), $0) }(avals))
    #expect(plan.description.contains("→ \(routine) "), "\(plan)")
    #expect(!plan.description.contains("pack"), "\(plan)")
  }

  @Test func `a large product takes over the transposes around it, and nothing is moved`() throws {
    let (w, x) = (ShapedArray(.f32, [32, 16]), ShapedArray(.f32, [16, 24]))
    let numbers = DotDimensionNumbers(contracting: ([1], [1]))
    let jaxpr = try makeJaxpr { x in
      [try transpose(bind1(.dotGeneral(numbers), [x[0], transpose(x[1])]))]
    }([w, x])
    let plan = try backend.plan(jaxpr)
    #expect(
      plan.description
        == "dot_general f32[32,16] f32[24,16] → sgemm(T, T) m=24 n=32 k=16 batch=1")
    let inputs = inputs([w, x], seed: 23)
    let (outputs, trace) = try (plan.run(inputs), plan.trace(inputs))
    #expect(outputs[0].storage.isBitwiseEqual(to: trace.outputs[0].storage))
    #expect(trace.results.map { $0[0].shape } == [[24, 16], [32, 24], [24, 32]])
  }

  @Test func `a narrow product says that OpenBLAS does not run it`() throws {
    func plan(_ m: Int, _ n: Int, _ k: Int) throws -> String {
      let avals = [ShapedArray(.f32, [m, k]), ShapedArray(.f32, [k, n])]
      return try backend.plan(makeJaxpr { [try matmul($0[0], $0[1])] }(avals)).description
    }
    #expect(try plan(2000, 64, 64).hasSuffix("→ sproduct(N, N) m=2000 n=64 k=64 batch=1"))
    #expect(try plan(15, 15, 2000).hasSuffix("→ sgemm(N, N) m=15 n=15 k=2000 batch=1"))
    #expect(try plan(2000, 2000, 300).hasSuffix("→ sgemm(N, N) m=2000 n=2000 k=300 batch=1"))
  }

  @Test func `a layout that does not fold says what is packed`() throws {
    let numbers = DotDimensionNumbers(contracting: ([0, 2], [0, 1]))
    let avals = [ShapedArray(.f64, [2, 7, 3]), ShapedArray(.f64, [2, 3, 6])]
    let plan = try backend.plan(makeJaxpr { try bind(.dotGeneral(numbers), $0) }(avals))
    #expect(plan.description.hasSuffix("dgemm(N, N) m=7 n=6 k=6 batch=1 pack lhs"), "\(plan)")
  }

  @Test func `an extent beyond 32 bits is refused before anything runs`() throws {
    let huge = ShapedArray(.f32, [Int(Int32.max) + 1, 2])
    let jaxpr = try makeJaxpr { [try matmul($0[0], $0[1])] }([huge, ShapedArray(.f32, [2, 3])])
    #expect(throws: TraceError.self) { try backend.compile(jaxpr) }
  }

  @Test func `the library says what it is and runs one thread`() {
    #expect(backend.libraryDescription.contains("OpenBLAS"))
    #expect(backend.libraryDescription.hasSuffix("threads 1"))
  }
}
