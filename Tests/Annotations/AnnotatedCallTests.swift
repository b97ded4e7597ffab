// Functions under annotations: known and traced arguments, several results, and the switch.

import Annotations
import Core
import Testing
import Tree

private func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
  try annotated(
    ["a": a.is(.float("rows inner")), "b": b.is(.float("inner columns"))],
    returns: .float("rows columns")
  ) {
    try matmul(a, b)
  }
}

private func ones(_ shape: Int..., dtype: DType = .f32) throws -> Tensor {
  Tensor(shape: shape, Storage(rounding: Array(repeating: 1, count: shape.reduce(1, *)), to: dtype))
}

/// Counts how often an annotation is made.
private final class Counter {
  var count = 0

  func annotation(_ text: String) -> ShapeAnnotation {
    count += 1
    return .float(text)
  }
}

@Suite(.shapeChecks) struct AnnotatedCallTests {
  @Test func `a call that fits returns what its body returns`() throws {
    #expect(try product(ones(2, 3), ones(3, 4)).scalars == Array(repeating: 3, count: 8))
  }

  @Test func `an argument that does not fit is found before the body runs`() throws {
    let error = #expect(throws: ShapeError.self) { try product(ones(2, 3), ones(4, 3)) }
    #expect(error?.argument == "b")
    #expect(error?.owner == "product(_:_:)")
    #expect(error?.found == "f32[4,3]")
    #expect(error?.bindings["inner"] == 3)
  }

  @Test func `a result that does not fit is found`() throws {
    let error = #expect(throws: ShapeError.self) {
      let x = try ones(2, 3)
      _ = try annotated(["x": x.is(.float("a b"))], returns: .float("b a")) { x }
    }
    #expect(error?.argument == "result")
    #expect(error?.reason == "axis 0 has extent 2, not b=3 as in x")
  }

  @Test func `several results are annotated one by one`() throws {
    func split(_ x: Tensor, _ texts: [String]) throws -> (Tensor, Tensor) {
      try annotated(["x": x.is(.float("n"))], returns: texts.map { .float($0) }) {
        (x, try sum(x))
      }
    }
    let x = try ones(3)
    #expect(try split(x, ["n", ""]).1.item == 3)
    #expect(throws: ShapeError.self) { try split(x, ["n", "n"]) }
    let error = #expect(throws: AnnotationError.self) { try split(x, ["n"]) }
    #expect(error?.reason == "1 results are annotated, the function has 2")
  }

  @Test func `numbers, optional and repeated arguments take part`() throws {
    func stack(_ xs: [Tensor], _ bias: Tensor?, _ n: Int) throws -> Int {
      var scope = ShapeScope()
      try scope.check("n", .number(n))
      try scope.check("xs", xs.is(.float("{n} dim")))
      try scope.check("bias", bias.is(.float("dim")))
      return try #require(scope.bindings["dim"])
    }
    #expect(try stack([ones(2, 5), ones(2, 5)], nil, 2) == 5)
    #expect(throws: ShapeError.self) { try stack([ones(2, 5), ones(2, 4)], nil, 2) }
    #expect(throws: ShapeError.self) { try stack([ones(2, 5)], ones(4), 2) }
    #expect(throws: ShapeError.self) { try stack([ones(2, 5)], nil, 3) }
  }

  @Test func `a swift number may be written into the text`() throws {
    let n = 4
    #expect(throws: Never.self) { try ones(8).shapesFit("\(2 * n)") }
    #expect(throws: ShapeError.self) { try ones(7).shapesFit("\(2 * n)") }
  }

  @Test func `a traced tensor is checked by its abstract value`() throws {
    let jaxpr = makeJaxpr { (xs: [Tensor]) in [try product(xs[0], xs[1])] }
    #expect(try jaxpr([ShapedArray(.f32, [2, 3]), ShapedArray(.f32, [3, 4])]).eqns.count == 1)
    #expect(throws: ShapeError.self) {
      try jaxpr([ShapedArray(.f32, [2, 3]), ShapedArray(.i32, [3, 4])])
    }
  }

  @Test func `under vmap an annotation speaks of one example`() throws {
    func norm(_ x: Tensor) throws -> Tensor {
      try annotated(["x": x.is(.float("dim"))], returns: .float("")) { try sum(square(x)) }
    }
    let batch = try ones(5, 3)
    #expect(try vmap { try norm($0) }(batch).shape == [5])
    #expect(throws: ShapeError.self) { try norm(batch) }
  }
}

extension Tensor {
  fileprivate func shapesFit(_ text: String) throws {
    var scope = ShapeScope()
    try scope.check("x", self.is(.float(text)))
  }
}

/// Runs each test of a suite with checks on, so that the one that turns the process off disturbs none.
struct ShapeChecksTrait: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withShapeChecks(true, function)
  }
}

extension Trait where Self == ShapeChecksTrait {
  static var shapeChecks: Self { ShapeChecksTrait() }
}

@Suite struct ShapeChecksTests {
  @Test func `the process is on until it is turned off, and a task may differ`() async throws {
    let x = try ones(3)
    let wrong = { @Sendable () throws -> Tensor in
      try annotated(["x": x.is(.float("4"))], returns: .float("3")) { x }
    }
    #expect(ShapeChecks.areOn)
    #expect(throws: ShapeError.self) { try wrong() }
    ShapeChecks.areOn = false
    defer { ShapeChecks.areOn = true }
    #expect(!ShapeChecks.areOn)
    #expect(throws: Never.self) { try wrong() }
    #expect(throws: ShapeError.self) { try withShapeChecks(true, wrong) }
    #expect(throws: Never.self) { try wrong() }
  }

  @Test func `off, annotations are not even made`() throws {
    let counter = Counter()
    let x = try ones(3)
    func call() throws -> Tensor {
      try annotated(["x": x.is(counter.annotation("3"))], returns: counter.annotation("3")) { x }
    }
    _ = try withShapeChecks(false, call)
    #expect(counter.count == 0)
    _ = try withShapeChecks(true, call)
    #expect(counter.count == 2)
  }

  @Test func `a task's own setting goes before the outer one`() throws {
    let x = try ones(3)
    func wrong() throws -> Tensor {
      try annotated(["x": x.is(.float("4"))], returns: .float("4")) { x }
    }
    #expect(try withShapeChecks(false) { try wrong() }.shape == [3])
    #expect(throws: ShapeError.self) {
      try withShapeChecks(false) { try withShapeChecks(true, wrong) }
    }
  }
}
