// Several implementations of one run beside the truth: what `assay audit tutorial` shows.
//
// Each implementation is judged by the prediction for its own error model. Invariant: implementations
// with the same model share one prediction, so that their numbers can be compared.

import Core
import Foundation

/// One implementation's run.
public struct DriftSubject: Sendable {
  /// How tables name it.
  public let name: String
  /// What it showed.
  public let record: RunRecord
  /// What it may err by.
  public let model: ErrorModel

  /// A run of an implementation that obeys `model`.
  public init(_ name: String, _ record: RunRecord, model: ErrorModel) {
    (self.name, self.record, self.model) = (name, record, model)
  }
}

/// The drift of several implementations along one run.
public struct DriftAudit: Sendable {
  /// The run.
  public let name: String
  /// What was found of each subject, in the order of the subjects, and the name of its error model.
  public let subjects: [(name: String, model: String, judgement: DriftJudgement)]
  /// How many steps there are.
  public let steps: Int

  /// Judges `subjects` of `program`; `probability` is that of a false alarm per subject.
  public init(
    _ program: IteratedProgram, _ subjects: [DriftSubject], seed: UInt64,
    probability: Double = 1e-9
  ) throws {
    var predictions: [String: DriftPrediction] = [:]
    self.subjects = try subjects.map { subject in
      let prediction =
        try predictions[subject.model.name]
        ?? DriftPrediction(program, model: subject.model, seed: seed)
      predictions[subject.model.name] = prediction
      return (
        subject.name, subject.model.name,
        prediction.judge(subject.record, falseAlarm: probability)
      )
    }
    name = program.name
    steps = program.data.count
  }

  /// One finding per subject and group, its worst point, and one for its worst suspicion.
  public var findings: [Finding] { distances + suspicions }

  private var distances: [Finding] {
    subjects.flatMap { subject in
      let groups = Dictionary(grouping: subject.judgement.points, by: \.group)
      return groups.keys.sorted().compactMap { group -> Finding? in
        let points = groups[group] ?? []
        let first = points.first { !$0.isWithin }
        guard let shown = first ?? points.max(by: { share($0) < share($1) }) else { return nil }
        return Finding(
          subject: "\(name) on \(subject.name)", family: "trajectory", check: "drift of \(group)",
          verdict: first == nil ? .pass : .fail, observed: shown.drift, allowed: shown.allowed,
          unit: "relative", detects: points.map(\.allowed).filter { $0 > 0 }.min(),
          compared: points.count, detail: "after step \(shown.step + 1)")
      }
    }
  }

  private var suspicions: [Finding] {
    subjects.compactMap { subject in
      let all = subject.judgement.suspicions
      let wrong = all.filter { !$0.isWithin }
      let worst = (wrong.isEmpty ? all : wrong).max { share($0) < share($1) }
      guard let shown = worst else { return nil }
      return Finding(
        subject: "\(name) on \(subject.name)", family: "trajectory",
        check: "numbers of the program",
        verdict: wrong.isEmpty ? .pass : .fail, observed: abs(shown.estimate),
        allowed: shown.allowed, unit: "relative", detects: all.map(\.allowed).max(),
        compared: all.count, detail: "as if \(shown.name) were another")
    }
  }

  /// For each subject the numbers of the program whose faults it would show best and worst.
  public var sensitivityTable: String {
    var table = TextTable(
      ["run on", "numbers", "sees", "typical", "at worst", "which is", "largest / allowed"],
      shrinking: 5)
    for subject in subjects {
      let all = subject.judgement.suspicions.sorted { $0.allowed < $1.allowed }
      guard let best = all.first, let last = all.last else { continue }
      let largest = all.map { share($0) }.max() ?? 0
      table.add([
        subject.name, "\(all.count)", cell(best.allowed), cell(all[all.count / 2].allowed),
        cell(last.allowed), last.name, String(format: "%.2f", largest),
      ])
    }
    return table.text(width: 120)
  }

  private func share(_ suspicion: DriftSuspicion) -> Double {
    abs(suspicion.estimate / suspicion.allowed)
  }

  private func share(_ point: DriftPoint) -> Double {
    point.drift == 0 ? 0 : point.drift / point.allowed
  }

  /// The drift of one group against steps, relative to the truth: a row for each doubling of the steps,
  /// then the drift of the exact run that began one ulp off, and what rounding explains per model.
  public func table(of group: String) -> String {
    let columns = subjects.map { subject in
      let points = subject.judgement.points.filter { $0.group == group }
      return Dictionary(points.map { ($0.step, $0) }) { first, _ in first }
    }
    let models = subjects.indices.filter { index in
      !subjects[..<index].contains { $0.model == subjects[index].model }
    }
    var table = TextTable(
      ["step"] + subjects.map(\.name) + ["one ulp"] + models.map { "\(subjects[$0].model) ≤" },
      shrinking: 0)
    for step in shownSteps(steps) {
      let points = columns.map { $0[step - 1] }
      table.add(
        ["\(step)"] + points.map { cell($0?.drift) } + [cell(points.first??.selfDrift)]
          + models.map { cell(points[$0]?.allowed) })
    }
    return table.text(width: 120)
  }

  private func cell(_ x: Double?) -> String {
    x.map { $0 == 0 ? "0" : String(format: "%.1e", $0) } ?? "–"
  }
}

/// 1, 2, 4, … and the last.
func shownSteps(_ steps: Int) -> [Int] {
  Array(sequence(first: 1) { $0 * 2 }.prefix { $0 < steps }) + [steps]
}
