// A convolution as products with windows where they lie: no matrix of windows is ever written.
//
//   out[n, g] = W[g] · windows(n, g), W[g]: [outputs, features·taps] in place.
// The features that a group reads are copied into a padded space, in which the places of a window are
// neighbours; row (i, t) of the windows begins where the first place of feature i has tap t. Places
// are taken line by line, or in one stretch whose ends of lines nobody reads, whichever is shorter. Each
// element is one chain of additions over (i, t): members, groups and rows are divided among the threads
// without a change of bits.

internal import Core

/// A convolution by members of the batch, ready to run.
struct DirectConvolution: Sendable {
  /// The least number of places for which vectors along them are worth while.
  private static let leastPlaces = 8
  /// Up to so many members and groups, the rows of one are divided too.
  private static let fewMatrices = 4

  private let extents: ConvExtents
  private let space: PaddedSpace
  private let runs: WindowRuns
  /// Where the rows of the windows begin.
  private let rows: [Int]
  /// Where the lines of places begin in the padded space, and how many places each has.
  private let lines: [Int]
  private let width: Int
  /// From the first place to behind the last, if the lines are taken in one stretch.
  private let stretch: Int?

  /// nil where windows are better copied; neighbours in the lhs are `step` apart.
  init?(_ extents: ConvExtents, step: Int) {
    let places = extents.places
    guard extents.placeCount >= Self.leastPlaces, extents.terms > 0 else { return nil }
    let space = PaddedSpace(extents.window, over: extents.space, places: places)
    (self.extents, self.space) = (extents, space)
    runs = WindowRuns(space.sources, step: step)
    rows = (0..<extents.features).flatMap { i in space.taps.map { i * space.size + $0 } }
    lines = space.origins(places.dropLast())
    width = places[places.count - 1]
    let end = lines[lines.count - 1] + width
    stretch = wholeVectors(end) < lines.count * wholeVectors(width) ? end : nil
  }

  private var groups: Int { extents.groupCount }
  private var places: Int { extents.placeCount }

  /// All of the result; `start` says where the features of a group of a member begin in x.
  func run<S: BLASScalar>(
    _ x: UnsafePointer<S>, feature step: Int, start: (_ member: Int, _ group: Int) -> Int,
    _ y: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, _ workers: Workers
  ) {
    let (m, matrices) = (extents.outFeatures, extents.batch * groups)
    let pieces = matrices < Self.fewMatrices ? min(m, Self.fewMatrices) : 1
    workers.split(
      matrices * pieces, by: 1, worth: m * places * extents.terms / pieces / 4
    ) { range in
      let size = extents.features * space.size + S.overhang
      var panel = [S](repeating: .zero, count: size)
      var held: Int?
      panel.withUnsafeMutableBufferPointer { panel in
        guard let panel = panel.baseAddress else { return }
        for index in range {
          let (matrix, piece) = index.quotientAndRemainder(dividingBy: pieces)
          let (member, group) = matrix.quotientAndRemainder(dividingBy: groups)
          if held != matrix { fill(panel, x + start(member, group), step) }
          held = matrix
          let outputs = (m * piece / pieces)..<(m * (piece + 1) / pieces)
          multiply(
            outputs.count, y + (group * m + outputs.lowerBound) * extents.terms, panel,
            into: target + (matrix * m + outputs.lowerBound) * places)
        }
      }
    }
  }

  /// The features from `source` on, each in its padded space.
  private func fill<S>(
    _ panel: UnsafeMutablePointer<S>, _ source: UnsafePointer<S>, _ step: Int
  ) {
    for feature in 0..<extents.features {
      runs.copy(source + feature * step, into: panel + feature * space.size)
    }
  }

  /// `m` rows of one matrix of the result.
  private func multiply<S: BLASScalar>(
    _ m: Int, _ y: UnsafePointer<S>, _ panel: UnsafePointer<S>,
    into target: UnsafeMutablePointer<S>
  ) {
    rows.withUnsafeBufferPointer { rows in
      guard let stretch else {
        for (index, line) in lines.enumerated() {
          S.product(
            m, width, y, step: extents.terms, panel + line, at: rows, target + index * width,
            step: places, isAdded: false)
        }
        return
      }
      withUnsafeTemporaryAllocation(of: S.self, capacity: m * stretch) { computed in
        guard let computed = computed.baseAddress else { return }
        S.product(
          m, stretch, y, step: extents.terms, panel, at: rows, computed, step: stretch,
          isAdded: false)
        for output in 0..<m {
          for (index, line) in lines.enumerated() {
            (target + output * places + index * width)
              .initialize(from: computed + output * stretch + line, count: width)
          }
        }
      }
    }
  }
}

extension DirectConvolution: CustomStringConvertible {
  /// `windows m=6 n=36 k=18 batch=2 groups=1`.
  var description: String {
    "windows m=\(extents.outFeatures) n=\(places) k=\(extents.terms) batch=\(extents.batch) "
      + "groups=\(groups)"
  }
}

/// `count` rounded up to whole vectors.
private func wholeVectors(_ count: Int) -> Int { (count + 15) / 16 * 16 }
