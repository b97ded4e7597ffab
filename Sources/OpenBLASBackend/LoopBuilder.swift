// One fused loop out of its steps: operands that come from outside, each once for each way it is read,
// and a register for every result.

internal import Core

/// A fused loop under construction.
struct LoopBuilder {
  private enum Register {
    case source(Int)
    case operation(Int)
  }

  /// An operand from outside and how it is read.
  private struct Reading: Hashable {
    let slot: Int
    let spread: LoopSpread?
  }

  private let views: PlanViews
  private let count: Int
  private var sources: [FusedLoop.Source] = []
  private var operands: [Plan.Operand] = []
  private var readings: [Reading: Int] = [:]
  private var made: [Int: Int] = [:]
  private var operations: [(elementwise: Elementwise, operands: [Register], out: DType)] = []
  private var kept: [(operation: Int, slot: Int, shape: [Int])] = []

  init(_ views: PlanViews, _ count: Int) { (self.views, self.count) = (views, count) }

  /// Adds the operation of `step`; `isKept` says whether its result is read outside.
  mutating func append(_ step: Plan.Step, isKept: Bool) {
    guard case .elementwise(let elementwise, _) = step.role else {
      preconditionFailure("\(step) is no loop")
    }
    let own = views.spread(of: step)
    let registers = zip(step.run.operands, step.ins).map { register($0, $1, own) }
    let slot = step.results.lowerBound
    made[slot] = operations.count
    if isKept {
      kept.append((operations.count, slot, own.map { [$0.extent] } ?? step.outs[0].shape))
    }
    operations.append((elementwise, registers, step.outs[0].dtype))
  }

  /// The stage that carries out `steps`, which are those that were added.
  func stage(_ steps: [Int]) -> Plan.Stage {
    let loop = FusedLoop(
      count: count, sources: sources,
      operations: operations.map { operation in
        FusedLoop.Operation(
          elementwise: operation.elementwise, operands: operation.operands.map(number),
          out: operation.out)
      },
      results: kept.map {
        FusedLoop.Result(register: number(.operation($0.operation)), shape: $0.shape)
      })
    return Plan.Stage(
      steps: steps, operands: operands, results: kept.map(\.slot), kernel: .elementwise(loop))
  }

  private func number(_ register: Register) -> Int {
    switch register {
    case .source(let index): index
    case .operation(let index): sources.count + index
    }
  }

  /// Where the loop finds `operand`, which has the type `aval`; one that is spread as `own` says has an
  /// element for each of the loop's indices.
  private mutating func register(
    _ operand: Plan.Operand, _ aval: ShapedArray, _ own: LoopSpread?
  ) -> Register {
    let view = views.view(operand)
    let read = view.spread ?? (aval.size == count ? nil : .scalar)
    let spread = read == own ? nil : read
    guard case .slot(let slot) = view.root else {
      return .source(newSource(view.root, aval, spread))
    }
    if spread == nil, let operation = made[slot] { return .operation(operation) }
    let reading = Reading(slot: slot, spread: spread)
    if let known = readings[reading] { return .source(known) }
    let source = newSource(view.root, aval, spread)
    readings[reading] = source
    return .source(source)
  }

  private mutating func newSource(
    _ root: Plan.Operand.Source, _ aval: ShapedArray, _ spread: LoopSpread?
  ) -> Int {
    sources.append(FusedLoop.Source(dtype: aval.dtype, spread: spread))
    operands.append(Plan.Operand(source: root, shape: [spread?.extent ?? count]))
    return sources.count - 1
  }
}
