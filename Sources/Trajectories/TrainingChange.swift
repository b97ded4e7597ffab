// Faults that a comparison of runs must see: deliberate changes of the training program.

import Core
import Optim
import Random

/// A change of a run against the original's.
public struct TrainingChange: Sendable {
  /// Adam's second decay rate.
  package var b2 = 0.999
  /// What every update is multiplied by.
  package var factor = 1.0
  /// What every gradient is multiplied by, before it is clipped.
  package var gradient = 1.0
  /// What b₁ is multiplied by where Adam corrects the bias of the first moment.
  package var correction = 1.0
  /// What the results of dropout are multiplied by.
  package var dropout = 1.0
  /// Whether Adam's ε stands under the root.
  package var putsEpsilonInside = false
  /// Whether AdamW's decay is part of the gradient.
  package var couplesDecay = false
  /// Whether each batch draws with another key than its own.
  package var shiftsMasks = false

  /// No change.
  public static let none = TrainingChange()

  func key(_ key: Key) throws -> Key { shiftsMasks ? try key.foldIn(1) : key }

  /// Whether the optimiser is more than its rule after the clipping.
  var wrapsOptimiser: Bool { gradient != 1 || factor != 1 || correction != 1 }

  /// (1 − b₁ᵗ) / (1 − (c b₁)ᵗ): what a factor c of b₁ makes of the corrected moment.
  var miscorrection: Schedule {
    Schedule { [correction] count in
      let t = try count.asType(.f32) + 1
      return try (1 - pow(Tensor(0.9), t)) / (1 - pow(Tensor(0.9 * correction), t))
    }
  }
}
