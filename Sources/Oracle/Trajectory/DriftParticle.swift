// One run beside the truth: with the rounding errors of an implementation that might be, off by an ulp at
// the start, or with one number of the program a little other.
//
// A particle evaluates each equation on its own operands in Double, which is exact beside f32, and adds
// its errors. It carries its deviation from the truth along by itself: no derivative is ever formed.

import Catalogue
import Core

/// What the truth says of a step: all that a particle needs besides its own state.
struct TruthStep: Sendable {
  /// The inputs that all runs share, in the order of the program: constants, then data.
  let constants: [ReferenceValue<Double>]
  let data: [ReferenceValue<Double>]
  /// By equation and result: the errors it may have.
  var errors: [[RoundingErrors?]] = []
  /// By equation and result: the truth of a decision.
  var decisions: [[[Bool]?]] = []

  /// A step without errors, whose decisions nobody watches.
  static func exact(_ program: Jaxpr, _ data: [Buffer]) throws -> TruthStep {
    TruthStep(
      constants: try program.consts.map { ReferenceValue(try $0.buffer) },
      data: data.map { ReferenceValue($0) }, errors: program.eqns.map { $0.outs.map { _ in nil } },
      decisions: program.eqns.map { $0.outs.map { _ in nil } })
  }
}

/// A run in Double that deviates from the truth.
struct DriftParticle: Sendable {
  /// Why it deviates.
  enum Deviation: Sendable {
    /// Rounding errors: what mixes the keys of each equation, and the share of its bias.
    case rounding(salts: [UInt64], biases: [Double])
    /// Its start alone.
    case start
    /// One number of the program is larger by `suspectOffset`, relatively.
    case suspect(Suspect)
  }

  /// Small enough to be linear, large beside the roundings of Double.
  static let suspectOffset = 0x1p-20

  let deviation: Deviation
  /// The state after the last step.
  private(set) var state: [ReferenceValue<Double>]
  /// Whether it has taken another branch than the truth.
  private(set) var hasStrayed = false

  init(_ deviation: Deviation, state: [ReferenceValue<Double>]) {
    (self.deviation, self.state) = (deviation, state)
  }

  /// The particle number `index` with the rounding errors of an implementation.
  static func rounding(
    of program: IteratedProgram, state: [ReferenceValue<Double>], seed: UInt64, _ index: Int
  ) -> DriftParticle {
    var biases = NormalNumbers(seed: seed, "bias", index)
    let salts = program.step.eqns.map { eqn in
      var generator = SeededGenerator(seed: seed, name: eqn.primitive.name, index)
      return generator.next()
    }
    return DriftParticle(
      .rounding(salts: salts, biases: salts.map { _ in biases.next() }), state: state)
  }

  /// One step; returns its outputs.
  mutating func advance(_ program: Jaxpr, _ truth: TruthStep) throws -> [ReferenceValue<Double>] {
    var values = [Var: ReferenceValue<Double>](
      uniqueKeysWithValues: zip(
        program.constvars + program.invars, truth.constants + state + truth.data))
    for (index, eqn) in program.eqns.enumerated() {
      let operands = eqn.ins.enumerated().map { position, atom in
        operand(atom, values, isAltered: isAltered(index, position))
      }
      var results = try ReferenceInterpreter<Double>.evaluate(eqn.primitive, operands)
      for i in results.indices {
        disturb(&results[i], truth.errors[index][i], equation: index)
        if let decision = truth.decisions[index][i], case .bool(let own) = results[i],
          own.scalars != decision
        {
          hasStrayed = true
        }
        values[eqn.outs[i]] = results[i]
      }
    }
    let outs = program.outs.map { operand($0, values, isAltered: false) }
    state = Array(outs.prefix(state.count))
    return outs
  }

  private func operand(
    _ atom: Atom, _ values: [Var: ReferenceValue<Double>], isAltered: Bool
  ) -> ReferenceValue<Double> {
    switch atom {
    case .literal(let l):
      let value = ReferenceValue<Double>(Buffer(shape: [], l.rounded))
      return isAltered ? value.scaled(by: 1 + Self.suspectOffset) : value
    case .variable(let v):
      guard let value = values[v] else { preconditionFailure("unbound variable \(v.aval)") }
      return value
    }
  }

  private func isAltered(_ equation: Int, _ position: Int) -> Bool {
    guard case .suspect(let suspect) = deviation else { return false }
    return suspect.operands[equation]?.contains(position) ?? false
  }

  private func disturb(
    _ value: inout ReferenceValue<Double>, _ errors: RoundingErrors?, equation: Int
  ) {
    switch deviation {
    case .start: return
    case .suspect(let suspect):
      if suspect.results.contains(equation) { value = value.scaled(by: 1 + Self.suspectOffset) }
    case .rounding(let salts, let biases):
      guard let errors, case .inexact(let array) = value else { return }
      let (salt, bias) = (salts[equation], biases[equation])
      value = .inexact(
        DenseArray(
          shape: array.shape,
          scalars: array.scalars.indices.map { i in
            let chance = NormalNumbers.number(of: errors.keys[i], salt: salt)
            return array.scalars[i] + errors.scatter[i] * chance + errors.bias[i] * bias
          }))
    }
  }
}

extension ReferenceValue where S == Double {
  /// The elements; whole numbers and bools too.
  var doubles: [Double] {
    switch self {
    case .inexact(let x): x.scalars
    case .i32, .u32, .bool: exact.map { Double($0) }
    }
  }

  /// Each element one ulp of `dtype` up or down.
  func movedByOneUlp(_ dtype: DType, _ generator: inout SeededGenerator) -> ReferenceValue {
    guard case .inexact(let array) = self, let precision = Precision(dtype) else { return self }
    return .inexact(
      array.map { x in
        let ulp = x == 0 ? 0 : precision.ulp(DoubleDouble(x))
        return generator.next() & 1 == 0 ? x + ulp : x - ulp
      })
  }

  /// Each element times `factor`, where it is a floating-point number.
  fileprivate func scaled(by factor: Double) -> ReferenceValue {
    guard case .inexact(let array) = self else { return self }
    return .inexact(array.map { $0 * factor })
  }
}
