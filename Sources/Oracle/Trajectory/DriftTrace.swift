// The drift of a run that is too long to simulate: measured, not judged.
//
// All implementations go step by step beside the run in Double, with the literals of the program's dtype: beside the
// drift of f32 its own is nothing (2⁻²⁹ of it). One run more in Double starts an ulp off. Only distances are
// kept, so that a run of a thousand steps needs no more memory than one step.

import Catalogue
public import Core
import Foundation

/// Distances from the truth by steps.
public struct DriftTrace: Sendable {
  /// After how many steps.
  public let steps: [Int]
  /// The implementations, then the run that started one ulp off: relative distances.
  public let columns: [(name: String, drift: [Double])]

  /// The drift of group `group` of an f32 `program` on each of `backends`.
  public init(
    _ program: IteratedProgram, group: String, on backends: [any Backend], seed: UInt64
  ) throws {
    let outputs = program.groups.first { $0.name == group }?.outputs ?? []
    let executables = try backends.map { try $0.compile(program.step) }
    var states = backends.map { _ in program.start }
    let start = program.start.map { ReferenceValue<Double>($0) }
    var signs = SeededGenerator(seed: seed, name: "one ulp", 0)
    let moved = zip(start, program.start).map { $0.movedByOneUlp($1.storage.dtype, &signs) }
    var exact = [start, moved].map { DriftParticle(.start, state: $0) }
    var found = Array(repeating: [Double](), count: backends.count + 1)
    steps = shownSteps(program.data.count)
    for (index, data) in program.data.enumerated() {
      let step = try TruthStep.exact(program.step, data)
      let wide = try exact.indices.map { i in
        let outs = try exact[i].advance(program.step, step)
        return outputs.flatMap { outs[$0].doubles }
      }
      for (i, executable) in executables.enumerated() {
        let outs = try executable.run(states[i] + data)
        states[i] = Array(outs.prefix(program.start.count))
        guard steps.contains(index + 1) else { continue }
        let own = outputs.flatMap { outs[$0].storage.exact.map { Double($0) } }
        found[i].append(relativeDistance(own, wide[0]))
      }
      if steps.contains(index + 1) {
        found[backends.count].append(relativeDistance(wide[1], wide[0]))
      }
    }
    columns = zip(backends.map(\.name) + ["one ulp"], found).map { ($0, $1) }
  }

  /// A row for each number of steps.
  public var table: String {
    var table = TextTable(["step"] + columns.map(\.name), shrinking: 0)
    for (row, step) in steps.enumerated() {
      table.add(["\(step)"] + columns.map { String(format: "%.1e", $0.drift[row]) })
    }
    return table.text(width: 120)
  }
}

/// ‖x − y‖ / ‖y‖
private func relativeDistance(_ x: [Double], _ y: [Double]) -> Double {
  euclideanNorm(zip(x, y).map { $0 - $1 }) / euclideanNorm(y)
}
