// The specification as a backend: every value in its own dtype.

/// Runs each equation by the reference interpreter in the program's own precision.
public struct ReferenceBackend: Backend {
  /// `reference`.
  public let name = "reference"

  /// The reference backend.
  public init() {}

  /// The equation's numbers are the widest floating dtype that it reads or writes: a conversion
  /// from f64 to f32 is computed in f64 and rounded once at the end.
  public func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer] {
    if case .higherOrder(let op) = primitive { return try execute(op, inputs) }
    let outs = try typingRule(primitive, inputs.map(\.aval)).map(\.dtype)
    let dtypes = inputs.map(\.aval.dtype) + outs
    return dtypes.contains(.f64)
      ? try run(primitive, inputs, outs, as: Double.self)
      : try run(primitive, inputs, outs, as: Float.self)
  }

  private func run<S: Scalar>(
    _ p: Primitive, _ inputs: [Buffer], _ outs: [DType], as scalar: S.Type
  ) throws -> [Buffer] {
    let results = try ReferenceInterpreter<S>.evaluate(p, inputs.map { ReferenceValue($0) })
    return zip(results, outs).map { $0.buffer($1) }
  }
}
