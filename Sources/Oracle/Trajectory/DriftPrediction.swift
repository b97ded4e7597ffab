// How far an honest run may be from the truth after each step, and how far a given one is.
//
// A group of numbers is one vector; distances are Euclidean and told relative to the truth's length.
// allowed = t σ̂: σ̂ the root mean square deviation of the simulated runs, t from the probability of a
// false alarm (FalseAlarm.swift), shared out equally over all comparisons of a judgement.
// What is assumed: roundings are small enough for their effects to add, given the operands they are
// independent but for a bias of each equation, no larger than the error model says, and no branch goes
// the other way. Where simulated runs take another branch, `strayed` says so.

public import Core

/// The truth of a run and the spread of honest ones.
public struct DriftPrediction: Sendable {
  /// How the groups are called.
  public let groups: [String]
  /// The numbers without rounding.
  public let truth: RunRecord
  /// `spread[step][group]`: root mean square of ‖deviation‖ over the simulated runs.
  public let spread: [[Double]]
  /// `selfDrift[step][group]`: ‖deviation‖ of the exact run that starts one ulp off.
  public let selfDrift: [[Double]]
  /// How many simulated runs had taken another branch than the truth, after each step.
  public let strayed: [Int]
  /// How many runs were simulated.
  public let samples: Int

  /// Simulates `samples` runs of `program` with the errors of `model`.
  public init(
    _ program: IteratedProgram, model: ErrorModel, samples: Int = 32, seed: UInt64
  ) throws {
    var ensemble = DriftEnsemble(program, model: model, samples: samples, seed: seed)
    var (truth, spread, selfDrift) = (RunRecord(), [[Double]](), [[Double]]())
    var strayed: [Int] = []
    for data in program.data {
      let (center, particles) = try ensemble.advance(data)
      func gathered(_ outs: [[DoubleDouble]], _ group: IteratedProgram.Group) -> [DoubleDouble] {
        group.outputs.flatMap { outs[$0] }
      }
      func deviation(_ particle: Int, _ group: IteratedProgram.Group) -> Double {
        distance(gathered(particles[particle], group), gathered(center, group))
          / ensemble.enlargement
      }
      truth.append(program.groups.map { gathered(center, $0) })
      spread.append(
        program.groups.map { group in
          let squares = (0..<samples).map { deviation($0, group) }.map { $0 * $0 }
          return (squares.reduce(0, +) / Double(samples)).squareRoot()
        })
      selfDrift.append(program.groups.map { deviation(samples, $0) })
      strayed.append(ensemble.strayed.count)
    }
    groups = program.groups.map(\.name)
    (self.truth, self.spread, self.selfDrift) = (truth, spread, selfDrift)
    (self.strayed, self.samples) = (strayed, samples)
  }

  /// Every known number of `record` beside the truth; false alarms of the whole judgement are no
  /// likelier than `falseAlarm`.
  public func judge(_ record: RunRecord, falseAlarm: Double = 1e-9) -> [DriftPoint] {
    let compared = record.values.joined().reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    guard compared > 0 else { return [] }
    let factor = falseAlarmFactor(falseAlarm / Double(compared), samples: samples)
    return record.values.indices.flatMap { step in
      groups.indices.compactMap { group in
        guard let numbers = record.values[step][group], let center = truth.values[step][group]
        else { return nil }
        let scale = euclideanNorm(center)
        let unit = scale == 0 ? 1 : scale
        return DriftPoint(
          step: step, group: groups[group], drift: distance(numbers, center) / unit,
          allowed: factor * spread[step][group] / unit,
          selfDrift: selfDrift[step][group] / unit)
      }
    }
  }
}

/// One group after one step, relative to the length of the truth.
public struct DriftPoint: Sendable {
  /// The step, from 0.
  public let step: Int
  /// The group.
  public let group: String
  /// The distance from the truth.
  public let drift: Double
  /// The largest that rounding explains.
  public let allowed: Double
  /// The distance of the exact run that started one ulp off.
  public let selfDrift: Double
  /// Whether rounding explains the distance. A NaN is never explained.
  public var isWithin: Bool { drift <= allowed }
}
