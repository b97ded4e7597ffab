// A transformation of some leaves: the others pass as they came.
//
// The inner transformation sees nil where the mask does not hold, so its state has nothing there.
// Corresponds to optax/transforms/_masking.py and _freezing.py.

public import Tree

/// `inner` where the mask holds.
public struct Masked<Inner: GradientTransformation>: ObjectiveTransformation {
  let inner: Inner
  let mask: Mask

  /// The state of the inner transformation.
  public struct State: PyTree {
    /// It.
    public var innerState: Inner.State

    /// Shows it.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("inner_state", &innerState)
    }
  }

  /// The inner state for the leaves where the mask holds.
  public func initialise(_ parameters: Updates) throws -> State {
    State(innerState: try inner.initialise(parameters.masked(mask.holds(parameters))))
  }

  /// The inner updates where the mask holds, else what came.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    let holds = try mask.holds(updates)
    let own = try inner.update(
      updates.masked(holds), &state.innerState, parameters?.where(updates).masked(holds),
      objective)
    return own.where(holds, else: updates)
  }
}

/// `inner` where the mask holds; other updates pass.
public func masked<Inner: GradientTransformation>(
  _ inner: Inner, mask: Mask
) -> Masked<Inner> {
  Masked(inner: inner, mask: mask)
}

/// No update where the mask holds; other updates pass.
public func freeze(_ mask: Mask) -> Masked<SetToZero> { masked(setToZero(), mask: mask) }
