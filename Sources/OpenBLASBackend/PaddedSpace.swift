// The space that windows slide over, with its padding and its holes, in an order in which the places of a
// window are neighbours.
//
// A window at place p has its tap t at p·stride + t·dilation of an axis. Positions that are equal modulo
// the stride form a phase; within a phase neighbouring places are neighbours. In memory the phases
// follow each other, each row-major: place p of tap t is at taps[t] + Σ p · pitches, whatever the strides
// and dilations.

internal import Core

/// Where the elements of a padded space lie.
struct PaddedSpace: Sendable {
  /// How many elements it has.
  let size: Int
  /// Where the window at the first place has each of its taps.
  let taps: [Int]
  /// How far neighbouring places of each axis are apart.
  let pitches: [Int]
  /// Which position of the unpadded space each element holds; nil for padding and holes. Rows of the
  /// last axis.
  let sources: [[Int?]]

  init(_ window: Window, over space: [Int], places: [Int]) {
    let axes = space.indices.map { PaddedAxis(window, $0, space[$0], places: places[$0]) }
    let phase = axes.reduce(1) { $0 * $1.extent }
    let pitches = rowMajorStrides(axes.map(\.extent))
    let phases = rowMajorStrides(axes.map(\.phases))
    let strides = rowMajorStrides(space)
    self.pitches = pitches
    size = axes.reduce(phase) { $0 * $1.phases }
    taps = axes.indices.reduce([0]) { found, d in
      found.flatMap { base in
        axes[d].taps.map { base + $0.phase * phases[d] * phase + $0.index * pitches[d] }
      }
    }
    let tuples = axes.reduce([[]]) { found, axis in
      found.flatMap { head in (0..<axis.phases).map { head + [$0] } }
    }
    let flat = tuples.flatMap { tuple in
      axes.indices.reduce([0 as Int?]) { found, d in
        let held = axes[d].held(phase: tuple[d])
        return found.flatMap { base in
          held.map { source in
            base.flatMap { base in source.map { base + $0 * strides[d] } }
          }
        }
      }
    }
    let width = axes.last?.extent ?? 1
    sources = stride(from: 0, to: flat.count, by: width).map { Array(flat[$0..<($0 + width)]) }
  }
}

extension PaddedSpace {
  /// How far from the first the places of the leading axes are, row-major; there are `places` of each.
  func origins(_ places: ArraySlice<Int>) -> [Int] {
    places.indices.reduce([0]) { found, axis in
      found.flatMap { base in (0..<places[axis]).map { base + $0 * pitches[axis] } }
    }
  }
}

/// One axis of a padded space.
private struct PaddedAxis {
  /// As many as the stride, and how many positions one has.
  let phases: Int
  let extent: Int
  /// Where the first place has each tap.
  let taps: [(phase: Int, index: Int)]
  /// Which position of the unpadded axis each of the padded ones holds, in their own order.
  private let held: [Int?]

  init(_ window: Window, _ axis: Int, _ extent: Int, places: Int) {
    let (stride, dilation) = (window.strides[axis], window.windowDilation[axis])
    let taps = window.dimensions[axis]
    let last = (places - 1) * stride + (taps - 1) * dilation
    phases = stride
    self.extent = last / stride + 1
    self.taps = (0..<taps).map { ($0 * dilation % stride, $0 * dilation / stride) }
    var held = [Int?](repeating: nil, count: (last / stride + 1) * stride)
    for place in 0..<places {
      for tap in 0..<taps {
        held[place * stride + tap * dilation] = window.source(axis, place, tap, extent: extent)
      }
    }
    self.held = held
  }

  /// What the positions of a phase hold.
  func held(phase: Int) -> [Int?] {
    stride(from: phase, to: held.count, by: phases).map { held[$0] }
  }
}
