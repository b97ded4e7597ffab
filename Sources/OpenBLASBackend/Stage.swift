// What a run does at once: one step, or the elementwise steps of one fused loop.
//
// Stages run in an order in which each finds its operands made: that of the equations, except that a
// fused loop waits until something needs it and all that it needs itself is there.

internal import Core

/// What a step is for those who read its result.
enum StepRole: Sendable {
  /// The operand's elements under another shape.
  case alias
  /// The operand's elements, each met by several indices.
  case spread(LoopSpread)
  /// A loop over this many indices.
  case elementwise(Elementwise, count: Int)
  case other

  init(_ p: Primitive, _ ins: [ShapedArray], _ outs: [ShapedArray], _ kernel: Kernel) {
    if case .alias = kernel {
      self = .alias
    } else if case .broadcastInDim(let shape, let dims) = p {
      if ins[0].size == outs[0].size {
        self = .alias
      } else {
        self = LoopSpread(ins[0].shape, to: shape, dims).map(StepRole.spread) ?? .other
      }
    } else if let operation = Elementwise(p), let out = outs.first {
      self = .elementwise(operation, count: out.size)
    } else {
      self = .other
    }
  }
}

extension Plan {
  /// A kernel with its operands and results.
  struct Stage: Sendable {
    /// The indices of the steps that it carries out.
    let steps: [Int]
    let operands: [Operand]
    /// The slots of the results.
    let results: [Int]
    fileprivate(set) var kernel: Kernel
    /// The operands' slots that nothing reads afterwards, and the results' that nothing reads at all.
    fileprivate(set) var lastUses: [Int] = []
    fileprivate(set) var unread: [Int] = []
  }
}

/// `stages`, each after those it reads from, with the slots that die in each; `outs` is read last.
func ordered(
  _ stages: [Plan.Stage], slots: Int, outs: [Plan.Operand]
) -> [Plan.Stage] {
  var producer = [Int](repeating: -1, count: slots)
  for (index, stage) in stages.enumerated() {
    for slot in stage.results { producer[slot] = index }
  }
  var isPlaced = [Bool](repeating: false, count: stages.count)
  var order: [Plan.Stage] = []
  // Depth first with a stack of our own: programs may be longer than a thread's stack is deep.
  for root in stages.indices where !isPlaced[root] {
    var open = [(stage: root, next: 0)]
    while let (index, next) = open.last {
      let operands = stages[index].operands
      if next == operands.count || isPlaced[index] {
        if !isPlaced[index] { order.append(stages[index]) }
        isPlaced[index] = true
        open.removeLast()
        continue
      }
      open[open.count - 1].next += 1
      if case .slot(let slot) = operands[next].source, producer[slot] >= 0,
        !isPlaced[producer[slot]]
      {
        open.append((producer[slot], 0))
      }
    }
  }
  return inPlace(endingLives(order, slots, outs), slots: slots, given: 0..<0)
}

/// `stages`, whose loops write over operands that nothing reads afterwards: over what earlier stages made
/// and over the inputs in the slots `given`.
func inPlace(_ stages: [Plan.Stage], slots: Int, given: Range<Int>) -> [Plan.Stage] {
  var isOurs = [Bool](repeating: false, count: slots)
  for slot in given { isOurs[slot] = true }
  return stages.map { stage in
    var stage = stage
    if case .elementwise(let loop) = stage.kernel {
      let dying = Set(stage.lastUses.filter { isOurs[$0] })
      var readers: [Int: [Int]] = [:]
      for (index, operand) in stage.operands.enumerated() {
        if case .slot(let slot) = operand.source, dying.contains(slot) {
          readers[slot, default: []].append(index)
        }
      }
      // What a loop reads in two ways stays.
      let free = readers.values.filter { $0.count == 1 }.map { $0[0] }
      stage.kernel = .elementwise(loop.writing(over: free.sorted()))
    }
    for slot in stage.results { isOurs[slot] = true }
    return stage
  }
}

/// `stages`, each with the slots that nothing reads after it; what `outs` reads is read to the end.
private func endingLives(
  _ stages: [Plan.Stage], _ slots: Int, _ outs: [Plan.Operand]
) -> [Plan.Stage] {
  var stages = stages
  var isRead = [Bool](repeating: false, count: slots)
  for case .slot(let slot) in outs.map(\.source) { isRead[slot] = true }
  for index in stages.indices.reversed() {
    stages[index].unread = stages[index].results.filter { !isRead[$0] }
    var lastUses: [Int] = []
    for case .slot(let slot) in stages[index].operands.map(\.source) where !isRead[slot] {
      isRead[slot] = true
      lastUses.append(slot)
    }
    stages[index].lastUses = lastUses
  }
  return stages
}
