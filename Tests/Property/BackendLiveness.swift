// Law: a run of a plan holds a value as long as something will read it, and no longer.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()

/// How many values each stage leaves behind.
private func held(_ plan: Plan, _ inputs: [Buffer]) throws -> [Int] {
  var counts: [Int] = []
  _ = try plan.run(inputs) { values in counts.append(values.count { $0 != nil }) }
  return counts
}

@Suite struct BackendLiveness {
  @Test func `a chain holds one value at a time`() throws {
    let plan = try backend.plan(
      makeJaxpr { (x: Tensor) in try rev(cumsum(rev(cumsum(x), [0])), [0]) }(Tensor([1, 2, 3])))
    let x = Buffer(shape: [3], .f32([1, 2, 3]))
    #expect(try held(plan, [x]) == [1, 1, 1, 1])
  }

  @Test func `a value waits for its last reader, outputs to the end`() throws {
    let aval = ShapedArray(.f64, [2])
    let plan = try backend.plan(
      makeJaxpr { x in
        let first = try rev(x[0], [0])
        let second = try cumsum(x[0])
        _ = try exp(second)
        return [try first * second, first]
      }([aval]))
    // x, rev; rev, cumsum with x gone; nothing for the unread exp; rev stays as an output.
    #expect(try held(plan, [Buffer(shape: [2], .f64([1, 2]))]) == [2, 2, 2])
  }

  /// What runs is what the trace, which lets nothing go, records.
  @Test(arguments: SampleArgument.all)
  func `letting go changes no bit`(_ argument: SampleArgument) throws {
    let sample = argument.sample
    let plan = try backend.plan(
      makeJaxpr(sample.program.function)(sample.operands.map(\.aval)))
    let inputs = sample.inputs(seed: 50)
    let (outputs, traced) = try (plan.run(inputs), plan.trace(inputs).outputs)
    #expect(outputs.count == traced.count)
    for (one, other) in zip(outputs, traced) {
      #expect(one.aval == other.aval && one.storage.isBitwiseEqual(to: other.storage))
    }
  }
}
