// conv_general_dilated as im2col and gemm, per member of the batch and group.
//
// Operands are brought to the axes (batch, feature, space) and (out, in, space). Then
// out[n, g] = W[g] · col, W[g]: [outputs, features·taps] in place, col: [features·taps, places] the
// elements that each place of the window meets, 0 in padding and holes. Equals the reference within
// γ_K (|lhs| |rhs|), K = features · taps: the added zeros are exact. Whole numbers and booleans are
// equal bit for bit.

internal import Core

/// A convolution, ready to run.
struct ConvolutionLoop: Sendable {
  private let out: ShapedArray
  private let extents: ConvExtents
  private let canonicalLhs: Movement?
  private let canonicalRhs: Movement?
  private let restored: Movement?
  /// For each element of the window and each of its places the spatial position in the lhs, or −1.
  private let sources: [Int]
  private let space: Int
  private let places: Int

  /// - Throws: `TraceError.badArgument` when an extent exceeds the integers of BLAS.
  init(
    _ x: ShapedArray, _ y: ShapedArray, _ c: Convolution, _ out: ShapedArray
  ) throws {
    let d = c.dimensionNumbers
    let extents = ConvExtents(c, lhs: x.shape, rhs: y.shape)
    (self.out, self.extents) = (out, extents)
    canonicalLhs = permuting(x, d.lhsSpec)
    canonicalRhs = permuting(y, d.rhsSpec)
    let inner = out.with(shape: d.outSpec.map { out.shape[$0] })
    restored = permuting(inner, d.outSpec.indices.sorted { d.outSpec[$0] < d.outSpec[$1] })
    space = extents.space.reduce(1, *)
    places = extents.places.reduce(1, *)
    // Tap by tap: a row of the matrix holds one element of the window at every place.
    let met = extents.window.positions(over: extents.space)
    sources = (0..<extents.window.dimensions.reduce(1, *)).flatMap { tap in
      met.map { $0[tap] ?? -1 }
    }
    try requireCountable(
      "conv_general_dilated", out.dtype, [extents.outFeatures, places, extents.terms])
  }

  /// The convolution; the operands have the types that it was made for.
  func run(_ x: Buffer, _ y: Buffer) -> Buffer {
    let lhs = canonicalLhs.map { $0.run([x]) } ?? x
    let rhs = canonicalRhs.map { $0.run([y]) } ?? y
    let result: Storage =
      switch out.dtype {
      case .f32: .f32(convolved(Float.array(lhs.storage), Float.array(rhs.storage)))
      case .f64: .f64(convolved(Double.array(lhs.storage), Double.array(rhs.storage)))
      case .i32: .i32(convolved(Int32.array(lhs.storage), Int32.array(rhs.storage)))
      case .u32: .u32(convolved(UInt32.array(lhs.storage), UInt32.array(rhs.storage)))
      case .bool: .bool(convolved(Bool.array(lhs.storage), Bool.array(rhs.storage)))
      }
    let shape =
      [extents.batch, extents.outFeatures * groups] + extents.places
    return restored.map { $0.run([Buffer(shape: shape, result)]) } ?? Buffer(shape: shape, result)
  }

  private var groups: Int { extents.groups * extents.batchGroups }

  private func convolved<S: MatrixElement>(_ x: [S], _ y: [S]) -> [S] {
    if out.size == 0 { return [] }
    if extents.terms == 0 { return [S](repeating: .zero, count: out.size) }
    var columns = [S](repeating: .zero, count: extents.terms * places)
    return filledArray(out.size) { target in
      columns.withUnsafeMutableBufferPointer { columns in
        x.withUnsafeBufferPointer { x in
          y.withUnsafeBufferPointer { y in
            guard let y = y.baseAddress, let columns = columns.baseAddress else { return }
            for n in 0..<extents.batch {
              for group in 0..<groups {
                gather(x, from: start(n, group), into: columns)
                multiply(y, columns, into: target, n, group)
              }
            }
          }
        }
      }
    }
  }

  /// Where the features that group `group` of member `n` reads begin in the lhs.
  private func start(_ n: Int, _ group: Int) -> Int {
    let member = extents.batchGroups > 1 ? group * extents.batch + n : n
    let first = extents.groups > 1 ? group * extents.features : 0
    return (member * extents.features * extents.groups + first) * space
  }

  private func gather<S: MatrixElement>(
    _ x: UnsafeBufferPointer<S>, from start: Int, into columns: UnsafeMutablePointer<S>
  ) {
    sources.withUnsafeBufferPointer { sources in
      for feature in 0..<extents.features {
        let (from, to) = (start + feature * space, columns + feature * sources.count)
        for i in sources.indices { to[i] = sources[i] < 0 ? .zero : x[from + sources[i]] }
      }
    }
  }

  private func multiply<S: MatrixElement>(
    _ y: UnsafePointer<S>, _ columns: UnsafePointer<S>, into target: UnsafeMutablePointer<S>,
    _ n: Int, _ group: Int
  ) {
    let (m, k) = (extents.outFeatures, extents.terms)
    S.gemm(
      m, places, k,
      y + group * m * k, MatrixLayout(isTransposed: false, leading: k),
      columns, MatrixLayout(isTransposed: false, leading: places),
      target + (n * groups + group) * m * places)
  }
}

extension ConvolutionLoop: CustomStringConvertible {
  /// `im2col sgemm(N, N) m=6 n=36 k=18 batch=2 groups=1`.
  var description: String {
    "im2col \(routinePrefix(out.dtype))gemm(N, N) m=\(extents.outFeatures) n=\(places) "
      + "k=\(extents.terms) batch=\(extents.batch) groups=\(groups)"
  }
}

/// The copy of an operand of type `x` that puts its axes in this order, if they are not.
private func permuting(_ x: ShapedArray, _ axes: [Int]) -> Movement? {
  axes == Array(axes.indices) ? nil : .transpose(x, axes)
}
