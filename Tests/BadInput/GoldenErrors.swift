// Bad input to the golden reader: each fault is one line that names the file and the place, and a
// program that Swift does not know fails the run.

import Core
import Foundation
import HDF5Storage
import Oracle
import TestSupport
import Testing

private let source = "primitives.h5"
private let sine = "/sin/random/2x3"
private let backends = [AuditedBackend(ReferenceBackend(), model: .reference)]

/// The line that verifying an edited copy throws, or `nil`.
private func line(_ change: (inout FixtureEdit) -> Void) throws -> String? {
  try withTemporaryFolder { folder in
    var edit = FixtureEdit(casePath: sine)
    change(&edit)
    let copy = "\(folder)/copy.h5"
    try copyFixture(fixturePath(source), to: copy, edit)
    do {
      _ = try GoldenVerifier(files: [copy], backends: backends).run()
      return nil
    } catch {
      return "\(error)".replacing(folder + "/", with: "")
    }
  }
}

/// The line for a copy of the whole file after `damage` to its bytes.
private func lineOfDamaged(_ damage: (inout Data) -> Void) throws -> String? {
  try withTemporaryFolder { folder in
    var bytes = try Data(contentsOf: URL(filePath: fixturePath(source)))
    damage(&bytes)
    try bytes.write(to: URL(filePath: "\(folder)/copy.h5"))
    do {
      _ = try GoldenVerifier(files: ["\(folder)/copy.h5"], backends: backends).run()
      return nil
    } catch {
      return "\(error)".replacing(folder + "/", with: "")
    }
  }
}

@Suite struct GoldenErrors {
  @Test func `an unchanged copy is read`() throws {
    #expect(try line { _ in } == nil)
  }

  @Test func `a schema from the future says to update`() throws {
    let line = try line { $0.attribute = { $1 == "schema" ? .int(2) : $2 } }
    #expect(line == "copy.h5: has schema 2, newer than the 1 that this build reads; update it")
  }

  @Test func `a schema that never was is refused`() throws {
    let line = try line { $0.attribute = { $1 == "schema" ? .int(0) : $2 } }
    #expect(line == "copy.h5: has schema 0; this build reads 1")
  }

  @Test(arguments: ["schema", "family"])
  func `a missing attribute of the file is named`(name: String) throws {
    let line = try line { $0.attribute = { $1 == name ? nil : $2 } }
    #expect(line == "copy.h5: /: has no attribute '\(name)'")
  }

  @Test(arguments: ["params", "points", "rules"])
  func `a missing attribute of a case is named`(name: String) throws {
    let line = try line { $0.attribute = { $1 == name ? nil : $2 } }
    #expect(line == "copy.h5: \(sine): has no attribute '\(name)'")
  }

  @Test func `a missing group of results is named`() throws {
    let line = try line { $0.dataset = { $0.contains("/out/f64/") ? nil : $1 } }
    #expect(line == "copy.h5: \(sine)/out/f64: no such group")
  }

  @Test func `a missing dataset is named`() throws {
    let line = try line { $0.dataset = { $0.hasSuffix("out/f64/vjp0") ? nil : $1 } }
    #expect(line == "copy.h5: \(sine)/out/f64/vjp0: no such dataset")
  }

  @Test func `a dataset of another type than it says is named`() throws {
    let line = try line {
      $0.dataset = {
        guard $0.hasSuffix("in/f32/x0"), case .f32(let values) = $1.elements else { return $1 }
        return StoredArray(shape: $1.shape, elements: .f64(values.map(Double.init)))
      }
    }
    #expect(
      line == "copy.h5: \(sine)/in/f32/x0: is stored as f64, but its attribute 'dtype' is 'f32'")
  }

  @Test func `a result of another shape is named`() throws {
    let line = try line {
      $0.dataset = {
        guard $0.hasSuffix("out/f32/value") else { return $1 }
        return StoredArray(shape: [3, 2], elements: $1.elements)
      }
    }
    #expect(
      line == "copy.h5: \(sine)/out/f32/value: is f32[3,2], the program gives f32[2,3]")
  }

  @Test func `tangents without a cotangent are refused`() throws {
    let line = try line { $0.dataset = { $0.hasSuffix("in/f32/ct") ? nil : $1 } }
    #expect(line == "copy.h5: \(sine)/in/f32: has tangents without a cotangent, or the reverse")
  }

  @Test func `a truncated file says so`() throws {
    let line = try lineOfDamaged { $0 = $0.prefix($0.count / 2) }
    #expect(line == "copy.h5: is truncated (shorter than its header says)")
  }

  @Test func `a foreign file says so`() throws {
    let line = try lineOfDamaged { $0 = Data("PK\u{3}\u{4} and so on".utf8) }
    #expect(line == "copy.h5: is not an HDF5 file (it has no HDF5 signature)")
  }

  @Test func `a missing file says so`() throws {
    let error = #expect(throws: StorageError.self) {
      try GoldenVerifier(files: ["/nowhere/fixture.h5"], backends: backends).run()
    }
    #expect(error.map { "\($0)" } == "/nowhere/fixture.h5: no such file")
  }

  @Test func `an unknown program fails the run and is named`() throws {
    try withTemporaryFolder { folder in
      var edit = FixtureEdit(casePath: sine)
      edit.attribute = { $1 == "program" ? .string("sine") : $2 }
      try copyFixture(fixturePath(source), to: "\(folder)/copy.h5", edit)
      let report = try GoldenVerifier(files: ["\(folder)/copy.h5"], backends: backends).run()
      #expect(report.exitCode == 1)
      #expect(report.failures.count == 2)
      #expect(report.failures.allSatisfy { $0.detail.contains("program 'sine': no program") })
    }
  }

  @Test func `a file that is not the manifest's says how to regenerate`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try files.copyItem(
        atPath: fixturePath("MANIFEST.json"), toPath: "\(folder)/MANIFEST.json")
      try copyFixture(
        fixturePath(source), to: "\(folder)/\(source)", FixtureEdit(casePath: sine))
      let error = #expect(throws: GoldenError.self) {
        try GoldenVerifier(files: ["\(folder)/\(source)"], backends: backends).run()
      }
      let line = error.map { "\($0)" } ?? ""
      #expect(line.hasPrefix("\(folder)/\(source): does not match MANIFEST.json"))
      #expect(line.hasSuffix("regenerate both with `make golden`"))
      try copyFixture(fixturePath(source), to: "\(folder)/own.h5", FixtureEdit(casePath: sine))
      #expect(throws: GoldenError.self) {
        try GoldenVerifier(files: ["\(folder)/own.h5"], backends: backends).run()
      }
    }
  }

  @Test func `a manifest that is none says how to regenerate`() throws {
    try withTemporaryFolder { folder in
      try Data("{}".utf8).write(to: URL(filePath: "\(folder)/MANIFEST.json"))
      let error = #expect(throws: GoldenError.self) { try GoldenManifest.read(in: folder) }
      #expect(error?.message == "is not a manifest; regenerate it with `make golden`")
    }
  }
}
