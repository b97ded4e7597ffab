// Golden: every fixture that the real JAX wrote, on every backend, each number judged by the truth.

import Core
import Foundation
import HDF5Storage
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

/// A backend as a test argument.
struct BackendArgument: Sendable, CustomTestStringConvertible {
  let audited: AuditedBackend

  var testDescription: String { audited.model.name }

  static let all = [
    BackendArgument(audited: AuditedBackend(ReferenceBackend(), model: .reference)),
    BackendArgument(audited: AuditedBackend(OpenBLASBackend(), model: .openBLAS)),
  ]
}

/// Fixtures that tests of their own read: tables, and families beside the language.
private let readElsewhere: Set = [
  "batchnorm.h5", "filters.h5", "nn.h5", "numbers.h5", "random.h5", "stateful.h5",
  "trajectory.h5", "trees.h5",
]

/// The fixtures whose programs are the catalogue's.
private let families: [String] = {
  guard let manifest = try? GoldenManifest.read(in: fixturePath("")) else { return [] }
  return manifest.files.keys.filter { !readElsewhere.contains($0) }.sorted()
}()

/// One value of a dataset, off by a part in 10³ of f32 or in 10⁹ of f64: above what a small network's
/// roundings may add up to, far below what a plot would show.
private func nudged(_ array: StoredArray, at index: Int) -> StoredArray {
  switch array.elements {
  case .f32(var values):
    values[index] *= 1.001
    return StoredArray(shape: array.shape, elements: .f32(values))
  case .f64(var values):
    values[index] *= 1 + 1e-9
    return StoredArray(shape: array.shape, elements: .f64(values))
  case .i32, .u32, .i64, .u8, .bool: return array
  }
}

@Suite struct GoldenTests {
  @Test(arguments: families, BackendArgument.all)
  func `goldens and results lie in the enclosures of the truth`(
    family: String, backend: BackendArgument
  ) throws {
    let verifier = GoldenVerifier(files: [fixturePath(family)], backends: [backend.audited])
    let report = try verifier.run()
    expect(report)
    // Convention may decide what analysis cannot, but never a whole family.
    // Rounding is all that reduce_precision does: where it is decided it is exact.
    let isExact = family == "precision.h5"
    #expect(report.findings.contains { ($0.allowed > 0 || isExact) && $0.compared > 0 })
  }

  @Test func `every fixture is read`() throws {
    let folder = fixturePath("")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".h5") }
    let manifest = try #require(try GoldenManifest.read(in: folder))
    #expect(Set(files) == Set(manifest.files.keys))
    #expect(families.count > 10 && readElsewhere.isSubset(of: files))
    for file in files {
      _ = try manifest.check(fixturePath(file))
      let golden = try GoldenFile(fixturePath(file))
      #expect(golden.cases.count + golden.ownLayouts == manifest.files[file]?.cases)
    }
  }

  @Test func `every table is the one that the manifest lists`() throws {
    let folder = fixturePath("")
    let manifest = try #require(try GoldenManifest.read(in: folder))
    let own = ["MANIFEST.json", "jaxprs"]
    let tables = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      let name = path.split(separator: "/")[0]
      return path.contains(".") && !path.hasSuffix(".h5") && !own.contains(String(name))
    }
    #expect(!tables.isEmpty)
    #expect(Set(tables) == Set(manifest.tables?.keys.map(\.self) ?? []))
    for table in tables {
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: fixturePath(table))))
      #expect(SHA256.hexDigest(bytes) == manifest.tables?[table], "\(table)")
    }
  }

  @Test(arguments: [
    ("programs.h5", "/mlp/small", "out/f32/value", 0, "[]"),
    ("programs.h5", "/mlp/small", "out/f64/vjp0", 5, "[1,1]"),
    ("primitives.h5", "/sin/random/2x3", "out/f32/jvp", 4, "[1,1]"),
    ("primitives.h5", "/sin/random/2x3", "out/f64/value", 2, "[0,2]"),
    ("cumulative.h5", "/sort/random/payload", "out/f32/jvp2", 4, "[0,4]"),
    ("cumulative.h5", "/split/random/first", "out/f64/vjp0", 3, "[1,1]"),
    ("cumulative.h5", "/cumprod/random/first", "out/f32/vjp0", 4, "[2,0]"),
  ])
  func `one changed value fails under its dataset and index`(
    file: String, casePath: String, dataset: String, position: Int, index: String
  ) throws {
    try withTemporaryFolder { folder in
      let (same, changed) = ("\(folder)/same.h5", "\(folder)/changed.h5")
      var edit = FixtureEdit(casePath: casePath)
      try copyFixture(fixturePath(file), to: same, edit)
      edit.dataset = { path, array in
        path == "\(casePath)/\(dataset)" ? nudged(array, at: position) : array
      }
      try copyFixture(fixturePath(file), to: changed, edit)
      let backends = [BackendArgument.all[0].audited]
      expect(try GoldenVerifier(files: [same], backends: backends).run())
      let failures = try GoldenVerifier(files: [changed], backends: backends).run().failures
      #expect(failures.count == 1)
      #expect(failures.first?.check == "golden jax")
      let place = "changed.h5:\(casePath)/\(dataset)\(index): golden "
      #expect(failures.first?.detail.hasPrefix(place) == true, "\(failures)")
    }
  }

  @Test func `a wrong rule fails against every golden that uses it`() throws {
    let fault = RuleFault(.jvp, of: "sin", relative: DoubleDouble(1e-4))
    let golden = try GoldenFile(fixturePath("primitives.h5"))
    #expect(golden.cases.contains { $0.program == "sin" })
    let report = try withTemporaryFolder { folder in
      let copy = "\(folder)/sin.h5"
      try copyFixture(
        fixturePath("primitives.h5"), to: copy, FixtureEdit(casePath: "/sin/random/2x3"))
      return try withFault(fault) {
        try GoldenVerifier(files: [copy], backends: [BackendArgument.all[0].audited]).run()
      }
    }
    // The wrong program's own truth is wrong with it: the golden is what disagrees.
    #expect(report.failures.map(\.check) == ["golden jax", "golden jax"])
  }

  @Test func `the listing names each family and its cases`() throws {
    let lines = try GoldenVerifier.listing(files: families.map(fixturePath))
    #expect(lines.count == families.count)
    #expect(zip(lines, families).allSatisfy { $0.contains(": \($1.dropLast(3)), ") })
  }
}

@Suite struct SHA256Tests {
  /// FIPS 180-4's examples (NIST, Cryptographic Standards and Guidelines: SHA256.pdf) and the
  /// lengths around a block.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `digests are the standard's`(message: String, digest: String) {
    #expect(SHA256.hexDigest(Array(message.utf8)) == digest)
  }

  @Test func `a million times the letter a`() {
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(SHA256.hexDigest([UInt8](repeating: 0x61, count: 1_000_000)) == digest)
  }
}
