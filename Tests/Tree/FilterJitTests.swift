// When a jitted function is traced again (SEMANTICS 2.4), axes by leaf, and programs of trees.

import Core
import OpenBLASBackend
import Synchronization
import Testing
import Tree

private let w = Tensor([[1, 2], [3, 4]])

/// A tensor, and what it is divided by.
private struct Divided: Module {
  var x: Tensor
  let divisors: [Double]

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("x", &x)
    visitor.constant("divisors", divisors)
  }
}

@Suite struct FilterJitTests {
  @Test("JT-01 values of tensors never trace again; shapes, dtypes and structure do")
  func retraces() throws {
    let f = filterJit { (xs: [Tensor], k: [String: Tensor]?) in try sum(xs[0]) }
    _ = try f([Tensor([1])], nil)
    _ = try f([Tensor([2])], nil)
    #expect(f.traceCount == 1)
    _ = try f([Tensor([1, 2])], nil)
    #expect(f.traceCount == 2)
    _ = try f([Tensor([1], .f64)], nil)
    #expect(f.traceCount == 3)
    _ = try f([Tensor([1]), Tensor([1])], nil)
    #expect(f.traceCount == 4)
    _ = try f([Tensor([1])], ["a": w, "b": w])
    _ = try f([Tensor([1])], ["b": w, "a": w])
    #expect(f.traceCount == 5)
  }

  @Test("JT-03 JT-04 leaves that are no tensors are keys by type and bits") func strictKeys() throws
  {
    let f = filterJit { (leaf: DynamicTree, x: Tensor) in try x + 1 }
    let leaves: [Leaf] = [
      .tensor(w), .int(1), .double(1), .bool(true), .double(0), .double(-0.0), .double(.nan),
    ]
    for (k, leaf) in leaves.enumerated() {
      for _ in 0..<2 { _ = try f(.leaf(leaf), w) }
      #expect(f.traceCount == k + 1)
    }
  }

  @Test("JT-03 a list of numbers that is a constant is a key by the bits of each") func lists()
    throws
  {
    let f = filterJit { (divided: Divided) in try divided.x / divided.divisors[0] }
    for divisors in [[0.0], [-0.0], [.nan], [.nan]] {
      let quotient = try f(Divided(x: Tensor(1), divisors: divisors)).item
      #expect((quotient == 1 / divisors[0]) || divisors[0].isNaN)
    }
    #expect(f.traceCount == 3)
  }

