// Laws of functions that change their first argument: the values of the function that returns it, in the
// memory that it had, and no other holder of an array ever sees a change.

import Core
import OpenBLASBackend
import Testing
import Tree

private typealias Moments = Tuple<Tensor, Tensor>

/// Where the elements stand.
private func address(_ tensor: Tensor) throws -> Int {
  guard case .f32(let x) = try tensor.storage else { return 0 }
  return x.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
}

private func addresses(_ moments: Moments) throws -> Set<Int> {
  let (first, second) = moments.elements
  return [try address(first), try address(second)]
}

private func ramp(_ scale: Float) -> Tensor {
  Tensor(shape: [1000], .f32((0..<1000).map { Float($0) * scale }))
}

@Sendable private func advance(_ moments: inout Moments, _ gradient: Tensor) throws -> Tensor {
  let (first, second) = moments.elements
  let next = try (first * 0.9 + gradient * 0.1, second * 0.99 + square(gradient) * 0.01)
  moments = Tuple(next.0, next.1)
  return try sum(next.0 / (sqrt(next.1) + 1e-3))
}

@Suite struct FilterJitInPlaceTests {
  @Test func `it gives what the function gives, without a second trace`() throws {
    try withBackend(OpenBLASBackend()) {
      let step = filterJitInPlace(advance)
      let pure = filterJit { (moments: Moments, gradient: Tensor) in
        var moments = moments
        let total = try advance(&moments, gradient)
        return Tuple(moments, total)
      }
      var (changed, returned) = (Tuple(ramp(1), ramp(2)), Tuple(ramp(1), ramp(2)))
      for k in 1...4 {
        let total = try step(&changed, ramp(Float(k)))
        let expected = try pure(returned, ramp(Float(k))).elements
        returned = expected.0
        #expect(try treeEqual(Tuple(changed, total), Tuple(returned, expected.1)))
      }
      #expect(step.traceCount == 1)
    }
  }

  @Test func `what nobody else holds stays in its memory`() throws {
    try withBackend(OpenBLASBackend()) {
      let step = filterJitInPlace(advance)
      var moments = Tuple(ramp(1), ramp(2))
      _ = try step(&moments, ramp(3))
      let before = try addresses(moments)
      _ = try step(&moments, ramp(4))
      #expect(try addresses(moments) == before)
    }
  }

  @Test func `a copy that somebody keeps does not change`() throws {
    try withBackend(OpenBLASBackend()) {
      let step = filterJitInPlace(advance)
      var moments = Tuple(ramp(1), ramp(2))
      let (kept, gradient) = (moments, ramp(3))
      let (_, second) = moments.elements
      let alias = try reshape(second, [10, 100])
      _ = try step(&moments, gradient)
      #expect(try treeEqual(kept, Tuple(ramp(1), ramp(2))))
      #expect(try treeEqual(alias, reshape(ramp(2), [10, 100])))
      #expect(try treeEqual(gradient, ramp(3)))
    }
  }

  @Test func `one array in two places is two values afterwards`() throws {
    try withBackend(OpenBLASBackend()) {
      let step = filterJitInPlace(advance)
      let zero = ramp(0)
      var (tied, apart) = (Tuple(zero, zero), Tuple(ramp(0), ramp(0)))
      for _ in 0..<3 {
        _ = try step(&tied, ramp(3))
        _ = try step(&apart, ramp(3))
      }
      #expect(try treeEqual(tied, apart))
      var fed = Tuple(ramp(1), ramp(2))
      let (first, _) = fed.elements
      _ = try step(&fed, first)
      var expected = Tuple(ramp(1), ramp(2))
      _ = try step(&expected, ramp(1))
      #expect(try treeEqual(fed, expected))
    }
  }

  @Test func `a call that throws leaves its argument as it was`() throws {
    try withBackend(OpenBLASBackend()) {
      let step = filterJitInPlace(advance)
      var moments = Tuple(ramp(1), ramp(2))
      _ = try step(&moments, ramp(3))
      let kept = moments
      #expect(throws: TraceError.self) { try step(&moments, Tensor([1, 2, 3])) }
      #expect(try treeEqual(moments, kept))
    }
  }

  @Test func `a function that throws after its change leaves the argument, also under grad`() throws
  {
    let step = filterJitInPlace { (x: inout Tensor, isGood: Bool) in
      x = try x * 3
      if !isGood { throw TraceError.badArgument("too late") }
      return x
    }
    var x = Tensor(2.0)
    #expect(throws: TraceError.self) { try step(&x, false) }
    #expect(try x.item == 2)
    let slope = try grad { (x: Tensor) in
      var x = x
      #expect(throws: TraceError.self) { try step(&x, false) }
      _ = try step(&x, true)
      return x
    }(Tensor(1.0))
    #expect(try slope.item == 3)
  }

  @Test func `programs with branches and other backends change it too`() throws {
    let f: @Sendable (inout Tensor, Tensor) throws -> Tensor = { x, y in
      x = try cond(
        greater(sum(x), Tensor(0.0)), [x, y], then: { [try $0[0] * $0[1]] },
        else: { [try $0[0] - $0[1]] })[0]
      return try sum(x)
    }
    for backend in [ReferenceBackend(), OpenBLASBackend()] as [any Backend] {
      try withBackend(backend) {
        let step = filterJitInPlace(f)
        var x = Tensor([1, 2])
        let sums = try [[-2.0, 3], [-2, -1], [-2, -1]].map { try step(&x, Tensor($0)).item }
        #expect(sums == [4, -2, 1])
        #expect(try x.scalars == [6, -5])
      }
    }
  }

  @Test("JT-01 it is traced once per structure, and called under another transformation")
  func traces() throws {
    let step = filterJitInPlace(advance)
    var moments = Tuple(Tensor([1]), Tensor([2]))
    _ = try step(&moments, Tensor([3]))
    _ = try step(&moments, Tensor([4]))
    var wider = Tuple(Tensor([1, 2]), Tensor([2, 3]))
    _ = try step(&wider, Tensor([4, 5]))
    #expect(step.traceCount == 2)
    step.clearCaches()
    _ = try step(&wider, Tensor([4, 5]))
    #expect(step.traceCount == 3)
    let slope = try grad { (x: Tensor) in
      var moments = Tuple(x, Tensor(2.0))
      _ = try step(&moments, Tensor(3.0))
      let (first, _) = moments.elements
      return first
    }(Tensor(1.0))
    #expect(try slope.item == Double(Float(0.9)))
  }
}
