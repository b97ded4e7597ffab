// How far an honest run may be from the truth after each step, and how far a given one is.
//
// Two questions are asked of a run. How long is its deviation, group by group and step by step? Distances are
// Euclidean and told relative to the truth's length. And how much does the whole run look as if one number
// of the program (Suspect.swift) were another? That sees faults far below any single distance, for
// they move all weights together (MatchedFilter.swift).
// Both are allowed t σ̂: σ̂ the root mean square of the same thing over simulated runs, t from the probability
// of a false alarm (FalseAlarm.swift), shared out equally over all comparisons of a judgement.
// What is assumed: roundings are small enough for their effects to add; they are independent but for
// those of equal operands and for a bias of each equation, no larger than RoundingErrors.swift derives; and
// no branch goes the other way. Where simulated runs take another branch, `strayed` says so.

import Core

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
  /// The deviations of the simulated runs, and of the suspects, for the matched filters.
  private let observations: DriftObservations

  /// Simulates `samples` runs of `program` with the errors of `model`.
  public init(
    _ program: IteratedProgram, model: ErrorModel, samples: Int = 72, seed: UInt64
  ) throws {
    let suspects = Suspect.all(in: program.step)
    var ensemble = DriftEnsemble(
      program, model: model, samples: samples, suspects: suspects, seed: seed)
    var (truth, spread, selfDrift) = (RunRecord(), [[Double]](), [[Double]]())
    var strayed: [Int] = []
    var observations = DriftObservations(
      steps: program.data.count, samples: samples, suspects: suspects.map(\.name))
    for (step, data) in program.data.enumerated() {
      let (outs, particles) = try ensemble.advance(data)
      let center = program.groups.map { group in group.outputs.flatMap { outs[$0] } }
      let deviations = particles.map { own in
        zip(program.groups, center).map { group, center in
          zip(group.outputs.flatMap { own[$0] }, center).map { $0 - Double($1) }
        }
      }
      truth.append(center)
      spread.append(
        program.groups.indices.map { group in
          rootMeanSquare(deviations.prefix(samples).map { euclideanNorm($0[group]) })
            / ensemble.enlargement
        })
      selfDrift.append(deviations[samples].map { euclideanNorm($0) / ensemble.enlargement })
      strayed.append(ensemble.strayed)
      observations.append(deviations, step: step, enlargement: ensemble.enlargement)
    }
    groups = program.groups.map(\.name)
    (self.truth, self.spread, self.selfDrift) = (truth, spread, selfDrift)
    (self.strayed, self.samples, self.observations) = (strayed, samples, observations)
  }

  /// Every known number of `record` beside the truth; false alarms of the whole judgement are no
  /// likelier than `falseAlarm`.
  public func judge(_ record: RunRecord, falseAlarm: Double = 1e-9) -> DriftJudgement {
    let compared = record.values.joined().reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    guard compared > 0 else { return DriftJudgement(points: [], suspicions: []) }
    let probability = falseAlarm / Double(compared + observations.suspects.count)
    let factor = falseAlarmFactor(probability, samples: samples)
    let points = record.values.indices.flatMap { step in
      groups.indices.compactMap { group in
        guard let numbers = record.values[step][group], let center = truth.values[step][group]
        else { return DriftPoint?.none }
        let scale = euclideanNorm(center)
        let unit = scale == 0 ? 1 : scale
        return DriftPoint(
          step: step, group: groups[group], drift: distance(numbers, center) / unit,
          allowed: factor * spread[step][group] / unit,
          selfDrift: selfDrift[step][group] / unit)
      }
    }
    return DriftJudgement(
      points: points,
      suspicions: observations.suspicions(of: record, truth: truth, probability: probability))
  }
}

/// What a judgement found.
public struct DriftJudgement: Sendable {
  /// The distances, by step and group.
  public let points: [DriftPoint]
  /// What the run says of each suspect.
  public let suspicions: [DriftSuspicion]
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

/// How much a run looks as if one number of its program were another.
public struct DriftSuspicion: Sendable {
  /// The number: a literal and the primitive that reads it, or a scalar equation.
  public let name: String
  /// By how much it is off, relatively, if it is the only one.
  public let estimate: Double
  /// What rounding explains; no smaller fault in it is seen.
  public let allowed: Double
  /// Whether rounding explains the estimate. A NaN is never explained.
  public var isWithin: Bool { abs(estimate) <= allowed }
}
