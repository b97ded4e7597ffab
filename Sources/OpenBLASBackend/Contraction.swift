// dot_general as products of matrices: out[b, l, r] = Σ_k lhs[b, l, k] · rhs[b, r, k].
//
// Equals the reference within γ_K (|lhs| |rhs|), componentwise: BLAS adds the K products in an order
// of its own. Whole numbers wrap around in any order and are equal bit for bit. An empty result needs
// no call, and K = 0 gives zeros without one.

internal import Core

/// One dot_general, ready to run.
struct Contraction: Sendable {
  /// The routine that each batch index calls once.
  enum Routine: String, Sendable {
    case gemm, dot
    /// The matrix is the lhs, the vector the rhs.
    case matrixVector
    /// The matrix is the rhs, the vector the lhs.
    case vectorMatrix

    var kind: StepKind {
      switch self {
      case .gemm: .gemm
      case .dot: .dot
      case .matrixVector, .vectorMatrix: .gemv
      }
    }
  }

  let routine: Routine
  let out: ShapedArray
  let (m, n, k): (Int, Int, Int)
  let lhs: ContractionOperand
  let rhs: ContractionOperand

  /// - Throws: `TraceError.badArgument` when an extent or a stride exceeds the integers of BLAS.
  init(
    _ x: ShapedArray, _ y: ShapedArray, _ d: DotDimensionNumbers, _ out: ShapedArray
  ) throws {
    let (lhsFree, rhsFree) = (d.lhsFree(rank: x.rank), d.rhsFree(rank: y.rank))
    let (m, n) = (size(x, lhsFree), size(y, rhsFree))
    (self.m, self.n, k) = (m, n, size(x, d.lhsContracting))
    self.out = out
    routine = m == 1 && n == 1 ? .dot : n == 1 ? .matrixVector : m == 1 ? .vectorMatrix : .gemm
    let lhsIsMatrix = routine == .gemm || routine == .matrixVector
    let rhsIsMatrix = routine == .gemm || routine == .vectorMatrix
    let order = bestOrder(d) { order in
      let left = ContractionOperand.folds(
        x, free: lhsFree, contracted: order.map { d.lhsContracting[$0] },
        needsUnitStride: lhsIsMatrix)
      let right = ContractionOperand.folds(
        y, free: rhsFree, contracted: order.map { d.rhsContracting[$0] },
        needsUnitStride: rhsIsMatrix)
      return (left ? 1 : 0) + (right ? 1 : 0)
    }
    lhs = ContractionOperand(
      x, batch: d.lhsBatch, free: lhsFree, contracted: order.map { d.lhsContracting[$0] },
      needsUnitStride: lhsIsMatrix)
    rhs = ContractionOperand(
      y, batch: d.rhsBatch, free: rhsFree, contracted: order.map { d.rhsContracting[$0] },
      needsUnitStride: rhsIsMatrix)
    try requireCountable(
      "dot_general with m=\(m) n=\(n) k=\(k)", out.dtype,
      [
        m, n, k, lhsLayout.leading, rhsLayout.leading, lhs.contractedStride, rhs.contractedStride,
      ])
  }

  /// The lhs as a matrix [m, k].
  var lhsLayout: MatrixLayout { lhs.layout(free: m, contracted: k) }

  /// The rhs as a matrix [n, k].
  var rhsLayout: MatrixLayout { rhs.layout(free: n, contracted: k) }

  /// The product; the operands have the types that the contraction was made for.
  func run(_ x: Buffer, _ y: Buffer, _ workers: Workers) -> Buffer {
    let storage: Storage =
      switch out.dtype {
      case .f32: .f32(product(x, y, workers))
      case .f64: .f64(product(x, y, workers))
      case .i32: .i32(product(x, y, workers))
      case .u32: .u32(product(x, y, workers))
      case .bool: .bool(product(x, y, workers))
      }
    return Buffer(shape: out.shape, storage)
  }

