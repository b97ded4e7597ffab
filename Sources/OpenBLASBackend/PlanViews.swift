// What each value of a program is when nothing is moved for it: the elements of another value under
// another shape, or those of a smaller one, met again and again.
//
// A reshape is never a copy. A broadcast is one only for readers that are no elementwise loops: those
// read the smaller value through a `LoopSpread`. What is computed from values that are spread alike is
// computed from the smaller ones and spread itself: the same operation on the same elements.

internal import Core

/// A value as a way to read the elements of another.
struct PlanView: Sendable {
  let root: Plan.Operand.Source
  /// nil where the root has an element for each of the view's.
  let spread: LoopSpread?
}

/// Views of all values, and which of them must exist as arrays.
struct PlanViews {
  private var views: [PlanView]
  /// What holds the elements of each value that is needed whole.
  private var memory: [Plan.Operand.Source]
  /// Whether anything reads the value.
  private(set) var isRead: [Bool]
  /// Whether something reads the value that needs every element of it in memory.
  private(set) var isWhole: [Bool]
  /// How results that are computed from smaller values are spread.
  private var narrowed: [Int: LoopSpread] = [:]

  init(_ steps: [Plan.Step], slots: Int, outs: [Plan.Operand]) {
    memory = (0..<slots).map { .slot($0) }
    views = memory.map { PlanView(root: $0, spread: nil) }
    isRead = [Bool](repeating: false, count: slots)
    isWhole = isRead
    for case .slot(let slot) in outs.map(\.source) { need(slot, whole: true) }
    for step in steps.reversed() where step.results.contains(where: { isRead[$0] }) {
      let isWhole = step.results.contains { self.isWhole[$0] }
      for case .slot(let slot) in step.run.operands.map(\.source) {
        switch step.role {
        // What shares another's elements needs no more of it than is needed of itself.
        case .alias, .spread: need(slot, whole: isWhole)
        case .elementwise: need(slot, whole: false)
        case .other: need(slot, whole: true)
        }
      }
    }
    for step in steps { define(step) }
  }

  /// How to read what `operand` names.
  func view(_ operand: Plan.Operand) -> PlanView {
    switch operand.source {
    case .slot(let slot): views[slot]
    case .literal: PlanView(root: operand.source, spread: nil)
    }
  }

  /// The operand as one in memory.
  func whole(_ operand: Plan.Operand) -> Plan.Operand {
    guard case .slot(let slot) = operand.source else { return operand }
    return Plan.Operand(source: memory[slot], shape: operand.shape)
  }

  /// Whether `step` computes anything that is needed in memory.
  func runs(_ step: Plan.Step) -> Bool {
    guard step.results.contains(where: { isRead[$0] }) else { return false }
    return switch step.role {
    case .alias: false
    case .spread: isWhole[step.results.lowerBound]
    case .elementwise, .other: true
    }
  }

  /// How the result of `step` is spread if it is computed from smaller values; else nil.
  func spread(of step: Plan.Step) -> LoopSpread? { narrowed[step.results.lowerBound] }

  /// Over how many indices the loop of `step` goes; nil for a step that is no loop.
  func loopCount(_ step: Plan.Step) -> Int? {
    guard case .elementwise(_, let count) = step.role else { return nil }
    return spread(of: step)?.extent ?? count
  }

  private mutating func need(_ slot: Int, whole: Bool) {
    isRead[slot] = true
    if whole { isWhole[slot] = true }
  }

  private mutating func define(_ step: Plan.Step) {
    let result = step.results.lowerBound
    switch step.role {
    case .alias:
      views[result] = view(step.run.operands[0])
      memory[result] = whole(step.run.operands[0]).source
    case .spread(let spread):
      let base = view(step.run.operands[0])
      views[result] = PlanView(
        root: base.root, spread: base.spread.map { spread.after($0) } ?? spread)
    case .elementwise(_, let count):
      guard !isWhole[result], let spread = commonSpread(step, count) else { return }
      narrowed[result] = spread
      views[result] = PlanView(root: .slot(result), spread: spread)
    case .other: break
    }
  }

  /// How all operands of `step` are spread over its `count` indices, if they are spread alike.
  private func commonSpread(_ step: Plan.Step, _ count: Int) -> LoopSpread? {
    var common = LoopSpread.scalar
    for (operand, aval) in zip(step.run.operands, step.ins) {
      guard let spread = view(operand).spread ?? (aval.size == count ? nil : .scalar) else {
        return nil
      }
      guard spread != .scalar else { continue }
      guard common == .scalar || common == spread else { return nil }
      common = spread
    }
    return common.extent < count ? common : nil
  }
}
