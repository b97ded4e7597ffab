// Which samples every audit and every check goes through.

public import Core

extension Catalogue {
  /// Samples whose operands that vary are of `dtype`: for floating point the primitives, the
  /// composite functions, the networks and the transformations; for whole numbers and truth values
  /// the primitives that take them, and what is drawn from keys.
  public static func samples(_ dtype: DType) -> [Sample] {
    let primitives = Primitive.representatives(dtype).flatMap { primitiveSamples($0, dtype) }
    switch dtype {
    case .f32, .f64:
      return primitives + programSamples(dtype) + transformSamples(dtype) + statelessSamples(dtype)
        + statefulSamples(dtype)
    case .i32, .u32, .bool: return primitives + randomSamples(dtype) + statelessSamples(dtype)
    }
  }

  /// The samples of the program `name`; all when it is a family's name.
  public static func samples(matching name: String, _ dtype: DType) -> [Sample] {
    samples(dtype).filter { $0.program.name == name || $0.family == name }
  }
}

extension Sample {
  /// The sample of a program of the tables.
  ///
  /// The names and parameters are this module's own, so that an unknown one is our mistake.
  init(
    _ name: String, _ parameters: String = "{}", family: String, _ operands: [Operand],
    _ derivative: Derivative = .smooth
  ) {
    do {
      self.init(
        program: try Catalogue.program(named: name, parameters: parameters), family: family,
        operands: operands, derivative: derivative)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension Catalogue {
  /// The names of all primitives that have samples.
  public static let primitiveNames: Set<String> = Set(
    DType.allCases.flatMap { Primitive.representatives($0).map(\.name) })
}
