// A convolution as windows copied into a matrix ("im2col") and gemm, for whole numbers and for few
// places.
//
// By members, for each member n of the batch and each group, W[g]: [outputs, features·taps] in place:
//   out[n, g] = W[g] · col, col: [features·taps, places].
// By features, when the window has more taps than places:
//   out[o, (n, p)] = Σ_i W_i · col_iᵀ, W_i: [outputs, taps], col_i: [batch·places, taps].

internal import Core

/// A convolution with copied windows, ready to run.
struct ColumnConvolution: Sendable {
  enum Order: Sendable {
    case byMembers, byFeatures
  }

  private let extents: ConvExtents
  let order: Order
  private let runs: WindowRuns

  /// Neighbours in the lhs are `step` apart.
  init(_ extents: ConvExtents, _ order: Order, step: Int) {
    (self.extents, self.order) = (extents, order)
    let met = extents.window.positions(over: extents.space)
    let sources = order == .byFeatures ? met : transposed(met, columns: extents.tapCount)
    runs = WindowRuns(sources, step: step)
  }

  private var groups: Int { extents.groupCount }
  private var places: Int { extents.placeCount }
  private var taps: Int { extents.tapCount }

  /// By members; features of x are `step` apart, and `start` says where those of a group of a member
  /// begin.
  func run<S: MatrixElement>(
    _ x: UnsafePointer<S>, feature step: Int, start: (_ member: Int, _ group: Int) -> Int,
    _ y: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>
  ) {
    let (m, k) = (extents.outFeatures, extents.terms)
    let isInPlace = runs.isIdentity && (extents.features == 1 || step == runs.size)
    var columns = [S](repeating: .zero, count: isInPlace ? 0 : k * places)
    columns.withUnsafeMutableBufferPointer { columns in
      let scratch = isInPlace ? nil : columns.baseAddress
      for n in 0..<extents.batch {
        for group in 0..<groups {
          S.gemm(
            m, places, k,
            y + group * m * k, MatrixLayout(isTransposed: false, leading: k),
            windows(x + start(n, group), step, scratch),
            MatrixLayout(isTransposed: false, leading: places),
            target + (n * groups + group) * m * places)
        }
      }
    }
  }

  /// The windows over the features from `source` on, in `scratch` if they are not there already.
  private func windows<S>(
    _ source: UnsafePointer<S>, _ step: Int, _ scratch: UnsafeMutablePointer<S>?
  ) -> UnsafePointer<S> {
    guard let scratch else { return source }
    for feature in 0..<extents.features {
      runs.copy(source + feature * step, into: scratch + feature * runs.size)
    }
    return UnsafePointer(scratch)
  }

  /// By features, into [outputs, batch · places]; members and features of x, outputs and features of y
  /// are so far apart.
  func run<S: BLASScalar>(
    _ x: UnsafePointer<S>, _ xSteps: (member: Int, feature: Int), _ y: UnsafePointer<S>,
    _ ySteps: (output: Int, feature: Int), _ target: UnsafeMutablePointer<S>
  ) {
    let count = extents.batch * places
    var columns = [S](repeating: .zero, count: count * taps)
    columns.withUnsafeMutableBufferPointer { columns in
      guard let columns = columns.baseAddress else { return }
      for feature in 0..<extents.features {
        for n in 0..<extents.batch {
          runs.copy(
            x + n * xSteps.member + feature * xSteps.feature, into: columns + n * runs.size)
        }
        S.gemm(
          extents.outFeatures, count, taps,
          y + feature * ySteps.feature,
          MatrixLayout(isTransposed: false, leading: ySteps.output),
          columns, MatrixLayout(isTransposed: true, leading: taps),
          target, leading: count, isAdded: feature > 0)
      }
    }
  }
}

extension ColumnConvolution {
  /// `im2col sgemm(N, N) m=6 n=36 k=18 batch=2 groups=1`.
  func description(_ dtype: DType) -> String {
    switch order {
    case .byMembers:
      "im2col \(routinePrefix(dtype))gemm(N, N) m=\(extents.outFeatures) n=\(places) "
        + "k=\(extents.terms) batch=\(extents.batch) groups=\(groups)"
    case .byFeatures:
      "im2col \(routinePrefix(dtype))gemm(N, T) m=\(extents.outFeatures) "
        + "n=\(extents.batch * places) k=\(taps) features=\(extents.features)"
    }
  }
}

/// The rows of a table as its columns.
private func transposed(_ table: [[Int?]], columns: Int) -> [[Int?]] {
  (0..<columns).map { column in table.map { $0[column] } }
}
