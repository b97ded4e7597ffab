// No update from gradients that are not finite, unless they never end.

public import Core
public import Tree

/// `inner` while gradients are finite; else zeros and the state as it was, at most so many times in
/// a row.
public struct ApplyIfFinite<Inner: GradientTransformation>: ObjectiveTransformation {
  let inner: Inner
  let maxConsecutiveErrors: Int

  /// What was seen, and the inner state.
  public struct State: PyTree {
    /// i32[]: gradients in a row that were not finite.
    public var notfiniteCount = Tensor(0, .i32)
    /// bool[]: whether the last was finite.
    public var lastFinite: Tensor
    /// i32[]: gradients that were not finite.
    public var totalNotfinite = Tensor(0, .i32)
    /// The inner state.
    public var innerState: Inner.State

    /// Shows notfinite_count, last_finite, total_notfinite, inner_state.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("notfinite_count", &notfiniteCount)
      visitor.field("last_finite", &lastFinite)
      visitor.field("total_notfinite", &totalNotfinite)
      visitor.field("inner_state", &innerState)
    }
  }

  /// Nothing seen.
  public func initialise(_ parameters: Updates) throws -> State {
    State(lastFinite: try ones([], .bool), innerState: try inner.initialise(parameters))
  }

  /// The inner update, or zeros (rule OX-08).
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    let isFinite = try areFinite(updates)
    let zero = Tensor(constant: 0, .i32)
    let inARow = try `where`(isFinite, zero, incremented(state.notfiniteCount))
    let limit = Tensor(constant: DoubleDouble(Double(maxConsecutiveErrors)), .i32)
    let old = state.innerState
    let results = try cond(
      logicalOr(isFinite, greater(inARow, limit)), Tuple(updates, old),
      then: { operands in
        var (updates, state) = operands.elements
        updates = try inner.update(updates, &state, parameters, objective)
        return Tuple(updates, state)
      },
      else: { operands in
        let (updates, state) = operands.elements
        return Tuple(try updates.zeros(), state)
      })
    let (own, innerState) = results.elements
    state = State(
      notfiniteCount: inARow, lastFinite: isFinite,
      totalNotfinite: try `where`(
        isFinite, state.totalNotfinite, incremented(state.totalNotfinite)),
      innerState: innerState)
    return own
  }
}

/// bool[]: whether no element is infinite or NaN.
func areFinite(_ updates: Updates) throws -> Tensor {
  try updates.values.compactMap { $0 }.filter { $0.dtype.isInexact }
    .reduce(ones([], .bool)) { try logicalAnd($0, reduceAnd(isFinite($1))) }
}

/// `inner` while gradients are finite; else no update, at most `maxConsecutiveErrors` times in a row.
public func applyIfFinite<Inner: GradientTransformation>(
  _ inner: Inner, maxConsecutiveErrors: Int
) -> ApplyIfFinite<Inner> {
  ApplyIfFinite(inner: inner, maxConsecutiveErrors: maxConsecutiveErrors)
}
