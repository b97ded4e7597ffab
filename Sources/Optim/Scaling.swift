// Updates times a number, and updates that become zero.

import Core
public import Tree

/// u ← s · u.
public struct Scale: StatelessTransformation {
  let stepSize: Hyperparameter

  /// s · u.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    try updates.map { try stepSize * $0 }
  }
}

/// u ← s · u.
public func scale(_ stepSize: Hyperparameter) -> Scale { Scale(stepSize: stepSize) }

/// u ← s(k) · u for the update number k, from 0.
public func scaleBySchedule(_ stepSizeFn: Schedule) -> ScaleByLearningRate {
  scaleByLearningRate(.schedule(stepSizeFn), flipSign: false)
}

/// u ← sign u.
public struct ScaleBySign: StatelessTransformation {
  /// −1, 0 or 1.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    try updates.map(sign)
  }
}

/// u ← sign u.
public func scaleBySign() -> ScaleBySign { ScaleBySign() }

/// u ← 0, whatever u is.
public struct SetToZero: StatelessTransformation {
  /// Zeros.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    try updates.zeros()
  }
}

/// u ← 0: the parameters stay.
public func setToZero() -> SetToZero { SetToZero() }

/// Each NaN of u becomes 0; infinities stay.
public struct ZeroNans: GradientTransformation {
  /// Where there were some.
  public struct State: PyTree {
    /// bool[] for each leaf: whether the last update had a NaN there.
    public var foundNan: Updates

    /// Shows one Bool per leaf.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("found_nan", &foundNan)
    }
  }

  /// None found.
  public func initialise(_ parameters: Updates) throws -> State {
    State(foundNan: try parameters.map { _ in try zeros([], .bool) })
  }

  /// Updates without NaN.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?
  ) throws -> Updates {
    state.foundNan = try updates.map { try reduceOr(isNaN($0)) }
    return try updates.map { try `where`(isNaN($0), zeros(like: $0), $0) }
  }
}

/// Each NaN of u becomes 0.
public func zeroNans() -> ZeroNans { ZeroNans() }

/// NaN alone differs from itself.
private func isNaN(_ x: Tensor) throws -> Tensor { try notEqual(x, x) }
