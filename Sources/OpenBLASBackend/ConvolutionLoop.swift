// conv_general_dilated as windows copied into a matrix ("im2col") and gemm.
//
// By members, for each member n of the batch and each group, W[g]: [outputs, features·taps] in place:
//   out[n, g] = W[g] · col, col: [features·taps, places].
// By features, when the window has more taps than places, as the gradient of a kernel has:
//   out[o, (n, p)] = Σ_i W_i · col_iᵀ, W_i: [outputs, taps], col_i: [batch·places, taps].
// Equals the reference within γ_K (|lhs| |rhs|), K = features · taps: the added zeros are exact, and
// γ_K covers every order. Whole numbers and booleans are equal bit for bit. Each part of the batch can
// be computed on its own.

internal import Core

/// A convolution, ready to run.
struct ConvolutionLoop: Sendable {
  private enum Order: Sendable {
    case byMembers, byFeatures
  }

  private let out: ShapedArray
  private let extents: ConvExtents
  private let order: Order
  private let lhs: ConvolutionOperand
  private let rhs: ConvolutionOperand
  private let runs: WindowRuns
  private let restored: Movement?
  private let places: Int
  private let taps: Int

  /// - Throws: `TraceError.badArgument` when an extent exceeds the integers of BLAS.
  init(
    _ x: ShapedArray, _ y: ShapedArray, _ c: Convolution, _ out: ShapedArray
  ) throws {
    let d = c.dimensionNumbers
    let extents = ConvExtents(c, lhs: x.shape, rhs: y.shape)
    (self.out, self.extents) = (out, extents)
    places = extents.places.reduce(1, *)
    taps = extents.window.dimensions.reduce(1, *)
    let hasGroups = extents.groups * extents.batchGroups > 1
    order = out.dtype.isInexact && !hasGroups && taps > places ? .byFeatures : .byMembers
    lhs = ConvolutionOperand(x, d.lhsSpec, isPacked: false)
    // Rows of W_i are `first` apart and contiguous; W[g] is one matrix.
    let inPlace = ConvolutionOperand(y, d.rhsSpec, isPacked: false)
    rhs =
      order == .byFeatures && inPlace.step == 1 && inPlace.first >= taps
      ? inPlace : ConvolutionOperand(y, d.rhsSpec, isPacked: true)
    let met = extents.window.positions(over: extents.space)
    let sources = order == .byFeatures ? met : transposed(met, columns: taps)
    runs = WindowRuns(sources, step: lhs.step)
    // The axes of the result as they are computed.
    let computed =
      order == .byMembers ? d.outSpec : [d.outSpec[1], d.outSpec[0]] + d.outSpec.dropFirst(2)
    restored = permuting(
      out.with(shape: computed.map { out.shape[$0] }),
      computed.indices.sorted { computed[$0] < computed[$1] })
    try requireCountable(
      "conv_general_dilated", out.dtype,
      [extents.outFeatures, places * extents.batch, extents.terms, lhs.first, rhs.first])
  }

  /// The convolution; the operands have the types that it was made for.
  func run(_ x: Buffer, _ y: Buffer) -> Buffer {
    let (x, y) = (lhs.prepared(x).storage, rhs.prepared(y).storage)
    let result: Storage =
      switch out.dtype {
      case .f32: .f32(inexact(Float.array(x), Float.array(y)))
      case .f64: .f64(inexact(Double.array(x), Double.array(y)))
      case .i32: .i32(convolved(Int32.array(x), Int32.array(y), byMembers))
      case .u32: .u32(convolved(UInt32.array(x), UInt32.array(y), byMembers))
      case .bool: .bool(convolved(Bool.array(x), Bool.array(y), byMembers))
      }
    guard let restored else { return Buffer(shape: out.shape, result) }
    return restored.run([Buffer(shape: out.shape, result)])
  }

  private var groups: Int { extents.groups * extents.batchGroups }

  private func inexact<S: BLASScalar>(_ x: [S], _ y: [S]) -> [S] {
    switch order {
    case .byMembers: convolved(x, y, byMembers)
    case .byFeatures: convolved(x, y, byFeatures)
    }
  }

