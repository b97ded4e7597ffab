// What a loop computes again rather than reads: writing an array and reading it costs more than an
// addition or a multiplication.
//
// A value is computed again if it follows by at most four cheap operations from an array that is in
// memory, every other operand being spread from a smaller one. Then that one array stands for all
// values that follow from it, in the backward pass above all. The same operation on the same
// operands gives the same bits.

internal import Core

/// Which values loops compute again.
struct Recomputation {
  private static let longestChain = 4

  private let steps: [Plan.Step]
  /// The step that makes each value that may be computed again, and over how many indices.
  private var makers: [Int: (step: Int, count: Int)] = [:]

  init(_ steps: [Plan.Step], _ views: PlanViews, outs: [Plan.Operand]) {
    self.steps = steps
    var needed = Set<Int>()
    for case .slot(let slot) in outs.map(\.source) { needed.insert(slot) }
    var depth: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      guard case .elementwise(let operation, let count) = step.role, operation.isCheap,
        views.spread(of: step) == nil
      else { continue }
      let slot = step.results.lowerBound
      guard !views.isWhole[slot], !needed.contains(slot),
        let base = onlyArray(of: step, count, views)
      else { continue }
      let length = depth[base, default: 0] + 1
      guard length <= Self.longestChain else { continue }
      depth[slot] = length
      makers[slot] = (index, count)
    }
  }

  /// The steps of a loop over `count` indices, with those added whose results it reads and can compute,
  /// in order.
  func extended(_ members: [Int], _ count: Int, sources: (_ step: Int) -> [Int]) -> [Int] {
    var found = Set(members)
    var open = members
    while let index = open.popLast() {
      for slot in sources(index) {
        guard let maker = makers[slot], maker.count == count else { continue }
        if found.insert(maker.step).inserted { open.append(maker.step) }
      }
    }
    return found.sorted()
  }
}

/// The one operand of `step` that has an element for each of its `count` indices, if the others are
/// spread.
private func onlyArray(of step: Plan.Step, _ count: Int, _ views: PlanViews) -> Int? {
  var arrays = Set<Int>()
  for (operand, aval) in zip(step.run.operands, step.ins) {
    let view = views.view(operand)
    guard view.spread == nil, aval.size == count, case .slot(let slot) = view.root else { continue }
    arrays.insert(slot)
  }
  return arrays.count == 1 ? arrays.first : nil
}

extension Elementwise {
  /// Whether computing it costs less than reading its result.
  fileprivate var isCheap: Bool {
    switch self {
    case .unary(.neg), .unary(.square), .integerPow(2), .integerPow(3), .binary(.add),
      .binary(.addAny), .binary(.sub), .binary(.mul):
      true
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .clamp, .compare, .select,
      .convert, .bitcast:
      false
    }
  }
}
