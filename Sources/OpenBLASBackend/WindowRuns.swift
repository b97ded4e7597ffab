// The elements that a sliding window meets, as the rows of a matrix and few long copies.
//
// By taps a row holds one element of the window at every place, by places all elements at one place;
// what lies in padding or in a hole has no source and stays zero. Neighbours in a row that are equally
// far apart on both sides are one run, so that without dilation a row of space is one copy.

internal import Core

/// How to copy the windows over one feature into a matrix that holds zeros.
struct WindowRuns: Sendable {
  /// to[i · toStep] = from[i · fromStep] for i < count.
  private struct Run: Sendable {
    let from: Int
    let to: Int
    var count: Int
    var fromStep: Int
    var toStep: Int
  }

  private let runs: [Run]
  /// The elements of the matrix.
  let size: Int
  /// Whether the matrix is the feature itself.
  let isIdentity: Bool

  /// - Parameter sources: the rows; in each the positions in space, neighbours `step` apart in
  ///   memory.
  init(_ sources: [[Int?]], step: Int) {
    var runs: [Run] = []
    var start = 0
    for row in sources {
      runs += Self.runs(row.map { $0.map { $0 * step } }, at: start)
      start += row.count
    }
    self.runs = runs
    size = start
    isIdentity =
      runs.count == 1 && runs[0].count == start && runs[0].from == 0 && runs[0].fromStep == 1
  }

  private static func runs(_ row: [Int?], at start: Int) -> [Run] {
    var runs: [Run] = []
    for (column, source) in row.enumerated() {
      guard let source else { continue }
      let to = start + column
      if let last = runs.last {
        let steps = (source - last.from, to - last.to)
        if last.count == 1 {
          runs[runs.count - 1] = Run(
            from: last.from, to: last.to, count: 2, fromStep: steps.0, toStep: steps.1)
          continue
        } else if steps == (last.count * last.fromStep, last.count * last.toStep) {
          runs[runs.count - 1].count += 1
          continue
        }
      }
      runs.append(Run(from: source, to: to, count: 1, fromStep: 1, toStep: 1))
    }
    return runs
  }

  /// Each run: `to + i * toStep` has its element from `from + i * fromStep`, for i < count.
  func forEach(
    _ body: (_ from: Int, _ to: Int, _ count: Int, _ fromStep: Int, _ toStep: Int) -> Void
  ) {
    for run in runs { body(run.from, run.to, run.count, run.fromStep, run.toStep) }
  }

  /// Copies one feature's windows; the places without a source are left as they are.
  func copy<T>(_ from: UnsafePointer<T>, into to: UnsafeMutablePointer<T>) {
    runs.withUnsafeBufferPointer { runs in
      for run in runs {
        let (source, target) = (from + run.from, to + run.to)
        if run.fromStep == 1 && run.toStep == 1 {
          target.update(from: source, count: run.count)
        } else {
          for i in 0..<run.count { target[i * run.toStep] = source[i * run.fromStep] }
        }
      }
    }
  }
}
