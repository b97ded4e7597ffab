// A number that depends on how many updates there were.

public import Core

/// A hyperparameter as a function of the number of updates so far.
public struct Schedule: Sendable {
  private let value: @Sendable (Tensor) throws -> Tensor

  /// The schedule with this value: of a whole-number scalar, a floating-point scalar.
  public init(_ value: @escaping @Sendable (_ count: Tensor) throws -> Tensor) {
    self.value = value
  }

  /// The value for the update number `count`, from 0 (rule OX-02).
  public func callAsFunction(_ count: Tensor) throws -> Tensor { try value(count) }
}
