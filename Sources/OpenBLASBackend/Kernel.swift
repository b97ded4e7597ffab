// What can run a step, and which of them a primitive gets: one exhaustive switch.
//
// The reference keeps what no program's speed depends on: arithmetic of whole numbers and booleans,
// products of whole-number matrices (BLAS has none), and errors (an axis name that nothing binds).

internal import Core

/// The family of a step's kernel.
public enum StepKind: String, Sendable, CaseIterable {
  case gemm, gemv, dot, elementwise, reduction, movement, sorting, program, reference
}

/// A primitive made ready for operands of known types.
enum Kernel: Sendable {
  case contraction(Contraction)
  case convolution(ConvolutionLoop)
  case windowReduction(WindowReductionLoop)
  case selection(SelectionLoop)
  case elementwise(Primitive, out: ShapedArray)
  case reduction(ReductionLoop)
  case movement(Movement)
  case cumulative(CumulativeLoop)
  case sorting(SortLoop)
  /// One movement of the same operand per result.
  case sections([Movement])
  case windows(WindowLoop)
  /// The operand itself under another shape.
  case alias(shape: [Int])
  case reference(Primitive)
  case programs(NestedPrograms)

  /// The results for operands of the types it was made for.
  func run(_ inputs: [Buffer]) throws -> [Buffer] {
    switch self {
    case .contraction(let contraction): [contraction.run(inputs[0], inputs[1])]
    case .convolution(let loop): [loop.run(inputs[0], inputs[1])]
    case .windowReduction(let loop): [loop.run(inputs[0])]
    case .selection(let loop): [loop.run(inputs[0], inputs[1])]
    case .elementwise(let primitive, let out):
      [Buffer(shape: out.shape, elementwiseResult(primitive, inputs, out))]
    case .reduction(let loop): [loop.run(inputs[0])]
    case .movement(let movement): [movement.run(inputs)]
    case .cumulative(let loop): [loop.run(inputs[0])]
    case .sorting(let loop): loop.run(inputs)
    case .sections(let movements): movements.map { $0.run(inputs) }
    case .windows(let loop): [loop.run(inputs)]
    case .alias(let shape): [Buffer(shape: shape, inputs[0].storage)]
    case .programs(let programs): try programs.run(inputs)
    case .reference(let primitive): try ReferenceBackend().evaluate(primitive, inputs)
    }
  }

  var kind: StepKind {
    switch self {
    case .contraction(let contraction): contraction.routine.kind
    case .convolution: .gemm
    case .elementwise: .elementwise
    case .reduction, .windowReduction, .selection, .cumulative: .reduction
    case .movement, .alias, .sections, .windows: .movement
    case .sorting: .sorting
    case .programs: .program
    case .reference: .reference
    }
  }
}

extension Kernel: CustomStringConvertible {
  var description: String {
    switch self {
    case .contraction(let contraction): contraction.description
    case .elementwise, .sorting, .reference: kind.rawValue
    case .convolution(let loop): loop.description
    case .cumulative(let loop): "reduction \(loop)"
    case .sections(let movements): "movement to \(movements.count) results"
    case .reduction(let loop): "reduction \(loop)"
    case .windowReduction(let loop): "reduction \(loop)"
    case .selection(let loop): "reduction \(loop)"
    case .movement(let movement): "movement \(movement)"
    case .windows(let loop): "movement \(loop)"
    case .alias: "movement (no copy)"
    case .programs(let programs): programs.description
    }
  }
}

/// The kernel of `p` for operands of types `ins`.
func lower(
  _ p: Primitive, _ ins: [ShapedArray], to outs: [ShapedArray], on backend: OpenBLASBackend
) throws -> Kernel {
  guard let out = outs.first else { return .sections([]) }
  return switch p {
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
  case .convGeneralDilated(let c):
    out.dtype.isInexact
      ? .convolution(try ConvolutionLoop(ins[0], ins[1], c, out)) : .reference(p)
  case .reduceWindow(let op, let window):
    out.dtype == .bool
      ? .reference(p) : .windowReduction(WindowReductionLoop(op, ins[0], window, out))
  case .selectAndScatterAdd(let selection, let window):
    .selection(SelectionLoop(selection, ins[1], window, out, isScatter: true))
  case .selectAndGatherAdd(let selection, let window):
    .selection(SelectionLoop(selection, ins[1], window, out, isScatter: false))
  case .collective, .axisIndex: .reference(p)
  case .higherOrder(let op): .programs(try NestedPrograms(op, on: backend))
  case .cumulative(let op, let axis, let reverse):
    .cumulative(CumulativeLoop(op, ins[0].shape, axis, reverse: reverse))
  case .bitcastConvertType: .elementwise(p, out: out)
  case .sort(let dimension, let keys): .sorting(SortLoop(ins[0].shape, dimension, numKeys: keys))
  case .topK(let k, let axis): .sorting(SortLoop(ins[0].shape, axis, largest: k))
  case .split(let sizes, let axis): .sections(sections(ins[0], sizes, axis, outs))
  case .threefry2x32: .reference(p)
  case .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter:
    WindowLoop(p, ins, out).map(Kernel.windows) ?? .reference(p)
  }
}