  @Test("a program belongs to the backend that compiled it") func backends() throws {
    let f = filterJit { (x: Tensor) in try x + x }
    let backends: [any Backend] = [ReferenceBackend(), OpenBLASBackend()]
    for backend in backends + backends {
      #expect(try withBackend(backend) { try f(Tensor([1, 2])).scalars } == [2, 4])
    }
    #expect(f.traceCount == 2)
    let program = try withBackend(ReferenceBackend()) { try f.lower(w).compile() }
    #expect(
      withBackend(OpenBLASBackend()) { message { try program(w) } }
        == "the program was compiled by the backend reference and cannot run on openblas")
  }

  @Test("JT-01 JT-03 calls that alternate between programs each find their own") func alternate()
    throws
  {
    let f = filterJit { (xs: [String: Tensor], k: Int) in try (xs["a"] ?? xs["b"] ?? w) * Double(k)
    }
    for round in 0..<3 {
      let x = Tensor([Double(round), 1])
      #expect(try f(["a": x], 2).scalars == [2 * Double(round), 2])
      #expect(try f(["b": x], 2).scalars == [2 * Double(round), 2])
      #expect(try f(["a": x], 3).scalars == [3 * Double(round), 3])
      #expect(try f(["a": x.asType(.f64)], 3).dtype == .f64)
      #expect(try f(["a": Tensor([Double(round)])], 3).scalars == [3 * Double(round)])
    }
    #expect(f.traceCount == 5)
  }

  @Test("JT-05 a library function is one key, and each closure another") func functions() throws {
    let f = filterJit { (g: Activation, x: Tensor) in try g(x) }
    _ = try f(.relu, w)
    _ = try f(.relu, w)
    #expect(f.traceCount == 1)
    for _ in 0..<2 { _ = try f(Function("own") { try $0 + 1 }, w) }
    #expect(f.traceCount == 3)
  }

  @Test("JT-07 leaves that are no tensors come back as they went in") func results() throws {
    let own = Function("own") { try $0 + 1 }
    let f = filterJit { (x: Tensor, g: Function) in Tuple(try g(x), 1, "text", g, [Tensor?.none]) }
    for _ in 0..<2 {
      let out = try f(w, own)
      #expect(try treeBitwiseEqual(out, Tuple(own(w), 1, "text", own, [Tensor?.none])))
    }
  }

  @Test("JT-08 a Swift if on a traced value is refused, on a static one it is not") func control()
    throws
  {
    let bad = filterJit { (x: Tensor) in try x.item > 0 ? x : -x }
    #expect(throws: TraceError.self) { try bad(Tensor(1)) }
    let good = filterJit { (x: Tensor, up: Bool) in up ? try x + 1 : try x - 1 }
    #expect(try good(Tensor(1), true).item == 2)
    #expect(try good(Tensor(1), false).item == 0)
  }

  @Test("JT-09 what a function closes over is taken when it is traced") func closures() throws {
    let outside = Mutex(2.0)
    let f = filterJit { (x: Tensor) in try x * outside.withLock { $0 } }
    #expect(try f(Tensor(1)).item == 2)
    outside.withLock { $0 = 3 }
    #expect(try f(Tensor(1)).item == 2)
    f.clearCaches()
    #expect(try f(Tensor(1)).item == 3)
    #expect(f.traceCount == 2)
  }

  @Test("JT-11 under another transformation the function is called, and no program is kept")
  func nested() throws {
    let f = filterJit { (x: Tensor) in try sum(square(x)) }
    let g = filterGrad { (x: Tensor) in try f(x) }
    #expect(try g(Tensor([1, 2])).value?.scalars == [2, 4])
    #expect(f.traceCount == 0)
    let step = filterJit { (m: [Tensor]) in try filterGrad { (m: [Tensor]) in try f(m[0]) }(m) }
    #expect(try step([Tensor([1, 2])]).values[0]?.scalars == [2, 4])
  }

  @Test("JT-01 a program made ahead of time runs the arguments it was made for") func ahead() throws
  {
    let f = filterJit { (x: Tensor, k: Int) in try x * Double(k) }
    let lowered = try f.lower(w, 3)
    #expect(lowered.jaxpr.eqns.map(\.primitive.name) == ["mul"])
    let program = try lowered.compile()
    #expect(try program(w, 3).scalars == [3, 6, 9, 12])
    #expect(message { try program(w, 4) }.hasPrefix("the program was compiled for other arguments"))
  }

  @Test("JX-03 inputs and outputs come in the order of the tree, keys sorted") func order() throws {
    let program = filterMakeJaxpr { (m: [String: Tensor]) in try m.mapValues { try $0 * 2 } }
    let jaxpr = try program(["b": Tensor([1, 2]), "a": Tensor(1), "c": Tensor([1, 2, 3])])
    #expect(jaxpr.inAvals.map(\.shape) == [[], [2], [3]])
    #expect(jaxpr.outAvals.map(\.shape) == [[], [2], [3]])
  }

  @Test("JX-04 the program and the types of a function of trees, with leaves that are no tensors")
  func staging() throws {
    let f = { (m: Dense, x: Tensor) in Tuple(try matmul(m.weight, x), m.bias, "text") }
    let program = filterMakeJaxpr(f)
    let jaxpr = try program(net().layers[0], Tensor([1, 2]))
    #expect(jaxpr.inAvals.map { $0.description } == ["f32[2,2]", "f32[2]", "f32[2]"])
    let shapes = filterEvalShape(f)
    let types = try shapes(net().layers[0], Tensor([1, 2]))
    #expect(types.values.map { $0?.description } == ["f32[2]", "f32[2]", nil])
  }

  @Test("an axis for each leaf: mapped, shared, and leaves that are no tensors") func axes() throws
  {
    let layer = Tuple(Tensor([[1, 2], [3, 4]]), Tensor([10, 20]), 5)
    let axes = try LeafMap<Tuple<Tensor, Tensor, Int>, Int?>(like: layer, values: [1, nil, nil])
    let f = filterVmap(inAxes: .leaves(axes)) { (t: Tuple<Tensor, Tensor, Int>) in
      Tuple(try t.elements.0 + t.elements.1, t.elements.2)
    }
    let out = try f(layer)
    #expect(try treeBitwiseEqual(out, Tuple(Tensor([[11, 23], [12, 24]]), 5)))
    let plain = filterVmap(axisName: "i") { (x: Tensor) in try psum(x, axisName: "i") }
    #expect(try plain(Tensor([1, 2, 3])).scalars == [6, 6, 6])
  }
}
