// `assay audit tutorial`: the drift of whole training runs against steps.
//
// The runs are those of the fixture, so that the original's numbers can stand beside ours; the truth
// and everything of ours is computed here, from nothing but the seed of each run.

import Charts
import Core
import Foundation
import OpenBLASBackend
import Oracle
import Synchronization
import Trajectories

/// The training runs of the fixture on every implementation, and their tables and pictures.
struct TutorialAudit {
  /// Which runs of the fixture are shown when none is named: one of each network.
  static let usual = ["resnet_adam", "batchnorm_batch"]
  let fixture: String
  /// The runs by name.
  let runs: [String]
  /// The folder for pictures; none are drawn without.
  let pictures: String?
  let seed: UInt64

  /// Prints the tables and returns the findings. The runs are audited side by side.
  func run() throws -> [Finding] {
    let golden = try chosen()
    if let pictures {
      try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    }
    let audits = Mutex<[Int: Result<DriftAudit, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: golden.count) { index in
      let result = Result { try audit(golden[index]) }
      audits.withLock { $0[index] = result }
    }
    let done = audits.withLock { $0 }
    return try golden.indices.compactMap { done[$0] }.flatMap { try show($0.get()) }
  }

  /// The runs that were asked for.
  /// - Throws: `UsageError.unknownRun` for one that the fixture has not.
  private func chosen() throws -> [GoldenTrajectory] {
    let all = try GoldenTrajectory.all(in: fixture)
    return try (runs.isEmpty ? Self.usual : runs).map { name in
      guard let run = all.first(where: { $0.name == name }) else {
        throw UsageError.unknownRun(name, known: all.map(\.name))
      }
      return run
    }
  }

  private func show(_ audit: DriftAudit) throws -> [Finding] {
    for group in ["weights", "loss"] {
      print("\n\(audit.name): drift of the \(group) from the truth, relative, by steps")
      print(audit.table(of: group))
    }
    print(
      "\n\(audit.name): the smallest relative fault in a number of the program that would be seen")
    print(audit.sensitivityTable)
    try draw(audit)
    return audit.findings
  }

  private func audit(_ run: GoldenTrajectory) throws -> DriftAudit {
    // All on the original's targets: its sine rounds otherwise than ours.
    let program = try TrainingProgram(
      run.name, run.parameters, targets: run.array("drawn/y_train")
    ).program
    let subjects = try [
      DriftSubject("reference", program.record(on: ReferenceBackend()), model: .reference),
      DriftSubject("openblas", program.record(on: OpenBLASBackend()), model: .reference),
      DriftSubject("jax eager", run.record("f32", of: program), model: .jax),
      DriftSubject("jax jit", run.record("jit_f32", of: program), model: .jax),
    ]
    return try DriftAudit(program, subjects, seed: seed)
  }

  private func draw(_ audit: DriftAudit) throws {
    guard let pictures else { return }
    for group in ["weights", "loss"] {
      let path = "\(pictures)/drift-\(audit.name)-\(group).svg"
      print("\(group): \(try chart(audit, group).write(to: path))")
    }
  }

  private func chart(_ audit: DriftAudit, _ group: String) -> Chart {
    func series(
      _ name: String, _ points: [DriftPoint], _ value: (DriftPoint) -> Double
    ) -> Chart.Series {
      let own = points.filter { $0.group == group }
      return Chart.Series(name, x: own.map { Double($0.step + 1) }, y: own.map(value))
    }
    let ours = audit.subjects.first?.judgement.points ?? []
    return Chart(
      "\(audit.name): distance from the truth, \(group)", x: "step", y: "relative",
      isLogarithmic: true,
      audit.subjects.map { series($0.name, $0.judgement.points, \.drift) }
        + [
          series("one ulp at the start", ours, \.selfDrift),
          series("explained by rounding", ours, \.allowed),
        ])
  }
}
