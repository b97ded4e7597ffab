// What stands in the padding of a convolution: zeros, or elements of the input again.
//
// Each mode is a list of indices into the axis; runs of neighbours become slices, reversed slices or
// repetitions, so that the derivative is that of plain movement.

internal import Core

/// What stands in the padding of a convolution.
public enum PaddingMode: String, Hashable, Sendable, CaseIterable {
  /// Zeros.
  case zeros = "ZEROS"
  /// The input mirrored at its outermost elements, which are not repeated.
  case reflect = "REFLECT"
  /// The outermost elements.
  case replicate = "REPLICATE"
  /// The other end: the axis is a circle.
  case circular = "CIRCULAR"

  /// The mode that Equinox names so, in either case.
  /// - Throws: `LayerError.badArgument` for another name.
  public init(named name: String) throws {
    guard let mode = PaddingMode(rawValue: name.uppercased()) else {
      throw LayerError.badArgument(
        "`padding_mode` must be `'ZEROS'`, `'REFLECT'`, `'REPLICATE'`, or `'CIRCULAR'`, got "
          + "'\(name)'")
    }
    self = mode
  }

  /// The element of an axis of `extent` that stands at `place`, which may lie outside; nil for zero.
  func source(_ place: Int, extent: Int) -> Int? {
    if (0..<extent).contains(place) { return place }
    switch self {
    case .zeros: return nil
    case .replicate: return place < 0 ? 0 : extent - 1
    case .circular: return modulo(place, extent)
    case .reflect:
      let period = 2 * (extent - 1)
      let folded = period == 0 ? 0 : modulo(place, period)
      return folded < extent ? folded : period - folded
    }
  }

  /// `x: [channels, space…]` with `edges` before and after each spatial axis.
  func pad(_ x: Tensor, _ edges: [EdgePadding]) throws -> Tensor {
    try edges.enumerated().reduce(x) { x, next in
      let (axis, edge) = (next.offset + 1, next.element)
      let extent = x.shape[axis]
      try demandInput(edge.low >= 0 && edge.high >= 0, "index can't contain negative values")
      if edge.low == 0 && edge.high == 0 { return x }
      try demandInput(
        extent > 0, "Cannot apply '\(rawValue.lowercased())' padding to empty axis")
      let indices = (-edge.low..<extent + edge.high).compactMap { source($0, extent: extent) }
      return try concatenate(
        runs(indices).map { try $0.read(x, axis: axis) }, axis: axis)
    }
  }
}

/// Indices that follow each other in steps of −1, 0 or 1.
private struct Run {
  var first: Int
  var last: Int
  var count: Int

  func read(_ x: Tensor, axis: Int) throws -> Tensor {
    let part = try slice(x, axis: axis, from: min(first, last), to: max(first, last) + 1)
    if first > last { return try rev(part, [axis]) }
    if first < last || count == 1 { return part }
    var shape = part.shape
    shape[axis] = count
    return try broadcastInDim(part, shape: shape, dims: Array(shape.indices))
  }
}

/// The indices cut into runs.
private func runs(_ indices: [Int]) -> [Run] {
  indices.reduce(into: []) { runs, index in
    guard var run = runs.last else {
      runs.append(Run(first: index, last: index, count: 1))
      return
    }
    let step = index - run.last
    let isLonger =
      abs(step) <= 1 && (run.count == 1 || step * (run.count - 1) == run.last - run.first)
    guard isLonger else {
      runs.append(Run(first: index, last: index, count: 1))
      return
    }
    run.last = index
    run.count += 1
    runs[runs.count - 1] = run
  }
}

/// The remainder in `0 ..< n`.
private func modulo(_ x: Int, _ n: Int) -> Int {
  let rest = x % n
  return rest < 0 ? rest + n : rest
}
