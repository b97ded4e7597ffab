// The truth of a run, and runs around it that deviate for known reasons.
//
// The truth is evaluated in DoubleDouble, with the literals that the program's dtype has. At its operands
// each equation's errors are found (RoundingErrors.swift); then every particle takes the step by itself.
// Most have the rounding errors of an implementation: a normal number for each rounding, one more for the bias
// of each equation, kept for the whole run. One starts an ulp off in each number. And for each suspect one has
// that number a little larger.
// A run all in f64 is simulated with errors 2²⁹ times as large, and its deviations divided by that; where
// a part of the program is f32, that part's errors are all that counts.

import Catalogue
import Core
import Dispatch
import Synchronization

/// The runs of a program, step by step.
struct DriftEnsemble {
  private let program: IteratedProgram
  private let model: ErrorModel
  /// By how much errors are enlarged: 1 for f32.
  let enlargement: Double
  private var truth: [Enclosure]
  private var particles: [DriftParticle]

  /// `samples` particles with rounding errors, then one that starts an ulp off, then one per suspect.
  init(
    _ program: IteratedProgram, model: ErrorModel, samples: Int, suspects: [Suspect], seed: UInt64
  ) {
    self.program = program
    self.model = model
    let results = program.step.eqns.flatMap { $0.outs.map(\.aval.dtype) }
    let isDouble = results.contains(.f64) && !results.contains(.f32)
    enlargement = isDouble ? 0x1p29 : 1
    truth = program.start.map { Enclosure($0) }
    let start = program.start.map { ReferenceValue<Double>($0) }
    var signs = SeededGenerator(seed: seed, name: "one ulp", 0)
    var moved = zip(start, program.start).map { $0.movedByOneUlp($1.storage.dtype, &signs) }
    for index in moved.indices where enlargement != 1 {
      moved[index] = moved[index].spread(from: truth[index].center, by: enlargement)
    }
    particles =
      (0..<samples).map { .rounding(of: program, state: start, seed: seed, $0) }
      + [DriftParticle(.start, state: moved)]
      + suspects.map { DriftParticle(.suspect($0), state: start) }
  }

  /// How many particles have taken another branch than the truth so far: only kinks make them.
  var strayed: Int { particles.count { $0.hasStrayed && $0.deviation.isRounding } }

  /// One step on `data`: the truth's outputs, and each particle's.
  /// - Throws: `TraceError.badArgument` when an equation has no bound at the truth's operands.
  mutating func advance(
    _ data: [Buffer]
  ) throws -> (truth: [[DoubleDouble]], particles: [[[Double]]]) {
    let (outs, step) = try advanceTruth(data)
    let jaxpr = program.step
    let finished = Mutex<[Int: Result<(DriftParticle, [[Double]]), any Error>]>([:])
    let before = particles
    DispatchQueue.concurrentPerform(iterations: before.count) { index in
      var particle = before[index]
      let result = Result { (particle, try particle.advance(jaxpr, step).map(\.doubles)) }
      finished.withLock { $0[index] = result.map { (particle, $0.1) } }
    }
    let done = try finished.withLock { results in
      try before.indices.compactMap { try results[$0]?.get() }
    }
    particles = done.map(\.0)
    return (outs, done.map(\.1))
  }

  private mutating func advanceTruth(
    _ data: [Buffer]
  ) throws -> (outs: [[DoubleDouble]], step: TruthStep) {
    let jaxpr = program.step
    let consts = try jaxpr.consts.map { try $0.buffer }
    var known = Dictionary(
      uniqueKeysWithValues: zip(
        jaxpr.constvars + jaxpr.invars,
        consts.map { Enclosure($0) } + truth + data.map { Enclosure($0) }))
    var step = TruthStep(
      constants: consts.map { ReferenceValue($0) }, data: data.map { ReferenceValue($0) })
    for eqn in jaxpr.eqns {
      let bounds = try enclose(
        eqn.primitive, eqn.ins.map { read($0, known) }, outs: eqn.outs.map(\.aval), model: model)
      for (v, bound) in zip(eqn.outs, bounds) { known[v] = bound.atCenter }
      step.errors.append(
        try bounds.map { try RoundingErrors($0, of: eqn, enlargement: enlargement) })
      step.decisions.append(
        bounds.map { $0.aval.dtype == .bool ? $0.center.map { $0 != 0 } : nil })
    }
    let outs = jaxpr.outs.map { read($0, known) }
    truth = Array(outs.prefix(program.start.count))
    return (outs.map(\.center), step)
  }

  private func read(_ atom: Atom, _ known: [Var: Enclosure]) -> Enclosure {
    switch atom {
    case .literal(let l): return Enclosure(Buffer(shape: [], l.rounded))
    case .variable(let v):
      guard let value = known[v] else { preconditionFailure("unbound variable \(v.aval)") }
      return value
    }
  }
}

extension DriftParticle.Deviation {
  fileprivate var isRounding: Bool {
    switch self {
    case .rounding: true
    case .start, .suspect: false
    }
  }
}

extension Enclosure {
  /// The truth alone.
  fileprivate var atCenter: Enclosure {
    Enclosure(aval, center: center, lower: center, upper: center)
  }
}

extension ReferenceValue where S == Double {
  /// The distance from `center` times `factor`.
  fileprivate func spread(from center: [DoubleDouble], by factor: Double) -> ReferenceValue {
    guard case .inexact(var array) = self else { return self }
    for i in center.indices {
      array.scalars[i] = Double(center[i]) + (array.scalars[i] - Double(center[i])) * factor
    }
    return .inexact(array)
  }
}
