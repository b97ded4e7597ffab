// What users of Swift Testing call: `checkGradient(f, at: [x])` and look at the report.
//
// No tolerance to choose. The seed is fresh for each call and stands in the report's facts; pass it
// back to repeat the very same check.

public import Catalogue
public import Core

/// Whether the derivative of `f` at `inputs` is right, forwards and backwards.
///
/// Formula against differences and dual numbers in double-double, then the laws that hold in the
/// program's own precision: adjoint identity, linearity, staging.
public func checkGradient(
  _ f: @escaping ([Tensor]) throws -> [Tensor], at inputs: [Tensor],
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try userReport("gradient", f, inputs, seed) { check in
    try check.forward() + check.reverse()
  }
}

/// As `checkGradient` of a function of one result.
public func checkGradient(
  _ f: @escaping ([Tensor]) throws -> Tensor, at inputs: [Tensor],
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try checkGradient({ [try f($0)] }, at: inputs, seed: seed)
}

/// As `checkGradient` of a function of one operand.
public func checkGradient(
  _ f: @escaping (Tensor) throws -> Tensor, at x: Tensor,
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try checkGradient({ [try f($0[0])] }, at: [x], seed: seed)
}

/// Whether the forward derivative of `f` at `inputs` is right.
public func checkJVP(
  _ f: @escaping ([Tensor]) throws -> [Tensor], at inputs: [Tensor],
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try userReport("jvp", f, inputs, seed) { try $0.forward() }
}

/// As `checkJVP` of a function of one operand.
public func checkJVP(
  _ f: @escaping (Tensor) throws -> Tensor, at x: Tensor,
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try checkJVP({ [try f($0[0])] }, at: [x], seed: seed)
}

/// Whether the reverse derivative of `f` at `inputs` is right.
public func checkVJP(
  _ f: @escaping ([Tensor]) throws -> [Tensor], at inputs: [Tensor],
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try userReport("vjp", f, inputs, seed) { try $0.reverse() }
}

/// As `checkVJP` of a function of one operand.
public func checkVJP(
  _ f: @escaping (Tensor) throws -> Tensor, at x: Tensor,
  seed: UInt64 = SeededGenerator.freshSeed()
) throws -> Report {
  try checkVJP({ [try f($0[0])] }, at: [x], seed: seed)
}

private func userReport(
  _ title: String, _ f: @escaping ([Tensor]) throws -> [Tensor], _ inputs: [Tensor],
  _ seed: UInt64, _ findings: (GradientCheck) throws -> [Finding]
) throws -> Report {
  let subject = "f(\(inputs.map { "\($0.aval)" }.joined(separator: ", ")))"
  let check = try GradientCheck(
    DerivativeProgram(f, at: inputs), subject: subject, family: "user", seed: seed)
  return Report(
    title: "check of the \(title)", facts: ["seed": "\(seed)"], findings: try findings(check))
}