  private func product<S: MatrixElement>(
    _ x: Buffer, _ y: Buffer, _ workers: Workers
  ) -> [S] {
    if out.size == 0 { return [] }
    if k == 0 { return [S](repeating: .zero, count: out.size) }
    let left = S.array(lhs.packing.map { $0.run([x]).storage } ?? x.storage)
    let right = S.array(rhs.packing.map { $0.run([y]).storage } ?? y.storage)
    return left.withUnsafeBufferPointer { a in
      right.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return [] }
        return filledArray(out.size) { multiply(a, b, into: $0, workers) }
      }
    }
  }

  /// One call per piece of each matrix of the batch. Pieces are the same for any number of threads,
  /// since a routine may add in another order when it is given fewer rows.
  private func multiply<S: MatrixElement>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, into c: UnsafeMutablePointer<S>,
    _ workers: Workers
  ) {
    if routine != .gemm { c.update(repeating: .zero, count: out.size) }
    let pieces = rowPieces
    workers.split(lhs.origins.count * pieces, by: 1, worth: m * n * k / pieces / 4) { range in
      for index in range {
        let (batch, piece) = index.quotientAndRemainder(dividingBy: pieces)
        let rows = (m * piece / pieces)..<(m * (piece + 1) / pieces)
        multiply(
          a + lhs.origins[batch] + rows.lowerBound * lhs.freeStride, b + rhs.origins[batch],
          into: c + (batch * m + rows.lowerBound) * n, rows: rows.count)
      }
    }
  }

  /// Into how many pieces the rows of one matrix are divided. Each packs the other operand again, which
  /// must cost little beside its products.
  private var rowPieces: Int {
    guard routine == .gemm, m * n * k >= 1 << 21 else { return 1 }
    return m >= 1024 ? 4 : m >= 256 ? 2 : 1
  }

  /// `count` rows of one matrix.
  private func multiply<S: MatrixElement>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, into c: UnsafeMutablePointer<S>, rows count: Int
  ) {
    let (lhsStep, rhsStep) = (max(lhs.contractedStride, 1), max(rhs.contractedStride, 1))
    // The rhs is kept as [n, k], gemm wants [k, n].
    let rhsTransposed = MatrixLayout(
      isTransposed: !rhsLayout.isTransposed, leading: rhsLayout.leading)
    switch routine {
    case .gemm: S.gemm(count, n, k, a, lhsLayout, b, rhsTransposed, c)
    case .matrixVector: S.gemv(count, k, a, lhsLayout, b, rhsStep, c)
    case .vectorMatrix: S.gemv(n, k, b, rhsLayout, a, lhsStep, c)
    case .dot: c.pointee = S.dot(k, a, lhsStep, b, rhsStep)
    }
  }
}

extension Contraction: CustomStringConvertible {
  /// `sgemm(N, T) m=8 n=4 k=3 batch=1`, and which operands are packed first.
  var description: String {
    func flag(_ isTransposed: Bool) -> String { isTransposed ? "T" : "N" }
    let call =
      switch routine {
      case .gemm: "gemm(\(flag(lhsLayout.isTransposed)), \(flag(!rhsLayout.isTransposed)))"
      case .matrixVector: "gemv(\(flag(lhsLayout.isTransposed)))"
      case .vectorMatrix: "gemv(\(flag(rhsLayout.isTransposed)))"
      case .dot: "dot"
      }
    let packed = [(lhs, "lhs"), (rhs, "rhs")].filter { $0.0.packing != nil }.map { " pack \($0.1)" }
    return "\(routinePrefix(out.dtype))\(call) m=\(m) n=\(n) k=\(k) batch=\(lhs.origins.count)"
      + packed.joined()
  }
}

/// The order of the contracted pairs in which most operands fold, the given one if it is as good.
private func bestOrder(_ d: DotDimensionNumbers, _ folded: ([Int]) -> Int) -> [Int] {
  let given = Array(d.lhsContracting.indices)
  let candidates = [
    given, given.sorted { d.lhsContracting[$0] < d.lhsContracting[$1] },
    given.sorted { d.rhsContracting[$0] < d.rhsContracting[$1] },
  ]
  return candidates.reduce(given) { best, next in folded(next) > folded(best) ? next : best }
}

private func size(_ x: ShapedArray, _ axes: [Int]) -> Int { axes.reduce(1) { $0 * x.shape[$1] } }
