// The truth of a run, and a cloud of runs around it that rounding errors might have made.
//
// All runs go through the equations in step. The truth is evaluated in DoubleDouble, with the literals
// that the program's dtype has. At its operands each equation has a radius c, the most that the error
// model lets one evaluation be off. Every particle evaluates the equation on its own operands, in Double,
// and adds c (β + ξ): ξ a fresh normal number for each element, β one for the equation, kept for the
// whole run and all elements, so that an implementation whose function is biased is covered like one
// whose errors scatter. One particle more adds nothing and starts one ulp off: the self-drift.
// A run all in f64 is simulated with errors 2²⁹ times as large, and its deviations divided by that; where
// a part of the program is f32, that part's errors are all that counts.

import Catalogue
import Core

/// The runs of a program, equation by equation.
struct DriftEnsemble {
  private typealias Values = [Var: ReferenceValue<Double>]

  private let program: IteratedProgram
  private let model: ErrorModel
  /// By how much errors are enlarged: 1 for f32.
  let enlargement: Double
  /// The particles with errors; the particle after them is the self-drift.
  let samples: Int
  private var truth: [Enclosure]
  private var states: [[ReferenceValue<Double>]]
  private var noise: [NormalNumbers]
  private let bias: [[Double]]
  /// How many particles have taken another branch than the truth so far: only kinks make them.
  private(set) var strayed: Set<Int> = []

  init(_ program: IteratedProgram, model: ErrorModel, samples: Int, seed: UInt64) {
    self.program = program
    self.model = model
    self.samples = samples
    let results = program.step.eqns.flatMap { $0.outs.map(\.aval.dtype) }
    let isDouble = results.contains(.f64) && !results.contains(.f32)
    enlargement = isDouble ? 0x1p29 : 1
    truth = program.start.map { Enclosure($0) }
    noise = (0..<samples).map { NormalNumbers(seed: seed, "noise", $0) }
    bias = (0..<samples).map { index in
      var numbers = NormalNumbers(seed: seed, "bias", index)
      return program.step.eqns.map { _ in numbers.next() }
    }
    var signs = SeededGenerator(seed: seed, name: "one ulp", 0)
    states = Array(repeating: program.start.map { ReferenceValue($0) }, count: samples + 1)
    states[samples] = zip(states[samples], program.start).map {
      $0.movedByOneUlp($1.storage.dtype, &signs)
    }
    for index in states[samples].indices where enlargement != 1 {
      states[samples][index] = states[samples][index].spread(
        from: truth[index].center, by: enlargement)
    }
  }

  /// One step on `data`: the truth's outputs, and each particle's.
  /// - Throws: `TraceError.badArgument` when an equation has no bound at the truth's operands.
  mutating func advance(
    _ data: [Buffer]
  ) throws -> (truth: [[DoubleDouble]], particles: [[[DoubleDouble]]]) {
    let jaxpr = program.step
    let consts = try jaxpr.consts.map { try $0.buffer }
    let names = jaxpr.constvars + jaxpr.invars
    var known = Dictionary(
      uniqueKeysWithValues: zip(
        names, consts.map { Enclosure($0) } + truth + data.map { Enclosure($0) }))
    let fixed = (consts + data).map { ReferenceValue<Double>($0) }
    var values = states.map { state in
      let inputs = fixed.prefix(consts.count) + state + fixed.dropFirst(consts.count)
      return Values(uniqueKeysWithValues: zip(names, inputs))
    }
    for (index, eqn) in jaxpr.eqns.enumerated() {
      let bounds = try enclose(
        eqn.primitive, eqn.ins.map { read($0, known) }, outs: eqn.outs.map(\.aval), model: model)
      for (v, bound) in zip(eqn.outs, bounds) { known[v] = bound.atCenter }
      let errors = try bounds.map { try radii($0, eqn) }
      for particle in values.indices {
        var results = try ReferenceInterpreter<Double>.evaluate(
          eqn.primitive, eqn.ins.map { read($0, values[particle]) })
        for i in results.indices where particle < samples {
          disturb(&results[i], errors[i], particle: particle, equation: index)
        }
        for (i, v) in eqn.outs.enumerated() {
          values[particle][v] = results[i]
          if v.aval.dtype == .bool { note(particle, results[i], bounds[i]) }
        }
      }
    }
    let outs = jaxpr.outs.map { read($0, known) }
    let results = values.map { own in jaxpr.outs.map { read($0, own) } }
    truth = Array(outs.prefix(program.start.count))
    states = results.map { Array($0.prefix(program.start.count)) }
    return (outs.map(\.center), results.map { $0.map(\.exact) })
  }

  private func read(_ atom: Atom, _ known: [Var: Enclosure]) -> Enclosure {
    switch atom {
    case .literal(let l): return Enclosure(Buffer(shape: [], l.rounded))
    case .variable(let v):
      guard let value = known[v] else { preconditionFailure("unbound variable \(v.aval)") }
      return value
    }
  }

  private func read(_ atom: Atom, _ values: Values) -> ReferenceValue<Double> {
    switch atom {
    case .literal(let l): return ReferenceValue(Buffer(shape: [], l.rounded))
    case .variable(let v):
      guard let value = values[v] else { preconditionFailure("unbound variable \(v.aval)") }
      return value
    }
  }

  /// What one evaluation may be off, element by element; nil where nothing rounds.
  private func radii(_ bound: Enclosure, _ eqn: Eqn) throws -> [Double]? {
    guard bound.aval.dtype.isInexact, !bound.isExact else { return nil }
    let radii = bound.center.indices.map { bound.radius($0) * enlargement }
    guard radii.allSatisfy(\.isFinite) else {
      throw TraceError.badArgument(
        "\(eqn.primitive.name) \(bound.aval) of \(program.name) has no bound: no drift is predicted"
      )
    }
    return radii
  }

  private mutating func disturb(
    _ value: inout ReferenceValue<Double>, _ errors: [Double]?, particle: Int, equation: Int
  ) {
    guard let errors, case .inexact(var array) = value else { return }
    let bias = bias[particle][equation]
    for i in errors.indices { array.scalars[i] += errors[i] * (bias + noise[particle].next()) }
    value = .inexact(array)
  }

  private mutating func note(_ particle: Int, _ value: ReferenceValue<Double>, _ truth: Enclosure) {
    if particle < samples, value.exact != truth.center { strayed.insert(particle) }
  }
}

extension Enclosure {
  /// The truth alone.
  fileprivate var atCenter: Enclosure {
    Enclosure(aval, center: center, lower: center, upper: center)
  }
}

extension ReferenceValue where S == Double {
  /// Each element one ulp of `dtype` up or down.
  fileprivate func movedByOneUlp(
    _ dtype: DType, _ generator: inout SeededGenerator
  ) -> ReferenceValue {
    guard case .inexact(let array) = self, let precision = Precision(dtype) else { return self }
    return .inexact(
      array.map { x in
        let ulp = x == 0 ? 0 : precision.ulp(DoubleDouble(x))
        return generator.next() & 1 == 0 ? x + ulp : x - ulp
      })
  }

  /// The distance from `center` times `factor`.
  fileprivate func spread(from center: [DoubleDouble], by factor: Double) -> ReferenceValue {
    guard case .inexact(var array) = self else { return self }
    for i in center.indices {
      array.scalars[i] = Double(center[i]) + (array.scalars[i] - Double(center[i])) * factor
    }
    return .inexact(array)
  }
}
