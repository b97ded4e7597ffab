// The whole list of checks for a sample of the catalogue, and which of them it admits.

public import Catalogue
import Core

/// The checks that the command line and the tests run.
public enum Checks {
  /// Every check that applies to `sample`, at operands drawn from `seed`.
  public static func all(for sample: Sample, seed: UInt64) throws -> [Finding] {
    try formula(for: sample, seed: seed) + laws(for: sample, seed: seed)
  }

  /// Is the formula right: forwards and backwards, against differences and dual numbers. Nothing
  /// for samples without a derivative, or whose derivative is a convention.
  public static func formula(for sample: Sample, seed: UInt64) throws -> [Finding] {
    switch sample.derivative {
    case .none, .convention: return []
    case .smooth, .zero:
      return guarded(sample, "formula") {
        let check = try GradientCheck(
          DerivativeProgram(
            sample.program.function, at: sample.inputs(seed: seed).map { Tensor($0) }),
          subject: sample.label, family: sample.family, seed: seed)
        return try check.forward() + check.reverse()
      }
    }
  }

  /// The laws that hold in the program's own precision, whatever the formula.
  public static func laws(for sample: Sample, seed: UInt64) throws -> [Finding] {
    let inputs = sample.inputs(seed: seed).map { Tensor($0) }
    let function = sample.program.function
    var findings = guarded(sample, "staging") {
      [try StagingCheck(function, subject: sample.label, family: sample.family).finding(at: inputs)]
    }
    findings += guarded(sample, "vmap") {
      try VmapCheck(function, subject: sample.label, family: sample.family)
        .findings(
          draws: (0..<3).map { i in
            sample.inputs(seed: seed &+ i).map { Tensor($0) }
          })
    }
    guard sample.derivative != .none else { return findings }
    return findings
      + guarded(sample, "derivative") {
        let program = try DerivativeProgram(function, at: inputs)
        let check = try LinearityCheck(
          program, function, subject: sample.label, family: sample.family, seed: seed)
        let second = SecondOrderCheck(
          program, function, subject: sample.label, family: sample.family, seed: seed,
          isSmooth: sample.derivative != .convention)
        let leaves = LeafCheck(
          program, function, subject: sample.label, family: sample.family, seed: seed)
        return try check.findings() + second.findings() + [leaves.finding()]
      }
  }

  /// What `body` finds; what it throws is a finding too, so that one broken sample does not hide
  /// the rest.
  private static func guarded(
    _ sample: Sample, _ check: String, _ body: () throws -> [Finding]
  ) -> [Finding] {
    do {
      return try body()
    } catch {
      return [
        Finding(
          subject: sample.label, family: sample.family, check: check, verdict: .fail, observed: 0,
          allowed: 0, unit: "error", compared: 0, detail: "could not run: \(error)")
      ]
    }
  }
}
