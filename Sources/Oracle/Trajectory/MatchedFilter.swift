// Linear functionals of a whole run that answer to one suspect each, and to rounding as little as can be.
//
// Every number that is observed along a run (all groups after 1, 2, 4, … steps and the last; single numbers
// after each) is told in units of its deviation over the first third of the simulated runs, the scouts. In these
// units let Z hold the scouts as columns and s a suspect's effect; d = (1 + ZZᵀ/m)⁻¹ s is the filter that
// sees s best beside errors like the scouts'. The identity stands for what m scouts cannot show.
// A run e then scores ⟨d, e⟩, which ⟨d, s⟩ turns into an estimate of the fault. The rest of the
// simulated runs, which had no say in d, give σ̂ of the score, so that the bound of FalseAlarm.swift
// holds whatever d is: a bad choice sees less, but raises no false alarm.

import Core

/// The deviations of simulated runs and of suspects at the places that are observed.
struct DriftObservations: Sendable {
  /// How the suspects are called.
  let suspects: [String]
  private let samples: Int
  private let steps: Int
  /// Where the numbers come from: a step, a group and how many.
  private var places: [(step: Int, group: Int, count: Int)] = []
  /// By particle, one after another as the places say.
  private var rounding: [[Double]]
  private var effects: [[Double]]

  init(steps: Int, samples: Int, suspects: [String]) {
    (self.steps, self.samples, self.suspects) = (steps, samples, suspects)
    rounding = Array(repeating: [], count: samples)
    effects = Array(repeating: [], count: suspects.count)
  }

  /// `deviations[particle][group]` after `step`: those with rounding errors, one more, the suspects.
  mutating func append(_ deviations: [[[Double]]], step: Int, enlargement: Double) {
    let isShown = step + 1 == steps || (step + 1) & step == 0
    for group in deviations[0].indices where isShown || deviations[0][group].count == 1 {
      places.append((step, group, deviations[0][group].count))
      for i in rounding.indices {
        rounding[i] += deviations[i][group].map { $0 / enlargement }
      }
      for i in effects.indices {
        effects[i] += deviations[samples + 1 + i][group].map { $0 / DriftParticle.suspectOffset }
      }
    }
  }

  /// What `record` says of each suspect that it depends on.
  func suspicions(
    of record: RunRecord, truth: RunRecord, probability: Double
  ) -> [DriftSuspicion] {
    let run = deviation(of: record, from: truth)
    let scouts = rounding.prefix(samples / 3)
    let units = run.indices.map { i in
      run[i] == nil ? 0 : rootMeanSquare(scouts.map { $0[i] })
    }
    let seen = units.indices.filter { units[$0] > 0 }
    func inUnits(_ x: [Double]) -> [Double] { seen.map { x[$0] / units[$0] } }
    let filter = MatchedFilter(scouts: scouts.map(inUnits))
    let judges = rounding.dropFirst(samples / 3).map(inUnits)
    let factor = falseAlarmFactor(probability, samples: judges.count)
    let observed = seen.map { (run[$0] ?? 0) / units[$0] }
    return zip(suspects, effects).compactMap { name, effect in
      let effect = inUnits(effect)
      let direction = filter.direction(for: effect)
      let gain = dot(direction, effect)
      guard gain > 0 else { return nil }
      let allowed = factor * rootMeanSquare(judges.map { dot(direction, $0) }) / gain
      // Were it twice as large or nothing at all, and nobody saw: the run does not depend on it.
      guard allowed < 1 else { return nil }
      return DriftSuspicion(
        name: name, estimate: dot(direction, observed) / gain, allowed: allowed)
    }
  }

  /// The deviation at each place, nil where `record` knows nothing.
  private func deviation(of record: RunRecord, from truth: RunRecord) -> [Double?] {
    places.flatMap { place -> [Double?] in
      guard let numbers = record.values[place.step][place.group],
        let center = truth.values[place.step][place.group]
      else { return Array(repeating: nil, count: place.count) }
      return zip(numbers, center).map { Double($0 - $1) }
    }
  }
}

/// (1 + ZZᵀ/m)⁻¹ = 1 − Z (m + ZᵀZ)⁻¹ Zᵀ, the inner matrix by its Cholesky factor.
private struct MatchedFilter {
  let scouts: [[Double]]
  /// Row i has i + 1 elements.
  private let factor: [[Double]]

  init(scouts: [[Double]]) {
    self.scouts = scouts
    var rows: [[Double]] = []
    for i in scouts.indices {
      var row: [Double] = []
      for j in 0...i {
        let entry = dot(scouts[i], scouts[j]) + (i == j ? Double(scouts.count) : 0)
        let rest = entry - dot(row, i == j ? row : rows[j])
        row.append(i == j ? rest.squareRoot() : rest / rows[j][j])
      }
      rows.append(row)
    }
    factor = rows
  }

  func direction(for effect: [Double]) -> [Double] {
    var y = scouts.map { dot($0, effect) }
    for i in y.indices {
      for j in 0..<i { y[i] -= factor[i][j] * y[j] }
      y[i] /= factor[i][i]
    }
    for i in y.indices.reversed() {
      for j in (i + 1)..<y.endIndex { y[i] -= factor[j][i] * y[j] }
      y[i] /= factor[i][i]
    }
    var direction = effect
    for (scout, weight) in zip(scouts, y) {
      for i in direction.indices { direction[i] -= scout[i] * weight }
    }
    return direction
  }
}

/// Σ xᵢyᵢ, as far as both go.
private func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for i in 0..<min(x.count, y.count) { sum += x[i] * y[i] }
  return sum
}
