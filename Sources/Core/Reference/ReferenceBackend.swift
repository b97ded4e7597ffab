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
    let out = try typingRule(primitive, inputs.map(\.aval))[0]
    let dtypes = inputs.map(\.aval.dtype) + [out.dtype]
    let result =
      dtypes.contains(.f64)
      ? try run(primitive, inputs, out.dtype, as: Double.self)
      : try run(primitive, inputs, out.dtype, as: Float.self)
    return [result]
  }

  private func run<S: Scalar>(
    _ p: Primitive, _ inputs: [Buffer], _ dtype: DType, as scalar: S.Type
  ) throws -> Buffer {
    try ReferenceInterpreter<S>.evaluate(p, inputs.map { ReferenceValue($0) }).buffer(dtype)
  }
}
