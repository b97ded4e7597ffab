// Sliding windows: what convolutions and windowed reductions have in common, as XLA defines them.
//
// Along one axis the operand is dilated (holes between neighbours), then padded (negative padding
// crops); a dilated window then slides over it in strides. Parameters are those of `jax.lax`.

/// The padding of one axis; negative crops.
public struct EdgePadding: Hashable, Sendable {
  /// Elements before the first.
  public var low: Int
  /// Elements after the last.
  public var high: Int

  /// `low` elements before and `high` after.
  public init(_ low: Int, _ high: Int) {
    self.low = low
    self.high = high
  }
}

/// A window over every axis of an operand.
public struct Window: Hashable, Sendable {
  /// The extent of the window on each axis.
  public var dimensions: [Int]
  /// How far it moves on each axis.
  public var strides: [Int]
  /// The padding of each axis.
  public var padding: [EdgePadding]
  /// How far neighbours of the operand are put apart.
  public var baseDilation: [Int]
  /// How far neighbours of the window are put apart.
  public var windowDilation: [Int]

  /// Strides and dilations are 1 and padding 0 where not given.
  public init(
    _ dimensions: [Int], strides: [Int]? = nil, padding: [EdgePadding]? = nil,
    baseDilation: [Int]? = nil, windowDilation: [Int]? = nil
  ) {
    let ones = dimensions.map { _ in 1 }
    self.dimensions = dimensions
    self.strides = strides ?? ones
    self.padding = padding ?? dimensions.map { _ in EdgePadding(0, 0) }
    self.baseDilation = baseDilation ?? ones
    self.windowDilation = windowDilation ?? ones
  }
}

/// Which axes of the operands of a convolution are batch, feature and space.
public struct ConvDimensionNumbers: Hashable, Sendable {
  /// The axes (batch, feature, space…) of the lhs.
  public var lhsSpec: [Int]
  /// The axes (out feature, in feature, space…) of the rhs.
  public var rhsSpec: [Int]
  /// The axes (batch, feature, space…) of the result.
  public var outSpec: [Int]

  /// One permutation of the axes for each of lhs, rhs and result.
  public init(lhsSpec: [Int], rhsSpec: [Int], outSpec: [Int]) {
    self.lhsSpec = lhsSpec
    self.rhsSpec = rhsSpec
    self.outSpec = outSpec
  }
}

/// The parameters of `conv_general_dilated`.
public struct Convolution: Hashable, Sendable {
  /// How far the window moves on each spatial axis.
  public var windowStrides: [Int]
  /// The padding of each spatial axis of the lhs.
  public var padding: [EdgePadding]
  /// How far neighbours of the lhs are put apart.
  public var lhsDilation: [Int]
  /// How far neighbours of the rhs are put apart.
  public var rhsDilation: [Int]
  /// What each axis means.
  public var dimensionNumbers: ConvDimensionNumbers
  /// Into how many groups the features of the lhs are divided.
  public var featureGroupCount: Int
  /// Into how many groups the batch of the lhs is divided.
  public var batchGroupCount: Int

  /// All parameters, as JAX binds them.
  public init(
    windowStrides: [Int], padding: [EdgePadding], lhsDilation: [Int], rhsDilation: [Int],
    dimensionNumbers: ConvDimensionNumbers, featureGroupCount: Int = 1, batchGroupCount: Int = 1
  ) {
    self.windowStrides = windowStrides
    self.padding = padding
    self.lhsDilation = lhsDilation
    self.rhsDilation = rhsDilation
    self.dimensionNumbers = dimensionNumbers
    self.featureGroupCount = featureGroupCount
    self.batchGroupCount = batchGroupCount
  }

  /// The window over the spatial axes, its extents those of an rhs of shape `rhs`.
  package func window(rhs: [Int]) -> Window {
    Window(
      dimensions(rhs), strides: windowStrides, padding: padding, baseDilation: lhsDilation,
      windowDilation: rhsDilation)
  }

  /// The spatial extents of an lhs of shape `lhs`.
  package func space(lhs: [Int]) -> [Int] {
    dimensionNumbers.lhsSpec.dropFirst(2).map { lhs[$0] }
  }

  private func dimensions(_ rhs: [Int]) -> [Int] {
    dimensionNumbers.rhsSpec.dropFirst(2).map { rhs[$0] }
  }
}

/// `extent` elements with `dilation` − 1 holes between neighbours.
package func dilated(_ extent: Int, _ dilation: Int) -> Int {
  extent == 0 ? 0 : 1 + dilation * (extent - 1)
}

/// `extents` dilated axis by axis.
package func dilated(_ extents: [Int], _ dilation: [Int]) -> [Int] {
  zip(extents, dilation).map { dilated($0, $1) }
}

/// Every sum of one of `bases` and one of `steps`, row-major; nil where either is.
private func combined(_ bases: [Int?], _ steps: [Int?]) -> [Int?] {
  bases.flatMap { base in
    steps.map { step in
      if let base, let step { base + step } else { nil }
    }
  }
}

extension Window {
  /// The extent of the padded operand on each axis, holes included.
  package func padded(_ extents: [Int]) -> [Int] {
    zip(dilated(extents, baseDilation), padding).map { $0 + $1.low + $1.high }
  }

  /// How many places the window takes on each axis: 0 where it does not fit.
  package func places(over extents: [Int]) -> [Int] {
    let (padded, window) = (padded(extents), dilated(dimensions, windowDilation))
    return padded.indices.map { axis in
      let room = padded[axis] - window[axis]
      return room < 0 ? 0 : room / strides[axis] + 1
    }
  }

  /// The index on `axis` that element `tap` of the window reads when it stands at `place`; nil in
  /// the padding and in holes.
  package func source(_ axis: Int, _ place: Int, _ tap: Int, extent: Int) -> Int? {
    let at = place * strides[axis] + tap * windowDilation[axis] - padding[axis].low
    let index = at / baseDilation[axis]
    return at >= 0 && at % baseDilation[axis] == 0 && index < extent ? index : nil
  }

  /// The window of an operand with a new axis in front, over which it does not slide.
  package var withLeadingAxis: Window {
    Window(
      [1] + dimensions, strides: [1] + strides, padding: [EdgePadding(0, 0)] + padding,
      baseDilation: [1] + baseDilation, windowDilation: [1] + windowDilation)
  }

  /// For each place of the window over `extents`, row-major, the flat position that each of its
  /// elements reads, row-major; nil in the padding and in holes.
  package func positions(over extents: [Int]) -> [[Int?]] {
    let steps = rowMajorStrides(extents)
    let places = places(over: extents)
    var found: [[Int?]] = [[0]]
    for axis in extents.indices {
      let along = (0..<places[axis]).map { place in
        (0..<dimensions[axis]).map { tap in
          source(axis, place, tap, extent: extents[axis]).map { $0 * steps[axis] }
        }
      }
      found = found.flatMap { taps in along.map { combined(taps, $0) } }
    }
    return found
  }
}
