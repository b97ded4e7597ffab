// nn.h5: every layer of the real Equinox. What a key gives must come out bit for bit where bits
// define it; values and derivatives are scored against the truth.

import Catalogue
import Core
import HDF5Storage
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

private let path = fixturePath("nn.h5")

/// A backend and its errors as a test argument.
struct LayerBackend: Sendable, CustomTestStringConvertible {
  let audited: AuditedBackend

  var testDescription: String { audited.model.name }

  static let all = [
    LayerBackend(audited: AuditedBackend(ReferenceBackend(), model: .reference)),
    LayerBackend(audited: AuditedBackend(OpenBLASBackend(), model: .openBLAS)),
  ]
}

@Suite struct GoldenLayerTests {
  @Test(arguments: LayerBackend.all)
  func `LA-01 to LA-13 goldens and results lie in the enclosures of the truth`(
    backend: LayerBackend
  ) throws {
    let report = try GoldenVerifier(files: [path], backends: [backend.audited]).run()
    expect(report)
    #expect(report.findings.contains { $0.allowed > 0 && $0.compared > 0 })
  }

  @Test(arguments: LayerBackend.all)
  func `LA-01 to LA-04 uniform weights equal Equinox's bit for bit`(backend: LayerBackend) throws {
    let file = try HDF5File.open(path)
    let cases = try GoldenFile(path).cases.filter {
      $0.program.hasSuffix("_init") && $0.program != "nn_embedding_init"
    }
    #expect(Set(cases.map(\.program)).count == 7)
    for golden in cases {
      let program = try Catalogue.program(named: golden.program, parameters: golden.parameters)
      let words = try file.array(at: "\(golden.path)/in/u32/x0")
      guard case .u32(let key) = words.elements else { throw LayerGoldenError() }
      let drawn = try withBackend(backend.audited.backend) {
        try program.function([Tensor(shape: [2], .u32(key))])
      }
      for (i, one) in drawn.enumerated() {
        let name = drawn.count == 1 ? "value" : "value\(i)"
        let expected = try file.array(at: "\(golden.path)/out/u32/\(name)")
        #expect(expected.shape == one.shape)
        let isEqual =
          switch (expected.elements, try one.storage) {
          case (.f32(let a), .f32(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
          case (.f64(let a), .f64(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
          case _: false
          }
        #expect(isEqual, "\(golden.path) \(name)")
      }
    }
  }
}

/// A key of another type than u32.
private struct LayerGoldenError: Error {}
