// Weight decay as a step of its own: u + λ p.
//
// Decoupled from the gradient: Loshchilov & Hutter 2019, arXiv:1711.05101. Rule OX-04.

import Core
import Tree

/// u ← u + λ p where the mask holds; nothing at all for the constant λ = 0.
public struct AddDecayedWeights: GradientTransformation {
  let weightDecay: LearningRate
  let mask: Mask?

  /// A count for a schedule.
  public func initialise(_ parameters: Updates) throws -> ScheduleState {
    try weightDecay.start()
  }

  /// u + λ p.
  public func update(
    _ updates: Updates, _ state: inout ScheduleState, _ parameters: Updates?
  ) throws -> Updates {
    guard let parameters else { throw OptimError.needsParameters("addDecayedWeights") }
    let decay = try weightDecay.next(&state)
    if decay.known == 0 { return updates }
    let decayed = try updates.zip(parameters.where(updates)) { u, p in try u + decay * p }
    guard let mask else { return decayed }
    return decayed.where(try mask.values(updates), else: updates)
  }
}

/// u ← u + λ p where the mask holds.
public func addDecayedWeights(
  _ weightDecay: LearningRate = 0, mask: Mask? = nil
) -> AddDecayedWeights {
  AddDecayedWeights(weightDecay: weightDecay, mask: mask)
}
