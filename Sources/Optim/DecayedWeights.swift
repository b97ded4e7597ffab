// Weight decay as a step of its own: u + λ p.
//
// Decoupled from the gradient: Loshchilov & Hutter 2019, arXiv:1711.05101. Rule OX-04.

import Core
public import Tree

/// A count for a decay that follows a schedule, where Optax has it: below a mask if there is one.
public struct DecayState: PyTree {
  /// The count if nothing is masked.
  public var plain: ScheduleState?
  /// The count if something is.
  public var masked: ScheduleState?

  /// Shows the count, below `inner_state` for a mask.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    plain?.visitFields(visitor)
    if masked != nil { visitor.field("inner_state", &masked) }
  }
}

/// u ← u + λ p where the mask holds; nothing at all for the constant λ = 0.
public struct AddDecayedWeights: GradientTransformation {
  let weightDecay: LearningRate
  let mask: Mask?

  /// A count for a schedule.
  public func initialise(_ parameters: Updates) throws -> DecayState {
    let count = try weightDecay.start()
    return mask == nil
      ? DecayState(plain: count, masked: nil) : DecayState(plain: nil, masked: count)
  }

  /// u + λ p.
  public func update(
    _ updates: Updates, _ state: inout DecayState, _ parameters: Updates?
  ) throws -> Updates {
    let parameters = try required(parameters, for: updates, "addDecayedWeights")
    var count = state.plain ?? state.masked ?? ScheduleState(count: nil)
    let decay = try weightDecay.next(&count, updates.widest)
    state = DecayState(
      plain: state.plain.map { _ in count }, masked: state.masked.map { _ in count })
    if decay.known == 0 { return updates }
    let decayed = try updates.zip(parameters) { u, p in try u + decay * p }
    guard let mask else { return decayed }
    return decayed.where(try mask.holds(updates), else: updates)
  }
}

/// u ← u + λ p where the mask holds.
public func addDecayedWeights(
  _ weightDecay: LearningRate = 0, mask: Mask? = nil
) -> AddDecayedWeights {
  AddDecayedWeights(weightDecay: weightDecay, mask: mask)
}
