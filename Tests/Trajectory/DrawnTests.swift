// Golden: from nothing but its seed a run draws what the original drew.
//
// Bit for bit: inputs, initial weights, orders, keys, dropout masks. Targets pass through sin and, for the
// noise, through erf⁻¹, of which each side has its own: both must lie in the interval that their
// functions' errors allow around the truth of the same bits.

import Core
import NN
import Optim
import Oracle
import Random
import TestSupport
import Testing
import Training
import Trajectories
import Tree

private let runs = (try? GoldenTrajectory.all(in: fixturePath("trajectory.h5"))) ?? []

/// Whether two arrays have one type and the same bits.
private func same(_ a: Buffer, _ b: Buffer) -> Bool {
  a.shape == b.shape && a.storage.isBitwiseEqual(to: b.storage)
}

@Suite struct DrawnTests {
  @Test func `there are runs`() { #expect(runs.count >= 4) }

  @Test(arguments: runs)
  func `inputs, orders and keys are those of the original, bit for bit`(
    run: GoldenTrajectory
  ) throws {
    let ours = try TrainingProgram(run.name, run.parameters)
    #expect(try same(ours.training.x.buffer, run.array("drawn/x_train")))
    #expect(try same(ours.validation.x.buffer, run.array("drawn/x_validation")))
    #expect(try same(stack(ours.orders).buffer, run.array("drawn/orders")))
    #expect(try same(stack(ours.keys).buffer, run.array("drawn/keys")))
  }

  @Test(arguments: runs)
  func `initial weights, statistics and moments are those of the original, bit for bit`(
    run: GoldenTrajectory
  ) throws {
    for (label, dtype) in [("f32", DType.f32), ("jit_f32", .f32), ("jit_f64", .f64)] {
      let ours = try TrainingProgram(run.name, run.parameters, dtype: dtype)
      let theirs = try ["weights", "state", "optimiser"].flatMap {
        try run.checkpoint(label, $0, 0)
      }
      // Equinox's flag is stored as u8; shapes and numbers are compared.
      #expect(theirs.map(\.shape) == ours.program.start.map(\.shape))
      for (a, b) in zip(ours.program.start, theirs) { #expect(a.storage.exact == b.storage.exact) }
    }
  }

  @Test(arguments: runs.filter { $0.parameters.dropout > 0 }, [DType.f32, .f64])
  func `DO-07 dropout masks are those of the original, bit for bit`(
    run: GoldenTrajectory, dtype: DType
  ) throws {
    let p = run.parameters
    let layer = Dropout(.number(p.dropout), x64: dtype == .f64)
    let kept = jit { (keys: [Tensor]) in
      try vmap { (row: [Tensor]) in
        let layers = try Key(data: row[0]).split(p.depth)
        let outs = try layers.map { try layer(ones([p.width], .f32), key: $0) }
        return [try stack(outs.map { try notEqual($0, Tensor(0)) })]
      }(keys)
    }
    let theirs = try run.array("drawn/masks_\(dtype.rawValue)").storage.exact
    let ours = try TrainingProgram(run.name, p).keys.flatMap { try kept([$0])[0].storage.exact }
    #expect(ours == theirs)
    #expect(Set(ours) == [0, 1])
  }

  @Test(arguments: runs)
  func `targets lie where the errors of sin and of the inverse error function allow`(
    run: GoldenTrajectory
  ) throws {
    let p = run.parameters
    let keys = try Key(p.seed).split(3)[0].split(4)
    let ours = try TrainingProgram(run.name, p)
    for (x, noise, count, target, name) in [
      (keys[0], keys[1], p.train, ours.training.y, "train"),
      (keys[2], keys[3], p.validation, ours.validation.y, "validation"),
    ] {
      let jaxpr = try makeJaxpr { (words: [Tensor]) in
        [
          try Examples.noisySine(
            count, inputs: Key(data: words[0]), noise: Key(data: words[1])
          ).y
        ]
      }([x.data.aval, noise.data.aval]).inlined
      let inputs = try [x.data.buffer, noise.data.buffer]
      let theirs = try run.array("drawn/y_\(name)").storage.exact
      for (model, numbers) in [
        (ErrorModel.jax, theirs), (.reference, try target.storage.exact),
      ] {
        let bounds = try enclose(jaxpr, inputs, model: model)[0]
        #expect(numbers.indices.allSatisfy { bounds.admits(numbers[$0], at: $0) })
        #expect(numbers.indices.allSatisfy { !bounds.isOpen($0) })
      }
    }
  }

  @Test(arguments: runs)
  func `OX-02 learning rates lie where the errors of the cosine allow`(
    run: GoldenTrajectory
  ) throws {
    let p = run.parameters
    let schedule = try warmupCosineDecaySchedule(
      initValue: 0, peakValue: p.peak, warmupSteps: p.warmup, decaySteps: p.steps, endValue: p.end)
    let jaxpr = try makeJaxpr { (count: [Tensor]) in [try schedule(count[0])] }(
      [ShapedArray(.i32)]
    ).inlined
    let theirs = try ["f32", "jit_f32", "jit_f64"].map {
      try run.array("\($0)/rates").storage.exact
    }
    for step in 0..<p.steps {
      let count = Buffer(shape: [], .i32([Int32(step)]))
      let bounds = try enclose(jaxpr, [count], model: .jax)[0]
      #expect(theirs.allSatisfy { bounds.admits($0[step], at: 0) }, "step \(step)")
      let own = try enclose(jaxpr, [count], model: .reference)[0]
      #expect(try own.admits(schedule(Tensor(count)).storage.exact[0], at: 0), "step \(step)")
    }
  }
}
