// Convolution: the cross-correlation of every group of lhs features with its own windows.

/// The extents of a convolution with its axes in the order (batch, feature, space).
package struct ConvExtents {
  /// Members of the batch and features of one group of the lhs.
  package let batch: Int
  package let features: Int
  /// Output features of one group.
  package let outFeatures: Int
  /// Feature groups, or batch groups; one of the two is 1.
  package let groups: Int
  package let batchGroups: Int
  /// The spatial extents of the lhs, the window over them, and how often it is placed.
  package let space: [Int]
  package let window: Window
  package let places: [Int]

  package init(_ c: Convolution, lhs: [Int], rhs: [Int]) {
    let d = c.dimensionNumbers
    groups = c.featureGroupCount
    batchGroups = c.batchGroupCount
    batch = lhs[d.lhsSpec[0]] / c.batchGroupCount
    features = rhs[d.rhsSpec[1]]
    outFeatures = rhs[d.rhsSpec[0]] / Swift.max(c.featureGroupCount, c.batchGroupCount)
    space = c.space(lhs: lhs)
    window = c.window(rhs: rhs)
    places = window.places(over: space)
  }

  /// How many products one element of the result adds up at most.
  package var terms: Int { features * tapCount }

  /// How many taps the window has, and how many places.
  package var tapCount: Int { window.dimensions.reduce(1, *) }
  package var placeCount: Int { places.reduce(1, *) }

  /// How many products of matrices a member of the batch takes part in.
  package var groupCount: Int { groups * batchGroups }
}

extension ReferenceInterpreter {
  /// out[n, o, p] = Σ_i Σ_k lhs[n, i, p·stride + k·dilation − low] · rhs[o, i, k], over the i of o's
  /// group and the k that meet an element of lhs: padding and holes add nothing.
  static func convKernel(_ x: Value, _ y: Value, _ c: Convolution) -> Value {
    switch (x, y) {
    case (.inexact(let x), .inexact(let y)):
      .inexact(convolved(x, y, c, S.zero) { $0 + $1 * $2 })
    case (.i32(let x), .i32(let y)): .i32(convolved(x, y, c, 0) { $0 &+ $1 &* $2 })
    case (.u32(let x), .u32(let y)): .u32(convolved(x, y, c, 0) { $0 &+ $1 &* $2 })
    case (.bool(let x), .bool(let y)): .bool(convolved(x, y, c, false) { $0 || $1 && $2 })
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _):
      preconditionFailure("convolution of mixed dtypes passed the typing rule")
    }
  }

  private static func convolved<T>(
    _ x: DenseArray<T>, _ y: DenseArray<T>, _ c: Convolution, _ zero: T,
    _ accumulate: (T, T, T) -> T
  ) -> DenseArray<T> {
    let (e, d) = (ConvExtents(c, lhs: x.shape, rhs: y.shape), c.dimensionNumbers)
    let (lhs, rhs) = (AxisPositions(x.shape), AxisPositions(y.shape))
    let shape = c.shape(lhs: x.shape, rhs: y.shape)
    let out = AxisPositions(shape)
    let (batches, features) = (lhs.over([d.lhsSpec[0]]), lhs.over([d.lhsSpec[1]]))
    let (outputs, inputs) = (rhs.over([d.rhsSpec[0]]), rhs.over([d.rhsSpec[1]]))
    let taps = convTaps(c, lhs, rhs)
    var scalars = [T](repeating: zero, count: shape.reduce(1, *))
    var targets = out.over(d.outSpec).makeIterator()
    for n in 0..<e.batch {
      for o in outputs.indices {
        let group = o / e.outFeatures
        let member = batches[e.batchGroups > 1 ? group * e.batch + n : n]
        let first = e.groups > 1 ? group * e.features : 0
        for meetings in taps {
          var total = zero
          for i in inputs.indices {
            let (left, right) = (member + features[first + i], outputs[o] + inputs[i])
            for (a, b) in meetings {
              total = accumulate(total, x.scalars[left + a], y.scalars[right + b])
            }
          }
          if let target = targets.next() { scalars[target] = total }
        }
      }
    }
    return DenseArray(shape: shape, scalars: scalars)
  }
}

/// For each place of the window the spatial positions of lhs and rhs that meet there.
private func convTaps(
  _ c: Convolution, _ lhs: AxisPositions, _ rhs: AxisPositions
) -> [[(lhs: Int, rhs: Int)]] {
  let d = c.dimensionNumbers
  let own = lhs.over(Array(d.lhsSpec.dropFirst(2)))
  let kernel = rhs.over(Array(d.rhsSpec.dropFirst(2)))
  let window = c.window(rhs: rhs.shape)
  return window.positions(over: c.space(lhs: lhs.shape)).map { sources in
    sources.indices.compactMap { k in sources[k].map { (own[$0], kernel[k]) } }
  }
}