  private func convolved<S: MatrixElement>(
    _ x: [S], _ y: [S],
    _ loop: (UnsafePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, Range<Int>) -> Void
  ) -> [S] {
    if out.size == 0 { return [] }
    return filledArray(out.size) { target in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress, extents.terms > 0 else {
            return target.initialize(repeating: .zero, count: out.size)
          }
          loop(x, y, target, 0..<extents.batch)
        }
      }
    }
  }

  /// The results of `members` of the batch, each [groups · outputs, places].
  private func byMembers<S: MatrixElement>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>,
    _ members: Range<Int>
  ) {
    let (m, k) = (extents.outFeatures, extents.terms)
    let isInPlace = runs.isIdentity && (extents.features == 1 || lhs.second == runs.size)
    var columns = [S](repeating: .zero, count: isInPlace ? 0 : k * places)
    columns.withUnsafeMutableBufferPointer { columns in
      let scratch = isInPlace ? nil : columns.baseAddress
      for n in members {
        for group in 0..<groups {
          S.gemm(
            m, places, k,
            y + group * m * k, MatrixLayout(isTransposed: false, leading: k),
            windows(x + start(n, group), scratch),
            MatrixLayout(isTransposed: false, leading: places),
            target + (n * groups + group) * m * places)
        }
      }
    }
  }

  /// The windows over the features from `source` on, in `scratch` if they are not there already.
  private func windows<S>(
    _ source: UnsafePointer<S>, _ scratch: UnsafeMutablePointer<S>?
  ) -> UnsafePointer<S> {
    guard let scratch else { return source }
    for feature in 0..<extents.features {
      runs.copy(source + feature * lhs.second, into: scratch + feature * runs.size)
    }
    return UnsafePointer(scratch)
  }

  /// Where the features that group `group` of member `n` reads begin in the lhs.
  private func start(_ n: Int, _ group: Int) -> Int {
    let member = extents.batchGroups > 1 ? group * extents.batch + n : n
    let first = extents.groups > 1 ? group * extents.features : 0
    return member * lhs.first + first * lhs.second
  }

  /// The columns of `members` in the result [outputs, batch · places].
  private func byFeatures<S: BLASScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>,
    _ members: Range<Int>
  ) {
    let width = extents.batch * places
    let count = members.count * places
    var columns = [S](repeating: .zero, count: count * taps)
    columns.withUnsafeMutableBufferPointer { columns in
      guard let columns = columns.baseAddress else { return }
      for feature in 0..<extents.features {
        for (row, n) in members.enumerated() {
          runs.copy(x + n * lhs.first + feature * lhs.second, into: columns + row * runs.size)
        }
        S.gemm(
          extents.outFeatures, count, taps,
          y + feature * rhs.second, MatrixLayout(isTransposed: false, leading: rhs.first),
          columns, MatrixLayout(isTransposed: true, leading: taps),
          target + members.lowerBound * places, leading: width, isAdded: feature > 0)
      }
    }
  }
}

extension ConvolutionLoop: CustomStringConvertible {
  /// `im2col sgemm(N, N) m=6 n=36 k=18 batch=2 groups=1`.
  var description: String {
    switch order {
    case .byMembers:
      "im2col \(routinePrefix(out.dtype))gemm(N, N) m=\(extents.outFeatures) n=\(places) "
        + "k=\(extents.terms) batch=\(extents.batch) groups=\(groups)"
    case .byFeatures:
      "im2col \(routinePrefix(out.dtype))gemm(N, T) m=\(extents.outFeatures) "
        + "n=\(extents.batch * places) k=\(taps) features=\(extents.features)"
    }
  }
}

/// The copy of an operand of type `x` that puts its axes in this order, if they are not.
private func permuting(_ x: ShapedArray, _ axes: [Int]) -> Movement? {
  axes == Array(axes.indices) ? nil : .transpose(x, axes)
}

/// The rows of a table as its columns.
private func transposed(_ table: [[Int?]], columns: Int) -> [[Int?]] {
  (0..<columns).map { column in table.map { $0[column] } }
}
