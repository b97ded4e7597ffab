// conv_general_dilated: which way a convolution is computed, where its operands lie, and the axes of
// its result.
//
// Floating-point windows are read where they lie, along the places or, for the gradient of a kernel, along
// places and members of the batch; whole numbers and very few places go through gemm. Equals the
// reference within γ_K (|lhs| |rhs|), K = features · taps: the added zeros are exact, and γ_K covers
// every order. Whole numbers and booleans are equal bit for bit. The bits do not depend on the
// number of threads.

internal import Core

/// A convolution, ready to run.
struct ConvolutionLoop: Sendable {
  fileprivate enum Method: Sendable {
    case direct(DirectConvolution)
    case gradient(KernelGradient)
    case columns(ColumnConvolution)
  }

  private let out: ShapedArray
  private let extents: ConvExtents
  private let method: Method
  private let lhs: ConvolutionOperand
  private let rhs: ConvolutionOperand
  private let restored: Movement?

  /// - Throws: `TraceError.badArgument` when an extent exceeds the integers of BLAS.
  init(
    _ x: ShapedArray, _ y: ShapedArray, _ c: Convolution, _ out: ShapedArray
  ) throws {
    let d = c.dimensionNumbers
    let extents = ConvExtents(c, lhs: x.shape, rhs: y.shape)
    (self.out, self.extents) = (out, extents)
    lhs = ConvolutionOperand(x, d.lhsSpec, isPacked: false)
    method = Method(extents, out.dtype, step: lhs.step)
    // Rows of W_i are `first` apart and contiguous; W[g] is one matrix.
    let inPlace = ConvolutionOperand(y, d.rhsSpec, isPacked: false)
    rhs =
      method.isByFeatures && inPlace.step == 1 && inPlace.first >= extents.tapCount
      ? inPlace : ConvolutionOperand(y, d.rhsSpec, isPacked: true)
    // The axes of the result as they are computed.
    let computed = method.axes(d.outSpec)
    restored = permuting(
      out.with(shape: computed.map { out.shape[$0] }),
      inverse(computed))
    try requireCountable(
      "conv_general_dilated", out.dtype,
      [
        extents.outFeatures, extents.placeCount * extents.batch, extents.terms, lhs.first,
        rhs.first,
      ])
  }

  /// The convolution; the operands have the types that it was made for.
  func run(_ x: Buffer, _ y: Buffer, _ workers: Workers) -> Buffer {
    let (x, y) = (lhs.prepared(x).storage, rhs.prepared(y).storage)
    let result: Storage =
      switch out.dtype {
      case .f32: .f32(inexact(Float.array(x), Float.array(y), workers))
      case .f64: .f64(inexact(Double.array(x), Double.array(y), workers))
      case .i32: .i32(whole(Int32.array(x), Int32.array(y)))
      case .u32: .u32(whole(UInt32.array(x), UInt32.array(y)))
      case .bool: .bool(whole(Bool.array(x), Bool.array(y)))
      }
    guard let restored else { return Buffer(shape: out.shape, result) }
    return restored.run([Buffer(shape: out.shape, result)])
  }

  private func inexact<S: BLASScalar>(_ x: [S], _ y: [S], _ workers: Workers) -> [S] {
    let (xSteps, ySteps) = ((lhs.first, lhs.second), (rhs.first, rhs.second))
    return convolved(x, y) { x, y, target in
      switch method {
      case .direct(let loop):
        loop.run(x, feature: lhs.second, start: start, y, target, workers)
      case .gradient(let loop): loop.run(x, xSteps, y, ySteps, target, workers)
      case .columns(let loop):
        switch loop.order {
        case .byMembers: loop.run(x, feature: lhs.second, start: start, y, target)
        case .byFeatures: loop.run(x, xSteps, y, ySteps, target)
        }
      }
    }
  }

  private func whole<T: MatrixElement>(_ x: [T], _ y: [T]) -> [T] {
    guard case .columns(let loop) = method, loop.order == .byMembers else {
      preconditionFailure("a convolution of whole numbers goes by members")
    }
    return convolved(x, y) { x, y, target in
      loop.run(x, feature: lhs.second, start: start, y, target)
    }
  }

  private func convolved<S: MatrixElement>(
    _ x: [S], _ y: [S],
    _ loop: (UnsafePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>) -> Void
  ) -> [S] {
    if out.size == 0 { return [] }
    return filledArray(out.size) { target in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress, extents.terms > 0 else {
            return target.initialize(repeating: .zero, count: out.size)
          }
          loop(x, y, target)
        }
      }
    }
  }

  /// Where the features that group `group` of member `n` reads begin in the lhs.
  private func start(_ n: Int, _ group: Int) -> Int {
    let member = extents.batchGroups > 1 ? group * extents.batch + n : n
    let first = extents.groups > 1 ? group * extents.features : 0
    return member * lhs.first + first * lhs.second
  }
}

extension ConvolutionLoop.Method {
  /// How to convolve numbers of `dtype`; neighbours in the lhs are `step` apart.
  init(_ extents: ConvExtents, _ dtype: DType, step: Int) {
    if dtype.isInexact && extents.groupCount == 1 && extents.tapCount > extents.placeCount {
      self =
        KernelGradient(extents, step: step).map(Self.gradient)
        ?? .columns(ColumnConvolution(extents, .byFeatures, step: step))
    } else {
      let direct = dtype.isInexact ? DirectConvolution(extents, step: step) : nil
      self =
        direct.map(Self.direct)
        ?? .columns(ColumnConvolution(extents, .byMembers, step: step))
    }
  }

  var isByFeatures: Bool {
    switch self {
    case .gradient: true
    case .direct: false
    case .columns(let loop): loop.order == .byFeatures
    }
  }

  /// The axes of a result laid out as `spec` in the order in which they are computed.
  func axes(_ spec: [Int]) -> [Int] {
    switch self {
    case .direct: spec
    case .columns(let loop):
      loop.order == .byFeatures ? [spec[1], spec[0]] + spec.dropFirst(2) : spec
    case .gradient: [spec[1]] + spec.dropFirst(2) + [spec[0]]
    }
  }
}

extension ConvolutionLoop: CustomStringConvertible {
  var description: String {
    switch method {
    case .direct(let loop): "\(loop)"
    case .gradient(let loop): "\(loop)"
    case .columns(let loop): loop.description(out.dtype)
    }
  }
}

/// The copy of an operand of type `x` that puts its axes in this order, if they are not.
private func permuting(_ x: ShapedArray, _ axes: [Int]) -> Movement? {
  axes == Array(axes.indices) ? nil : .transpose(x, axes)
}
