// What can run a step, and which of them a primitive gets: one exhaustive switch.
//
// Every primitive has a kernel for every dtype that its typing rule admits; nothing is handed to the
// reference. A named axis has no kernel: `vmap` resolves it before a backend sees it, and where none
// does, the axis is unbound.

internal import Core

/// The family of a step's kernel.
public enum StepKind: String, Sendable, CaseIterable {
  case gemm, gemv, dot, elementwise, reduction, movement, sorting, random, program
}

/// A primitive made ready for operands of known types.
enum Kernel: Sendable {
  case contraction(Contraction)
  /// A contraction between transposes, for the operands and the result of its equation.
  case foldedContraction(FoldedContraction)
  case convolution(ConvolutionLoop)
  case windowReduction(WindowReductionLoop)
  case selection(SelectionLoop)
  case elementwise(FusedLoop)
  case reduction(ReductionLoop)
  case movement(Movement)
  case cumulative(CumulativeLoop)
  case sorting(SortLoop)
  /// One movement of the same operand per result.
  case sections([Movement])
  case windows(WindowLoop)
  /// The operand itself under another shape.
  case alias(shape: [Int])
  case randomBits(out: ShapedArray)
  case programs(NestedPrograms)

  /// The results for operands of the types it was made for. A loop takes from `inputs` what it writes over.
  func run(_ inputs: inout [Buffer], _ workers: Workers) throws -> [Buffer] {
    switch self {
    case .contraction(let contraction): [contraction.run(inputs[0], inputs[1], workers)]
    case .foldedContraction(let folded): [folded.run(inputs, workers)]
    case .convolution(let loop): [loop.run(inputs[0], inputs[1], workers)]
    case .windowReduction(let loop): [loop.run(inputs[0], workers)]
    case .selection(let loop): [loop.run(inputs[0], inputs[1])]
    case .elementwise(let loop): loop.run(&inputs, workers)
    case .reduction(let loop): [loop.run(inputs[0], workers)]
    case .movement(let movement): [movement.run(inputs)]
    case .cumulative(let loop): [loop.run(inputs[0])]
    case .sorting(let loop): loop.run(inputs)
    case .sections(let movements): movements.map { $0.run(inputs) }
    case .windows(let loop): [loop.run(inputs)]
    case .alias(let shape): [Buffer(shape: shape, inputs[0].storage)]
    case .randomBits(let out): randomWords(inputs, out)
    case .programs(let programs): try programs.run(inputs)
    }
  }

  var kind: StepKind {
    switch self {
    case .contraction(let contraction): contraction.routine.kind
    case .foldedContraction(let folded): folded.contraction.routine.kind
    case .convolution: .gemm
    case .elementwise: .elementwise
    case .reduction, .windowReduction, .selection, .cumulative: .reduction
    case .movement, .alias, .sections, .windows: .movement
    case .sorting: .sorting
    case .randomBits: .random
    case .programs: .program
    }
  }
}

extension Kernel: CustomStringConvertible {
  var description: String {
    switch self {
    case .contraction(let contraction): contraction.description
    case .foldedContraction(let folded): folded.contraction.description
    case .elementwise(let loop): loop.description
    case .sorting, .randomBits: kind.rawValue
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
/// - Throws: `TraceError.badArgument` for an extent that OpenBLAS cannot count, and
///   `TraceError.unboundAxis` for a named axis.
func lower(
  _ p: Primitive, _ ins: [ShapedArray], to outs: [ShapedArray], on backend: OpenBLASBackend
) throws -> Kernel {
  guard let out = outs.first else { return .sections([]) }
  if let operation = Elementwise(p) { return .elementwise(FusedLoop(operation, ins, to: out)) }
  switch p {
  case .unary(.copy), .unary(.stopGradient), .reshape, .squeeze: return .alias(shape: out.shape)
  case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .clamp, .compare, .selectN,
    .convertElementType, .bitcastConvertType:
    preconditionFailure("\(p.name) has an elementwise loop")
  case .broadcastInDim(_, let dims): return .movement(.broadcast(ins[0], to: out, dims))
  case .transpose(let permutation): return .movement(.transpose(ins[0], permutation))
  case .slice(let start, _, let steps):
    return .movement(.slice(ins[0], to: out, start: start, steps: steps))
  case .rev(let dims): return .movement(.rev(ins[0], dims))
  case .concatenate(let dim): return .movement(.concatenate(ins, to: out, dim))
  case .pad(let config): return .movement(.pad(ins[0], to: out, config))
  case .iota(_, _, let dim): return .movement(.iota(out, dim))
  case .split(let sizes, let axis): return .sections(sections(ins[0], sizes, axis, outs))
  case .dynamicSlice: return .windows(.dynamicSlice(ins, to: out))
  case .dynamicUpdateSlice: return .windows(.dynamicUpdateSlice(ins, to: out))
  case .gather(let parameters): return .windows(.gather(ins, to: out, parameters))
  case .scatter(let op, let parameters):
    return .windows(.scatter(p.name, ins, to: out, op, parameters))
  case .reduce(let op, let axes): return .reduction(ReductionLoop(op, ins[0], axes, out))
  case .argReduce(let op, let axis, _): return .reduction(ReductionLoop(op, ins[0], axis, out))
  case .reduceWindow(let op, let window):
    return .windowReduction(WindowReductionLoop(op, ins[0], window, out))
  case .selectAndScatterAdd(let selection, let window):
    return .selection(SelectionLoop(selection, ins[1], window, out, isScatter: true))
  case .selectAndGatherAdd(let selection, let window):
    return .selection(SelectionLoop(selection, ins[1], window, out, isScatter: false))
  case .cumulative(let op, let axis, let reverse):
    return .cumulative(CumulativeLoop(op, ins[0].shape, axis, reverse: reverse))
  case .sort(let dimension, let keys):
    return .sorting(SortLoop(ins[0].shape, dimension, numKeys: keys))
  case .topK(let k, let axis): return .sorting(SortLoop(ins[0].shape, axis, largest: k))
  case .dotGeneral(let numbers):
    return .contraction(try Contraction(ins[0], ins[1], numbers, out))
  case .convGeneralDilated(let c):
    return .convolution(try ConvolutionLoop(ins[0], ins[1], c, out))
  case .threefry2x32: return .randomBits(out: out)
  case .higherOrder(let op): return .programs(try NestedPrograms(op, on: backend))
  case .collective(_, let axisName), .axisIndex(let axisName):
    throw TraceError.unboundAxis(axisName)
  }
}
