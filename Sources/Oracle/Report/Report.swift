// What a run of checks found, as values: the text, the JSON and the exit code are views of it.
//
// Every finding says what was observed, where, what was allowed, and what the check would have
// detected. A finding that compared nothing is vacuous, and a report of nothing else exits with 3.

public import Foundation

/// How one check of one subject ended.
public enum Verdict: String, Sendable, Codable {
  /// Within the derived bound.
  case pass
  /// Outside the derived bound.
  case fail
  /// Not differentiable here: differences cannot decide, the goldens' convention does.
  case kink
  /// At the edge of the domain: one-sided differences only.
  case edge
  /// Nothing was compared.
  case vacuous
}

/// One check of one subject.
public struct Finding: Sendable, Codable {
  /// What was checked: a program, a primitive, a fixture case.
  public let subject: String
  /// Which family tables count it under.
  public let family: String
  /// Which law: `formula`, `rounding`, `adjoint`, `local error`, ….
  public let check: String
  /// How it ended.
  public let verdict: Verdict
  /// The worst that was observed.
  public let observed: Double
  /// What the derivation allows there.
  public let allowed: Double
  /// The unit of both: `relative`, `ulp`, `u`.
  public let unit: String
  /// The smallest relative fault that this check would have seen.
  public let detects: Double?
  /// How many numbers were compared.
  public let compared: Int
  /// Where the worst stands, and what was there.
  public let detail: String

  /// One check of one subject.
  public init(
    subject: String, family: String, check: String, verdict: Verdict, observed: Double,
    allowed: Double, unit: String, detects: Double? = nil, compared: Int, detail: String = ""
  ) {
    self.subject = subject
    self.family = family
    self.check = check
    self.verdict = compared == 0 && verdict == .pass ? .vacuous : verdict
    self.observed = observed
    self.allowed = allowed
    self.unit = unit
    self.detects = detects
    self.compared = compared
    self.detail = detail
  }
}

/// The findings of one run.
public struct Report: Sendable, Codable {
  /// The version of the JSON form.
  public let schema: Int
  /// What was run.
  public let title: String
  /// Versions, seed, backends, overrides.
  public var facts: [String: String]
  /// In the order in which they were made.
  public var findings: [Finding]

  /// A report under a title.
  public init(title: String, facts: [String: String] = [:], findings: [Finding] = []) {
    schema = 1
    self.title = title
    self.facts = facts
    self.findings = findings
  }

  /// Those outside their bounds.
  public var failures: [Finding] { findings.filter { $0.verdict == .fail } }

  /// Whether nothing at all was compared.
  public var isVacuous: Bool { findings.allSatisfy { $0.verdict == .vacuous } }

  /// 0 all good, 1 findings, 3 nothing was tested.
  public var exitCode: Int32 {
    if isVacuous { return 3 }
    return findings.contains { $0.verdict == .fail || $0.verdict == .vacuous } ? 1 : 0
  }

  /// The report as JSON with sorted keys; numbers that JSON cannot hold are the strings
  /// `inf`, `-inf`, `nan`.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self)
  }
}
