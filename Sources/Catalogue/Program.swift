// A program that both sides of a comparison know: found by name and parameters, never by the file
// that a fixture came from.

public import Core

/// A function of tensors with a name, as fixtures and the command line refer to it.
public struct Program: Sendable {
  /// The name in the tables of docs/Fixtures.md.
  public let name: String
  /// The parameters as canonical JSON: sorted keys, no spaces.
  public let parameters: String
  /// Operands in, results out.
  public let function: @Sendable ([Tensor]) throws -> [Tensor]

  /// A program under a name.
  public init(
    name: String, parameters: String = "{}",
    function: @escaping @Sendable ([Tensor]) throws -> [Tensor]
  ) {
    self.name = name
    self.parameters = parameters
    self.function = function
  }
}

/// A program with a way to draw operands at which it is smooth.
public struct Sample: Sendable {
  /// What the derivative is there, and so which checks have something to say.
  public enum Derivative: String, Sendable {
    /// The limit of differences: the formula check applies.
    case smooth
    /// 0 everywhere in the domain: a formula check compares zeros.
    case zero
    /// Held by convention to something else than the limit (`stop_gradient`).
    case convention
    /// No tangent space among operands or results.
    case none
  }

  /// What is run.
  public let program: Program
  /// Which family the reports count it under: `unary`, `binary`, `structural`, `reduction`,
  /// `contraction`, `program`, ….
  public let family: String
  /// The type and the domain of each operand.
  public let operands: [Operand]
  /// What the derivative is in that domain.
  public let derivative: Derivative

  /// A program and its operands.
  public init(
    program: Program, family: String, operands: [Operand], derivative: Derivative = .smooth
  ) {
    self.program = program
    self.family = family
    self.operands = operands
    self.derivative = derivative
  }

  /// `name(f32[2,3], …)`: how reports name it.
  public var label: String {
    "\(program.name)(\(operands.map { "\($0.aval)" }.joined(separator: ", ")))"
  }

  /// Whether the formula check applies.
  public var isDifferentiable: Bool { derivative == .smooth }
}

/// The type of an operand and where its values may lie.
public struct Operand: Sendable {
  /// dtype and shape.
  public let aval: ShapedArray
  /// The closed interval that values are drawn from.
  public let domain: ClosedRange<Double>
  /// Whether neighbours keep apart: one value from each of `size` equal parts of the domain, in
  /// random order, so that no two tie.
  public let isDistinct: Bool

  /// Values of type `aval` in `domain`.
  public init(
    _ aval: ShapedArray, in domain: ClosedRange<Double> = -2...2, isDistinct: Bool = false
  ) {
    self.aval = aval
    self.domain = domain
    self.isDistinct = isDistinct
  }
}
