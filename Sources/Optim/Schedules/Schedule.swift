// What a schedule is: a number for each step.
//
// A schedule is traced like any function, so that one program serves every step: it may ask nothing
// about the count but through operations of tensors. Python computes with the numbers of a schedule
// in double precision until they meet the count; so do these, and round them there.

public import Core

/// A hyperparameter as a function of the number of steps taken so far; the first step has count 0
/// (rule OX-02).
public struct Schedule: Sendable {
  private let value: @Sendable (_ count: Tensor, _ dtype: DType) throws -> Tensor

  /// A schedule that computes by itself: of an `i32` scalar, a floating-point scalar.
  public init(_ value: @escaping @Sendable (_ count: Tensor) throws -> Tensor) {
    self.init { count, dtype in try value(count).asType(dtype) }
  }

  /// A schedule that gives a scalar of `dtype` for a count, an `i32` scalar that may be traced.
  public init(_ value: @escaping @Sendable (_ count: Tensor, _ dtype: DType) throws -> Tensor) {
    self.value = value
  }

  /// The value after `count` steps, computed in `dtype`.
  ///
  /// `count: i32[]` → `[]`.
  /// - Throws: `TraceError.illTyped` for a count of another type or a dtype of whole numbers.
  public func callAsFunction(_ count: Tensor, dtype: DType = .f32) throws -> Tensor {
    guard count.aval == ShapedArray(.i32), dtype.isInexact else {
      throw TraceError.illTyped(
        "a schedule takes an i32 scalar and gives a floating-point number, got \(count.aval) for "
          + "a result of \(dtype.longName)")
    }
    return try value(count, dtype)
  }

  /// The value after `count` steps; a count beyond 2³¹ − 1 is that one, as those of optimisers are.
  public func callAsFunction(_ count: Int, dtype: DType = .f32) throws -> Tensor {
    try self(Tensor(shape: [], .i32([Int32(clamping: count)])), dtype: dtype)
  }
}

extension Schedule {
  /// This schedule computed in f32 whatever dtype is asked for, as Optax 0.2.8 computes most of them
  /// for f64 parameters (docs/Divergences.md, DV-62).
  public var inSinglePrecision: Schedule { Schedule { try self($0, dtype: .f32) } }
}

/// A schedule cannot have these numbers.
func refuse(_ message: String) -> OptimError { .badArgument(message) }
