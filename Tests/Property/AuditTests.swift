// The audit on backends that are wrong on purpose: the equation at fault is named, however much
// later equations amplify its error, and what the audit says it would see it does see.

import Catalogue
import Core
import Oracle
import Testing

@Suite struct AuditTests {
  private let seed: UInt64 = 17

  private var mlp: Sample {
    get throws { try #require(Catalogue.samples(matching: "mlp", .f32).first) }
  }

  private func localError(_ backend: any Backend) throws -> Finding {
    let reference = AuditedBackend(ReferenceBackend(), model: .reference)
    let audited = AuditedBackend(backend, model: .openBLAS)
    let findings = try audit(mlp, a: reference, b: audited, seed: seed)
    return try #require(findings.first { $0.check == "local error openblas" })
  }

  @Test func theReferencePassesItsOwnAudit() throws {
    let finding = try localError(ReferenceBackend())
    #expect(finding.verdict == .pass)
    #expect(finding.compared > 0)
  }

  @Test(arguments: ["dot_general", "tanh", "reduce_sum", "exp", "add"])
  func theFirstDivergingEquationIsTheOneAtFault(name: String) throws {
    let finding = try localError(FaultyBackend(name, .scaled(1 + 1e-4)))
    #expect(finding.verdict == .fail)
    #expect(finding.detail.contains("first diverging equation"))
    #expect(finding.detail.contains(" \(name) f32"))
  }

  @Test func aMovementThatChangesOneBitIsSeen() throws {
    let finding = try localError(FaultyBackend("broadcast_in_dim", .nudged))
    #expect(finding.verdict == .fail)
    #expect(finding.detail.contains(" broadcast_in_dim f32"))
  }

  @Test func swappedOperandsOfASubtractionAreSeen() throws {
    #expect(try localError(FaultyBackend("sub", .scaled(-1))).verdict == .fail)
  }

  @Test func aNaNIsSeen() throws {
    #expect(try localError(FaultyBackend("exp", .scaled(.nan))).verdict == .fail)
  }

  @Test func aFaultAsLargeAsTheThresholdIsSeenAndOneFarBelowIsNot() throws {
    let operands = [Tensor([0.3, -1.7, 2.2, 0.9]), Tensor([1.5, 0.25, -0.75, 1.25])]
    let jaxpr = try makeJaxpr { [try $0[0] * $0[1]] }(operands.map(\.aval))
    let inputs = try operands.map { try $0.buffer }
    func audited(_ factor: Double) throws -> EquationAudit {
      try auditEquations(
        jaxpr, inputs, on: FaultyBackend("mul", .scaled(factor)), model: .reference)[0]
    }
    let honest = try audited(1)
    #expect(honest.violation == nil)
    #expect(honest.detects < 0x1p-22)
    // Twice the threshold survives the rounding of the faulty product itself.
    #expect(try audited(1 + 2 * honest.detects).violation != nil)
    #expect(try audited(1 - 2 * honest.detects).violation != nil)
    #expect(try audited(1 + honest.detects / 64).violation == nil)
  }

  @Test func driftBeyondBothModelsFails() throws {
    let reference = AuditedBackend(ReferenceBackend(), model: .reference)
    let wrong = AuditedBackend(FaultyBackend("dot_general", .scaled(1.01)), model: .openBLAS)
    let findings = try audit(mlp, a: reference, b: wrong, seed: seed)
    #expect(findings.contains { $0.check == "drift of value" && $0.verdict == .fail })
    #expect(findings.contains { $0.check == "drift of gradient" && $0.verdict == .fail })
  }
}

/// The reference with one wrong kernel.
private struct FaultyBackend: Backend {
  /// What is wrong with its results.
  enum Fault {
    case scaled(Double)
    /// The first element is the next number.
    case nudged
  }

  let name = "faulty"
  private let primitiveName: String
  private let fault: Fault

  init(_ primitiveName: String, _ fault: Fault) {
    (self.primitiveName, self.fault) = (primitiveName, fault)
  }

  func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer] {
    let honest = try ReferenceBackend().evaluate(primitive, inputs)
    guard primitive.name == primitiveName else { return honest }
    return honest.map { Buffer(shape: $0.shape, wrong($0.storage)) }
  }

  private func wrong(_ storage: Storage) -> Storage {
    switch (storage, fault) {
    case (.f32(let x), .scaled(let factor)): .f32(x.map { Float(Double($0) * factor) })
    case (.f64(let x), .scaled(let factor)): .f64(x.map { $0 * factor })
    case (.f32(let x), .nudged): .f32(x.enumerated().map { $0 == 0 ? $1.nextUp : $1 })
    case (.f64(let x), .nudged): .f64(x.enumerated().map { $0 == 0 ? $1.nextUp : $1 })
    case (.i32, _), (.u32, _), (.bool, _): storage
    }
  }
}

@Suite struct AuditTableTests {
  private func finding(
    _ subject: String, _ family: String, _ check: String, _ verdict: Verdict,
    observed: Double = 0.4, allowed: Double = 0.5, detects: Double? = nil
  ) -> Finding {
    Finding(
      subject: subject, family: family, check: check, verdict: verdict, observed: observed,
      allowed: allowed, unit: "ulp", detects: detects, compared: 3, detail: "the detail")
  }

  private func row(_ text: String, _ name: String) throws -> [String] {
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
    return line.split(separator: " ").map(String.init)
  }

  @Test func aRowHoldsTheWorstOfItsFamilyAndAProgramHasItsOwn() throws {
    let report = Report(
      title: "audit",
      findings: [
        finding("sin(f32[3])", "unary", "local error reference", .pass, observed: 0.1),
        finding("cos(f32[3])", "unary", "local error reference", .pass, observed: 0.3),
        finding("cos(f32[3])", "unary", "vjp = differences", .pass, detects: 2e-23),
        finding("sin(f32[3])", "unary", "jvp = differences", .pass, detects: 3e-22),
        finding("mlp(f64[3])", "program", "local error openblas", .fail, observed: 9),
      ])
    let text = AuditTable(report).text
    let unary = try row(text, "unary f32")
    #expect(unary.contains("0.30/0.50"))
    #expect(unary.contains("3.0e-22"))
    #expect(unary.last == "PASS")
    let mlp = try row(text, "mlp f64")
    #expect(mlp.contains("9.00/0.50"))
    #expect(mlp.last == "FAIL")
    #expect(text.contains("FAIL mlp(f64[3]): local error openblas"))
    #expect(text.contains("the detail"))
    #expect(text.hasSuffix("5 checks of 15 numbers, 1 outside their derived bounds"))
    #expect(report.exitCode == 1)
  }
}
