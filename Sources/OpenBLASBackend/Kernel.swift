// What can run a step, and which of them a primitive gets: one exhaustive switch.
//
// The reference keeps what no program's speed depends on: arithmetic of whole numbers and booleans,
// products of whole-number matrices (BLAS has none), and errors (an axis name that nothing binds).

internal import Core

/// The family of a step's kernel.
public enum StepKind: String, Sendable, CaseIterable {
  case gemm, gemv, dot, elementwise, reduction, movement, reference
}

/// A primitive made ready for operands of known types.
enum Kernel: Sendable {
  case contraction(Contraction)
  case elementwise(Primitive, out: ShapedArray)
  case reduction(ReductionLoop)
  case movement(Movement)
  case windows(WindowLoop)
  /// The operand itself under another shape.
  case alias(shape: [Int])
  case reference(Primitive)

  /// The result for operands of the types it was made for.
  func run(_ inputs: [Buffer]) throws -> Buffer {
    switch self {
    case .contraction(let contraction): contraction.run(inputs[0], inputs[1])
    case .elementwise(let primitive, let out):
      Buffer(shape: out.shape, elementwiseResult(primitive, inputs, out))
    case .reduction(let loop): loop.run(inputs[0])
    case .movement(let movement): movement.run(inputs)
    case .windows(let loop): loop.run(inputs)
    case .alias(let shape): Buffer(shape: shape, inputs[0].storage)
    case .reference(let primitive): try ReferenceBackend().evaluate(primitive, inputs)[0]
    }
  }

  var kind: StepKind {
    switch self {
    case .contraction(let contraction): contraction.routine.kind
    case .elementwise: .elementwise
    case .reduction: .reduction
    case .movement, .alias, .windows: .movement
    case .reference: .reference
    }
  }
}

extension Kernel: CustomStringConvertible {
  var description: String {
    switch self {
    case .contraction(let contraction): contraction.description
    case .elementwise, .reference: kind.rawValue
    case .reduction(let loop): "reduction \(loop)"
    case .movement(let movement): "movement \(movement)"
    case .windows(let loop): "movement \(loop)"
    case .alias: "movement (no copy)"
    }
  }
}

/// The kernel of `p` for operands of types `ins`.
func lower(_ p: Primitive, _ ins: [ShapedArray], to out: ShapedArray) throws -> Kernel {
  switch p {
  case .unary(.copy), .unary(.stopGradient), .reshape, .squeeze: .alias(shape: out.shape)
  case .unary, .integerPow, .polygamma, .binary, .clamp:
    ins[0].dtype.isInexact ? .elementwise(p, out: out) : .reference(p)
  case .compare:
    ins[0].dtype == .bool ? .reference(p) : .elementwise(p, out: out)
  case .selectN, .convertElementType: .elementwise(p, out: out)
  case .broadcastInDim, .transpose, .slice, .rev, .concatenate, .pad, .iota:
    Movement(p, ins, out).map(Kernel.movement) ?? .reference(p)
  case .reduce(_, let axes):
    ins[0].dtype == .bool ? .reference(p) : .reduction(ReductionLoop(p, ins[0], axes, out))
  case .argReduce(_, let axis, _):
    ins[0].dtype == .bool ? .reference(p) : .reduction(ReductionLoop(p, ins[0], [axis], out))
  case .dotGeneral(let numbers):
    out.dtype.isInexact
      ? .contraction(try Contraction(ins[0], ins[1], numbers, out)) : .reference(p)
  case .collective, .axisIndex: .reference(p)
  case .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter:
    WindowLoop(p, ins, out).map(Kernel.windows) ?? .reference(p)
  }
}
