// Faults that a comparison of runs must see: deliberate changes of the training program.

import Core
import Optim
import Random
import Tree

/// A change of a run against the original's.
public struct TrainingChange: Sendable {
  /// Adam's second decay rate.
  package var b2 = 0.999
  /// What every update is multiplied by.
  package var factor = 1.0
  /// Whether each batch draws with another key than its own.
  package var shiftsMasks = false

  /// No change.
  public static let none = TrainingChange()

  func key(_ key: Key) throws -> Key { shiftsMasks ? try key.foldIn(1) : key }
}

/// An optimiser whose updates are too large by a factor.
struct Scaled<Inner: GradientTransformation>: GradientTransformation {
  let inner: Inner
  let factor: Double

  func initialise(_ parameters: Updates) throws -> Inner.State { try inner.initialise(parameters) }

  func update(
    _ updates: Updates, _ state: inout Inner.State, _ parameters: Updates?
  ) throws -> Updates {
    let found = try inner.update(updates, &state, parameters)
    return factor == 1 ? found : try found.map { try $0 * factor }
  }
}
