// A convolution whose window has more taps than places, as the gradient of a kernel has, as products with
// windows where they lie.
//
//   out[o, p, n] = Σ_i Σ_t W[o, i, t] · space_i[t + p, n], n: members of the batch.
// Each feature is copied into a padded space whose elements are rows of members: places and members
// together are neighbours, and what is contracted are the many taps. Every element is one chain of
// additions over (i, t), so the outputs are divided among the threads without a change of bits.

internal import Core

/// A convolution by features, ready to run.
struct KernelGradient: Sendable {
  /// The least number of neighbours for which vectors along them are worth while.
  private static let leastWidth = 8
  /// About how many elements of padded spaces are held at once.
  private static let heldElements = 1 << 20

  private let extents: ConvExtents
  private let space: PaddedSpace
  private let runs: WindowRuns
  /// Where the rows of the windows begin.
  private let rows: [Int]
  /// Where the lines of places begin.
  private let lines: [Int]
  /// Places of a line times members.
  private let width: Int

  /// nil where windows are better copied; neighbours in the lhs are `step` apart.
  init?(_ extents: ConvExtents, step: Int) {
    let (places, members) = (extents.places, extents.batch)
    guard extents.groupCount == 1, extents.terms > 0, let last = places.last,
      extents.tapCount > extents.placeCount, last * members >= Self.leastWidth
    else { return nil }
    let space = PaddedSpace(extents.window, over: extents.space, places: places)
    (self.extents, self.space) = (extents, space)
    runs = WindowRuns(space.sources, step: step)
    rows = space.taps.map { $0 * members }
    lines = space.origins(places.dropLast()).map { $0 * members }
    width = last * members
  }

  /// All of the result; members and features of x, outputs and features of y are so far apart.
  func run<S: BLASScalar>(
    _ x: UnsafePointer<S>, _ xSteps: (member: Int, feature: Int), _ y: UnsafePointer<S>,
    _ ySteps: (output: Int, feature: Int), _ target: UnsafeMutablePointer<S>, _ workers: Workers
  ) {
    let size = space.size * extents.batch
    let held = min(extents.features, max(1, Self.heldElements / size))
    var spaces = [S](repeating: .zero, count: held * size + S.overhang)
    spaces.withUnsafeMutableBufferPointer { spaces in
      guard let spaces = spaces.baseAddress else { return }
      for first in stride(from: 0, to: extents.features, by: held) {
        let features = first..<min(first + held, extents.features)
        workers.split(features.count, by: 1, worth: size) { part in
          for f in part {
            fill(spaces + f * size, x + (first + f) * xSteps.feature, xSteps.member)
          }
        }
        workers.split(
          extents.outFeatures, by: 2, worth: width * lines.count * rows.count * features.count / 4
        ) { outputs in
          for feature in features {
            multiply(
              outputs.count,
              y + feature * ySteps.feature + outputs.lowerBound * ySteps.output, ySteps.output,
              spaces + (feature - first) * size,
              into: target + outputs.lowerBound * lines.count * width, isAdded: feature > 0)
          }
        }
      }
    }
  }

  /// One feature of every member in a padded space of rows of members.
  private func fill<S: BLASScalar>(
    _ target: UnsafeMutablePointer<S>, _ source: UnsafePointer<S>, _ step: Int
  ) {
    let members = extents.batch
    runs.forEach { from, to, count, fromStep, toStep in
      if fromStep == 1 && toStep == 1 {
        return transpose(
          members, count, source + from, step: step, target + to * members, step: members)
      }
      for i in 0..<count {
        let (own, other) = (target + (to + i * toStep) * members, source + from + i * fromStep)
        for n in 0..<members { own[n] = other[n * step] }
      }
    }
  }

  /// `m` outputs' share of one feature.
  private func multiply<S: BLASScalar>(
    _ m: Int, _ y: UnsafePointer<S>, _ step: Int, _ space: UnsafePointer<S>,
    into target: UnsafeMutablePointer<S>, isAdded: Bool
  ) {
    rows.withUnsafeBufferPointer { rows in
      for (index, line) in lines.enumerated() {
        S.product(
          m, width, y, step: step, space + line, at: rows, target + index * width,
          step: lines.count * width, isAdded: isAdded)
      }
    }
  }
}

extension KernelGradient: CustomStringConvertible {
  /// `windows m=6 n=36 k=18 features=2`.
  var description: String {
    "windows m=\(extents.outFeatures) n=\(lines.count * width) k=\(rows.count) "
      + "features=\(extents.features)"
  }
}
