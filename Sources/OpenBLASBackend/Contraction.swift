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

  /// The rhs as gemm wants it, [k, n].
  private var rhsTransposed: MatrixLayout {
    MatrixLayout(isTransposed: !rhsLayout.isTransposed, leading: rhsLayout.leading)
  }

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

  /// One call per matrix of the batch, or per piece of it.
  private func multiply<S: MatrixElement>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, into c: UnsafeMutablePointer<S>,
    _ workers: Workers
  ) {
    guard routine == .gemm else { return multiplyVectors(a, b, into: c, workers) }
    let pieces = ContractionPieces(m, n, k)
    guard case .terms(let count) = pieces, count > 1 else {
      return multiply(a, b, pieces, workers) { batch, _ in c + batch * m * n }
    }
    withUnsafeTemporaryAllocation(of: S.self, capacity: out.size * (count - 1)) { partial in
      guard let partial = partial.baseAddress else { return }
      multiply(a, b, pieces, workers) { batch, piece in
        (piece == 0 ? c : partial + (piece - 1) * out.size) + batch * m * n
      }
      for piece in 1..<count { S.add(c, partial + (piece - 1) * out.size, c, out.size) }
    }
  }

  /// Every piece of every matrix; `target` says where the result of a matrix begins.
  private func multiply<S: MatrixElement>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ pieces: ContractionPieces, _ workers: Workers,
    _ target: (_ batch: Int, _ piece: Int) -> UnsafeMutablePointer<S>
  ) {
    let (lhsLayout, rhsTransposed) = (lhsLayout, rhsTransposed)
    let count = pieces.count
    workers.split(lhs.origins.count * count, by: 1, worth: m * n * k / count / 4) { range in
      for index in range {
        let (batch, piece) = index.quotientAndRemainder(dividingBy: count)
        let (rows, columns, terms) = pieces.ranges(piece, m, n, k)
        let a = a + lhs.start(batch, rows.lowerBound, terms.lowerBound)
        let b = b + rhs.start(batch, columns.lowerBound, terms.lowerBound)
        let c = target(batch, piece) + rows.lowerBound * n + columns.lowerBound
        S.gemm(
          rows.count, columns.count, terms.count, a, lhsLayout, b, rhsTransposed, c, leading: n)
      }
    }
  }

  /// One call per matrix of the batch where a vector is among the operands.
  private func multiplyVectors<S: MatrixElement>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, into c: UnsafeMutablePointer<S>,
    _ workers: Workers
  ) {
    c.update(repeating: .zero, count: out.size)
    let (lhsStep, rhsStep) = (max(lhs.contractedStride, 1), max(rhs.contractedStride, 1))
    workers.split(lhs.origins.count, by: 1, worth: m * n * k / 4) { range in
      for batch in range {
        let (a, b, c) = (a + lhs.origins[batch], b + rhs.origins[batch], c + batch * m * n)
        switch routine {
        case .matrixVector: S.gemv(m, k, a, lhsLayout, b, rhsStep, c)
        case .vectorMatrix: S.gemv(n, k, b, rhsLayout, a, lhsStep, c)
        case .dot: c.pointee = S.dot(k, a, lhsStep, b, rhsStep)
        case .gemm: preconditionFailure("a product of matrices is divided otherwise")
        }
      }
    }
  }
}

extension Contraction: CustomStringConvertible {
  /// `sgemm(N, T) m=8 n=4 k=3 batch=1`, `sproduct` where it is narrow, and which operands are packed
  /// first.
  var description: String {
    func flag(_ isTransposed: Bool) -> String { isTransposed ? "T" : "N" }
    let call =
      switch routine {
      case .gemm:
        "\(matrixRoutine)(\(flag(lhsLayout.isTransposed)), \(flag(!rhsLayout.isTransposed)))"
      case .matrixVector: "gemv(\(flag(lhsLayout.isTransposed)))"
      case .vectorMatrix: "gemv(\(flag(rhsLayout.isTransposed)))"
      case .dot: "dot"
      }
    let packed = [(lhs, "lhs"), (rhs, "rhs")].filter { $0.0.packing != nil }.map { " pack \($0.1)" }
    return "\(routinePrefix(out.dtype))\(call) m=\(m) n=\(n) k=\(k) batch=\(lhs.origins.count)"
      + packed.joined()
  }
}

extension Contraction {
  /// What multiplies its matrices, piece by piece: OpenBLAS, or the kernel for narrow products.
  private var matrixRoutine: String {
    let (rows, columns, terms) = ContractionPieces(m, n, k).ranges(0, m, n, k)
    let narrow = NarrowProduct(rows.count, columns.count, terms.count, lhsLayout, rhsTransposed)
    return out.dtype.isInexact && narrow != nil ? "product" : "gemm"
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
