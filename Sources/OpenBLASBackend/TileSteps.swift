// What runs on each tile: single operations, and pairs of arithmetic operations as one loop.
//
// An operation of arithmetic takes up an earlier one whose result nothing else reads, and which has taken
// up none itself. Every operation is rounded as if it ran alone: the bits are the same.

internal import CKernels
internal import Core

/// One loop over a tile.
struct TileStep: Sendable {
  enum Kernel: Sendable {
    case arithmetic(assay_loop)
    case elementwise(Elementwise, from: DType, to: DType)
  }

  let kernel: Kernel
  /// The registers that it reads, and the one that it fills.
  let operands: [Int]
  let result: Int
  let out: DType
}

/// The steps that carry out `operations`; registers of `kept` must be filled. A register that a pair
/// passes over has no step.
func tileSteps(
  _ operations: [FusedLoop.Operation], _ dtypes: [DType], kept: Set<Int>
) -> [TileStep] {
  let sourceCount = dtypes.count - operations.count
  var readers = [Int](repeating: 0, count: dtypes.count)
  for register in operations.lazy.flatMap(\.operands) { readers[register] += 1 }
  var steps: [TileStep?] = []
  // The arithmetic that a later step may take up.
  var open: [Int: Arithmetic] = [:]
  for (index, operation) in operations.enumerated() {
    let result = sourceCount + index
    guard let own = Arithmetic(operation, dtypes[operation.operands[0]]) else {
      steps.append(
        TileStep(
          kernel: .elementwise(
            operation.elementwise, from: dtypes[operation.operands[0]], to: operation.out),
          operands: operation.operands, result: result, out: operation.out))
      continue
    }
    // A square reads its operand twice.
    let taken = own.x == own.y ? nil : [own.y, own.x].first { open[$0] != nil }
    if let taken, let first = open[taken] {
      steps[taken - sourceCount] = nil
      steps.append(own.step(after: first, in: taken, to: result, operation.out))
    } else {
      if readers[result] == 1, !kept.contains(result) { open[result] = own }
      steps.append(own.step(to: result, operation.out))
    }
  }
  return steps.compactMap { $0 }
}

/// x op y of floating-point numbers.
private struct Arithmetic {
  let op: assay_operation
  let x: Int
  let y: Int

  init?(_ operation: FusedLoop.Operation, _ dtype: DType) {
    guard dtype.isInexact, let op = operation.elementwise.arithmetic else { return nil }
    self.op = op
    x = operation.operands[0]
    y = operation.operands.count > 1 ? operation.operands[1] : x
  }

  /// This operation by itself.
  func step(to result: Int, _ out: DType) -> TileStep {
    let loop = out == .f32 ? assay_arithmetic_f32(op) : assay_arithmetic_f64(op)
    return TileStep(kernel: .arithmetic(loop), operands: [x, y], result: result, out: out)
  }

  /// `first`, which would fill `register`, and this operation on it.
  func step(after first: Arithmetic, in register: Int, to result: Int, _ out: DType) -> TileStep {
    let isRight: Int32 = y == register ? 1 : 0
    let loop =
      out == .f32
      ? assay_chain_f32(first.op, op, isRight) : assay_chain_f64(first.op, op, isRight)
    return TileStep(
      kernel: .arithmetic(loop), operands: [first.x, first.y, isRight == 1 ? x : y],
      result: result, out: out)
  }
}

extension Elementwise {
  /// The operation of arithmetic that it is; a square is x · x.
  fileprivate var arithmetic: assay_operation? {
    switch self {
    case .binary(.add), .binary(.addAny): assay_add
    case .binary(.sub): assay_sub
    case .binary(.mul), .unary(.square), .integerPow(2): assay_mul
    case .binary(.div): assay_div
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .clamp, .compare, .select,
      .convert, .bitcast:
      nil
    }
  }
}
