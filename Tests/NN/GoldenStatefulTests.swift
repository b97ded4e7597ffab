// batchnorm.h5 and stateful.h5: what the real Equinox computes, each number judged by the truth.

import Catalogue
import Core
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

/// A backend and its errors as a test argument.
struct StatefulBackend: Sendable, CustomTestStringConvertible {
  let audited: AuditedBackend

  var testDescription: String { audited.model.name }

  static let all = [
    StatefulBackend(audited: AuditedBackend(ReferenceBackend(), model: .reference)),
    StatefulBackend(audited: AuditedBackend(OpenBLASBackend(), model: .openBLAS)),
  ]
}

@Suite struct GoldenStatefulTests {
  @Test(arguments: ["batchnorm.h5", "stateful.h5"], StatefulBackend.all)
  func `BN-01 to BN-16, DO-01 to DO-07 goldens and results lie in the enclosures of the truth`(
    file: String, backend: StatefulBackend
  ) throws {
    let report = try GoldenVerifier(files: [fixturePath(file)], backends: [backend.audited]).run()
    expect(report)
    #expect(report.findings.contains { $0.allowed > 0 && $0.compared > 0 })
  }
}
