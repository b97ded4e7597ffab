// A deliberate error in one rule, so that the checks can be checked.
//
// Active only inside `withFault`; the self-test plants one and asks which check sees it.

/// A factor 1 + relative on what one rule returns for one primitive.
public struct RuleFault: Sendable {
  /// Which table the fault is in.
  public enum Rule: Sendable, Hashable { case jvp, transpose }

  /// The table.
  public let rule: Rule
  /// The primitive, by its printed name.
  public let primitiveName: String
  /// The relative size of the error.
  public let relative: DoubleDouble

  /// A fault of this size in this rule of this primitive.
  public init(_ rule: Rule, of primitiveName: String, relative: DoubleDouble) {
    self.rule = rule
    self.primitiveName = primitiveName
    self.relative = relative
  }

  /// `result`, made wrong if this is the rule at fault.
  func applied(to result: Tensor?, rule: Rule, _ p: Primitive) throws -> Tensor? {
    guard let result, rule == self.rule, p.name == primitiveName else { return result }
    let factor = Tensor(constant: 1 + relative, result.dtype)
    return try Context.$fault.withValue(nil) { try bind1(.binary(.mul), [result, factor]) }
  }
}

/// Runs `body` with `fault` in the rules.
public func withFault<R>(_ fault: RuleFault?, _ body: () throws -> R) rethrows -> R {
  try Context.$fault.withValue(fault, operation: body)
}
